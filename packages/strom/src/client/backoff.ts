const BASE_DELAY_MS = 500;
const MAX_DELAY_MS = 30_000;
/** Even a server that asks for no pause at all gets one, so that nobody spins. */
const LEAST_DELAY_MS = 50;

/**
 * How long to wait before attempt `attempt` (0 is the first): doubling, bounded, and spread over
 * half its length, so that clients cut off together do not return together.
 *
 * @param askedMs - what the server asked for; never undercut, and on the first attempt hardly
 * exceeded
 */
export function backoffMs(attempt: number, askedMs?: number): number {
  const ceilingMs = Math.min(MAX_DELAY_MS, BASE_DELAY_MS * 2 ** Math.min(attempt, 16));
  if (askedMs === undefined) return ceilingMs * (0.5 + Math.random() / 2);
  const spreadMs = attempt === 0 ? askedMs / 10 : ceilingMs;
  return Math.max(LEAST_DELAY_MS, askedMs) + spreadMs * Math.random();
}
