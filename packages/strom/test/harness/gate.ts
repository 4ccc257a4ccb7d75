export interface Gate<Value> {
  readonly promise: Promise<Value>;
  open(value: Value): void;
}

/** A promise that a test resolves. */
export function makeGate<Value = void>(): Gate<Value> {
  let open: (value: Value) => void = () => undefined;
  const promise = new Promise<Value>((resolve) => {
    open = resolve;
  });
  return { promise, open };
}
