/**
 * The work every contender does: the same tools, texts and loops, so that only the server differs.
 *
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { count } from './control.mjs';

/** How often a flood lets the event loop breathe, in notifications. */
const FLOOD_STRIDE = 1000;
const FLOOD_TEXT = 'x'.repeat(200);

/** Cheaper than its namesake in `node:timers/promises`, so that it hides less of the server. */
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

export const echoText = ({ text, times }) => `${text} ${times}`;

/**
 * Emits `total` notes: `burst` waits for none of them, `awaited` for each, `immediate` for a turn of
 * the event loop after each.
 */
export async function emitNotes({ total, pace }, emit) {
  for (let done = 1; done <= total; done += 1) {
    const sent = emit(done, total, `Processing document ${done}/${total}`);
    if (pace === 'awaited') await sent;
    else if (pace === 'immediate') await nextTurn();
  }
  return 'Processing complete!';
}

/** Emits one note every `everyMs`; each carries the moment it was emitted, in nanoseconds. */
export async function emitTicks({ total, everyMs }, emit) {
  for (let done = 1; done <= total; done += 1) {
    await sleep(everyMs);
    void emit(done, total, `t=${process.hrtime.bigint()}`);
  }
  return 'done';
}

/** Emits as fast as the loop allows and looks at nothing that comes back. */
export async function emitFlood({ total }, emit) {
  for (let done = 1; done <= total; done += 1) {
    void emit(done, total, FLOOD_TEXT);
    if (done % FLOOD_STRIDE === 0) {
      count('flooded', FLOOD_STRIDE);
      await nextTurn();
    }
  }
  return 'done';
}
