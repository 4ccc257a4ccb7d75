import { describe, expect, it } from 'vitest';
import { sqliteStore } from '../../src/stores/sqlite/sqlite-store.ts';
import { TestProcess } from '../harness/child-process.ts';
import { allEvents, newTask, ROOM } from './support/tasks.ts';
import { TemporaryFolder } from './support/temporary-folder.ts';
import '../faults/support/base-line.ts';

const FIXTURE = '../stores/store-process-fixture.ts';

/** The ids a worker says it has claimed. */
async function claimsOf(worker: TestProcess): Promise<readonly string[]> {
  const claims: string[] = [];
  for (let line = await worker.line(); line !== undefined; line = await worker.line()) {
    claims.push((JSON.parse(line) as { claimed: string }).claimed);
  }
  return claims;
}

describe('F08: a store of two processes', () => {
  it('has each task claimed once, and loses nothing of it', async () => {
    using folder = new TemporaryFolder();
    await using store = await sqliteStore({ file: folder.file });
    const ids = Array.from({ length: 300 }, (_, index) => `task ${index}`);
    await using one = new TestProcess(FIXTURE, ['work', folder.file]);
    await using two = new TestProcess(FIXTURE, ['work', folder.file]);
    await Promise.all(ids.map((id) => store.create(newTask(id), ROOM)));
    await Promise.all([one.message(), two.message()]);
    for (const worker of [one, two]) worker.write('go\n');
    const claims = (await Promise.all([claimsOf(one), claimsOf(two)])).flat();
    expect(await Promise.all([one.exited, two.exited])).toEqual([0, 0]);

    expect(new Set(claims).size).toBe(claims.length);
    expect(claims.length).toBe(ids.length);
    for (const id of ids) {
      const task = await store.get(id);
      expect(task).toMatchObject({ phase: 'completed', attempt: 1, seq: 4 });
      const texts = (await allEvents(store, id)).map(({ text }) => text);
      expect(texts).toEqual([
        ...['a', 'b', 'c'].map((text) => `${[...(task?.end ?? [])].join('')} ${text}`),
        'end',
      ]);
    }
  }, 60_000);

  it('has its writers follow each other without a gap', async () => {
    using folder = new TemporaryFolder();
    await using store = await sqliteStore({ file: folder.file });
    const count = 500;
    const names = ['left', 'right'];
    const writers = names.map(
      (name) => new TestProcess(FIXTURE, ['send', folder.file, name, String(count)]),
    );
    await Promise.all(writers.map((writer) => writer.message()));
    const enough = AbortSignal.timeout(30_000);
    for (const name of names) {
      const texts: string[] = [];
      for await (const page of store.tail(name, 0, enough)) {
        texts.push(...page.map(({ text }) => text));
        if (texts.length >= count) break;
      }
      expect(texts).toEqual(Array.from({ length: count }, (_, index) => `event ${index + 1}`));
    }
    for (const writer of writers) {
      expect(await writer.exited).toBe(0);
      await writer[Symbol.asyncDispose]();
    }
  }, 60_000);

  it('is made once when both open it first', async () => {
    using folder = new TemporaryFolder();
    const stores = await Promise.all(
      Array.from({ length: 5 }, () => sqliteStore({ file: folder.file })),
    );
    const [first] = stores;
    await first?.create(newTask('task'), ROOM);
    for (const store of stores) {
      expect((await store.get('task'))?.id).toBe('task');
      await store.close();
    }
  });
});
