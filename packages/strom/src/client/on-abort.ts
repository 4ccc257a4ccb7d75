const listening = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Runs `act` once when the signal is aborted, at once if it already is.
 *
 * However many calls share a signal, it gets one listener: hosts warn of a leak when one signal
 * ends a dozen calls.
 *
 * @returns how to lose interest
 */
export function onAbort(signal: AbortSignal, act: () => void): () => void {
  if (signal.aborted) {
    act();
    return () => undefined;
  }
  let acts = listening.get(signal);
  if (acts === undefined) {
    acts = new Set();
    listening.set(signal, acts);
    const shared = acts;
    signal.addEventListener('abort', () => runAll(shared), { once: true });
  }
  acts.add(act);
  return () => acts.delete(act);
}

function runAll(acts: ReadonlySet<() => void>): void {
  for (const act of acts) act();
}
