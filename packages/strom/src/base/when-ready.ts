/**
 * Goes on at once with what is there, and later with what is promised: where most values are there,
 * awaiting them all would cost every call a handful of promises and turns of the microtask queue.
 */
export function whenReady<Value, Next>(
  value: Value | Promise<Value>,
  next: (value: Value) => Next | Promise<Next>,
): Next | Promise<Next> {
  return value instanceof Promise ? value.then(next) : next(value);
}
