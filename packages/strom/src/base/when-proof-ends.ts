import type { Clock, Timer } from './clock.ts';
import { coarseTimerAt } from './coarse-timer.ts';
import type { Principal } from './principal.ts';

/**
 * Calls `listener` when a caller's proof of identity ends: within a second after it has expired, or
 * as soon as it is known to be taken back. It may be called more than once, and before this function
 * returns.
 *
 * @returns how to stop waiting; `undefined` for a proof without an end
 */
export function whenProofEnds(
  { expiresAtMs, revocation }: Principal,
  clock: Clock,
  listener: () => void,
): Timer | undefined {
  if (expiresAtMs === undefined && revocation === undefined) return undefined;
  const expiry =
    expiresAtMs === undefined ? undefined : coarseTimerAt(clock, expiresAtMs, listener);
  const stopListening = revocation?.listen(listener);
  return {
    cancel() {
      expiry?.cancel();
      stopListening?.();
    },
  };
}
