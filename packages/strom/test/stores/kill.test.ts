import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { loadDriver } from '../../src/stores/sqlite/driver.ts';
import { sqliteStore } from '../../src/stores/sqlite/sqlite-store.ts';
import { TestProcess } from '../harness/child-process.ts';
import { allEvents } from './support/tasks.ts';
import { TemporaryFolder } from './support/temporary-folder.ts';

const KILLS = 25;
/** By far more than it takes, for machines with other things to do. */
const REOPEN_LIMIT_MS = 1000;

/** Numbers from 0 to 1, the same for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Kills a writer after a while, and returns the last number it said is written. */
async function writeUntilKilled(file: string, call: string, afterMs: number): Promise<number> {
  await using writer = new TestProcess('../stores/store-process-fixture.ts', ['write', file, call]);
  expect(await writer.message()).toEqual({ isReady: true });
  await pause(afterMs);
  writer.child.kill('SIGKILL');
  await writer.exited;
  let acknowledged = 0;
  for (let line = await writer.line(); line !== undefined; line = await writer.line()) {
    // The last line may have been cut.
    if (line.endsWith('}'))
      acknowledged = (JSON.parse(line) as { acknowledged: number }).acknowledged;
  }
  return acknowledged;
}

function integrityOf(file: string): unknown {
  const database = loadDriver().open(file);
  try {
    return database.prepare('PRAGMA integrity_check').all();
  } finally {
    database.close();
  }
}

describe('a store whose writer is killed', () => {
  it.each([
    ['at fixed times', 20_261_123],
    ['at random times', randomInt(2 ** 31)],
  ])(
    `keeps what it said is written, ${KILLS} times %s, with the seed %i`,
    async (_, seed) => {
      using folder = new TemporaryFolder();
      const random = randomOf(seed);
      let slowestMs = 0;
      let events = 0;
      for (let kill = 1; kill <= KILLS; kill += 1) {
        const call = `call ${kill}`;
        const acknowledged = await writeUntilKilled(folder.file, call, random() * 120);
        const startMs = performance.now();
        await using store = await sqliteStore({ file: folder.file });
        const task = await store.get(call);
        slowestMs = Math.max(slowestMs, performance.now() - startMs);
        const written = await allEvents(store, call);
        expect(task?.seq).toBe(written.length);
        expect(written.length).toBeGreaterThanOrEqual(acknowledged);
        expect(written).toEqual(
          written.map((__, index) => ({ seq: index + 1, text: `event ${index + 1}` })),
        );
        events += written.length;
      }
      expect(integrityOf(folder.file)).toEqual([{ integrity_check: 'ok' }]);
      process.stderr.write(
        `${KILLS} kills: ${events} events, reopened in ${slowestMs.toFixed(1)} ms at most\n`,
      );
      expect(slowestMs).toBeLessThan(REOPEN_LIMIT_MS);
    },
    300_000,
  );
});
