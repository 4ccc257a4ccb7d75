import type { Clock } from '../base/clock.ts';
import { onAbort } from './on-abort.ts';

/**
 * Waits `delayMs`; rejects with the signal's reason as soon as it is aborted. No connection need be open
 * meanwhile, so this is what keeps the process of somebody who waits for a result.
 */
export async function pause(delayMs: number, clock: Clock, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  let timer = { cancel: (): void => undefined };
  const elapsed = new Promise<void>((resolve) => {
    timer = clock.after(delayMs, resolve, true);
  });
  try {
    await orAborted(elapsed, signal);
  } finally {
    timer.cancel();
  }
}

/** Settles like `work`, or rejects with the signal's reason as soon as it is aborted. */
export function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const loseInterest = onAbort(signal, () => reject(signal.reason));
    // Both ways are handled, so this chain never rejects.
    void work.then(resolve, reject).finally(loseInterest);
  });
}
