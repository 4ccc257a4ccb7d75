const BASE_DELAY_MS = 500;
const MAX_DELAY_MS = 30_000;

/**
 * How long to wait before attempt `attempt` (0 is the first): doubling, bounded, and spread over
 * half its length, so that clients cut off together do not return together.
 *
 * @param leastMs - what the server asked for; never undercut
 */
export function backoffMs(attempt: number, leastMs = 0): number {
  const ceiling = Math.min(MAX_DELAY_MS, BASE_DELAY_MS * 2 ** Math.min(attempt, 16));
  return leastMs + ceiling * (0.5 + Math.random() / 2);
}
