import type { Strom } from '../../../src/serve/strom.ts';

/** Of what may wait for a reader: more than by default, and less than what is said. */
export const LIMITS = { maxQueuedBytes: 3_000_000, maxQueuedLogBytes: 2_000_000 } as const;
export const SAID = 6000;
const WORDS = 'x'.repeat(1000);

/**
 * Two tools that say much in one turn of the event loop.
 *
 * @param said - told after that
 */
export function addFlood(strom: Strom, said: () => void = () => undefined): void {
  strom.tool('report', { description: 'Reports without waiting' }, (_, ctx) => {
    for (let step = 1; step <= SAID; step += 1) void ctx.progress(step, SAID, WORDS);
    said();
    return 'reported';
  });
  strom.tool('log', { description: 'Logs without waiting' }, (_, ctx) => {
    for (let line = 1; line <= SAID; line += 1) void ctx.info(WORDS);
    said();
    return 'logged';
  });
}
