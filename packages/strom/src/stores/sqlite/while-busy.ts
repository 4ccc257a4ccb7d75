import { setTimeout as pause } from 'node:timers/promises';
import { isBusy, storeError } from './sqlite-error.ts';

const FIRST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 40;

/**
 * Does something as soon as no other connection is in the way. The pauses between the attempts grow
 * and are of random length, so that processes that meet do not meet again; they do not block.
 *
 * @throws {StromError} `ERR_STORE` when it fails, or was in vain for `maxMs`
 */
export async function whileBusy<T>(work: () => T, maxMs: number): Promise<T> {
  const endMs = performance.now() + maxMs;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || performance.now() >= endMs) throw storeError(error);
    }
    await pause(pauseMs * (0.5 + Math.random()));
  }
}
