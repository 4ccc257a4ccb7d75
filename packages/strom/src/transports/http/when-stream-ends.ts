import type { Clock, Timer } from '../../base/clock.ts';
import type { Principal } from '../../base/principal.ts';
import { whenProofEnds } from '../../base/when-proof-ends.ts';

interface Life {
  readonly clock: Clock;
  /** 0 for as long as the reader wants. */
  readonly maxStreamMs: number;
}

/**
 * Calls `listener` when a stream has to end: with its reader's proof of identity, and after its longest
 * life. It may be called more than once, and before this function returns.
 *
 * @returns how to stop waiting; `undefined` for a stream without an end
 */
export function whenStreamEnds(
  reader: Principal,
  { clock, maxStreamMs }: Life,
  listener: () => void,
): Timer | undefined {
  const proofEnd = whenProofEnds(reader, clock, listener);
  if (!(maxStreamMs > 0)) return proofEnd;
  const lifeEnd = clock.after(maxStreamMs, listener);
  return {
    cancel() {
      proofEnd?.cancel();
      lifeEnd.cancel();
    },
  };
}
