/**
 * The server is killed at random points of a folder job and started again on the same store, while
 * two clients watch. `DURABILITY_KILLS` says how often; `DURABILITY_SEED` repeats a run.
 *
 * @module
 */
import { randomInt } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connect } from '../../../src/client/connect.ts';
import type { TaskSnapshot } from '../../../src/client/task-snapshot.ts';
import { KilledServer } from './killed-server.ts';
import { titleOf, writeDocuments } from './many-documents.ts';
import { SeededRandom } from './random.ts';

const KILLS = Number(process.env['DURABILITY_KILLS'] ?? 6);
const DOCUMENTS = 120;
const SEED = Number(process.env['DURABILITY_SEED'] ?? randomInt(2 ** 31));
/** A crawling machine must not fail this; a fast one needs a tenth of it. */
const TIMEOUT_MS = 60_000 + KILLS * 15_000;

/** The numbers of the documents that messages tell of, in order, each once. */
function numbersIn(messages: readonly (string | undefined)[]): number[] {
  const numbers = messages.flatMap((message) => {
    const match = /^Processing document (\d+)\//.exec(message ?? '');
    return match === null ? [] : [Number(match[1])];
  });
  return numbers.filter((number, index) => number !== numbers[index - 1]);
}

function isAscending(numbers: readonly number[]): boolean {
  return numbers.every((number, index) => index === 0 || number > (numbers[index - 1] ?? 0));
}

async function documentsIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true });
  return entries.filter((name) => /\.\w+$/.test(name));
}

async function watch(snapshots: AsyncIterable<TaskSnapshot>): Promise<TaskSnapshot[]> {
  const seen: TaskSnapshot[] = [];
  for await (const snapshot of snapshots) seen.push(snapshot);
  return seen;
}

/**
 * Kills a server that runs, at one random point after another, so that some of the job is left for
 * each, and leaves it running.
 *
 * @returns at how many documents each of them came
 */
async function killAtRandom(server: KilledServer, random: SeededRandom): Promise<number[]> {
  const points: number[] = [];
  let started = Promise.resolve();
  for (let left = KILLS; left > 0; left -= 1) {
    const before = await server.written('one');
    const share = Math.floor((DOCUMENTS - before) / left);
    // While it starts, while it has hardly begun, or in the midst of a document.
    const moment = share < 3 ? 0 : random.below(10);
    const wanted = before + (moment < 4 ? 0 : random.below(share - 1));
    const delayMs = random.below(moment < 4 ? 150 : 25);
    if (moment > 1) {
      await started;
      await server.until(async () => (await server.written('one')) >= wanted);
    }
    const endMs = performance.now() + delayMs;
    await server.until(async () => {
      const isFar = (await server.written('one')) >= before + share;
      return isFar || performance.now() >= endMs;
    });
    await server.kill();
    await started.catch(nothing);
    points.push(await server.written('one'));
    started = server.start().then(nothing);
    started.catch(nothing);
  }
  await started;
  return points;
}

function nothing(): void {
  // Whether it listens, or was killed before.
}

describe('F02: a folder job whose server is killed again and again', () => {
  it(`converts every document, ${KILLS} times killed (seed ${SEED})`, {
    timeout: TIMEOUT_MS,
  }, async () => {
    await using server = await KilledServer.make();
    await writeDocuments(server.docs, DOCUMENTS);
    await server.start();
    await using client = await connect(server.url);
    const task = await client.task('convert_folder', { output: 'one' });
    const noted = await client.task('convert_with_ledger', { output: 'two' });
    const watched = watch(task.events());
    const heard = server.listen(String(task.id));
    const points = await killAtRandom(server, new SeededRandom(SEED));
    expect(points.at(-1)).toBeLessThan(DOCUMENTS);

    const result = await task.wait();
    const names = (await documentsIn(server.docs)).toSorted();
    expect(result.structuredContent).toMatchObject({
      total: DOCUMENTS,
      converted: DOCUMENTS,
      failed: 0,
      skipped: 0,
    });
    const { documents } = result.structuredContent as { documents: { path: string }[] };
    expect(documents.map(({ path }) => path).toSorted()).toEqual(names);
    for (const name of names) {
      const markdown = await readFile(join(server.output, 'one', `${name}.md`), 'utf8');
      expect(markdown).toContain(titleOf(Number(/(\d+)\.\w+$/.exec(name)?.[1])));
    }
    expect(await client.resumeTask(String(task.id)).status()).toMatchObject({
      status: 'completed',
    });

    expect((await noted.wait()).structuredContent).toEqual({
      converted: DOCUMENTS,
      total: DOCUMENTS,
    });
    const { effects, done } = server.ledger();
    expect(effects.map(({ path }) => path).toSorted()).toEqual(names);
    // Only what was in work when a process ended is done again, and under the same key.
    expect(new Set(done.map(({ key }) => key)).size).toBe(DOCUMENTS);
    expect(done.length).toBeLessThanOrEqual(DOCUMENTS + KILLS + 1);

    const states = await watched;
    expect(isAscending(numbersIn(states.map(({ message }) => message)))).toBe(true);
    expect(states.filter(({ status }) => status !== 'working')).toHaveLength(1);
    expect(states.at(-1)).toMatchObject({ status: 'completed', result });
    const raw = await heard;
    expect(isAscending(numbersIn(raw.map(({ statusMessage }) => statusMessage)))).toBe(true);
    expect(raw.at(-1)).toMatchObject({ taskId: task.id, status: 'completed' });
    const { structuredContent } = result;
    expect(raw.at(-1)?.result).toMatchObject({ structuredContent });

    const left = (await readdir(server.output, { recursive: true })) as string[];
    expect(left.filter((name) => name.endsWith('.tmp'))).toEqual([]);
    expect(await server.harm()).toEqual([]);
  });
});

describe('a folder job whose server is told to leave', { timeout: 120_000 }, () => {
  it('goes on with the document that was cut short', async () => {
    await using server = await KilledServer.make();
    await writeDocuments(server.docs, DOCUMENTS);
    await server.start();
    await using client = await connect(server.url);
    const task = await client.task('convert_folder', { output: 'one' });
    for (const share of [0.2, 0.4, 0.6]) {
      await server.until(async () => (await server.written('one')) > share * DOCUMENTS);
      expect(await server.leave()).toBe(0);
      await server.start();
    }
    const { structuredContent } = await task.wait();
    const counts = { total: DOCUMENTS, converted: DOCUMENTS, failed: 0, skipped: 0 };
    expect(structuredContent).toMatchObject(counts);
    expect(await server.harm()).toEqual([]);
  });
});
