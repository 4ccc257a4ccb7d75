import { describe, expect, it } from 'vitest';
import { MIGRATIONS, migrate } from '../../src/stores/sqlite/schema.ts';
import { sqliteStore } from '../../src/stores/sqlite/sqlite-store.ts';
import { outcomeOf } from '../../src/tasks/task-end.ts';
import { recordingDriver } from './support/recording-driver.ts';
import { claimed } from './support/tasks.ts';
import { TemporaryFolder } from './support/temporary-folder.ts';

/** A file of the first schema, which had the end of a task as one text. */
function writeOldFile(
  file: string,
  ends: readonly (readonly [phase: number, end: string])[],
): void {
  const database = recordingDriver(() => undefined).open(file);
  migrate(database, MIGRATIONS.slice(0, 1));
  for (const [index, [phase, end]] of ends.entries()) {
    const id = index + 1;
    database.prepare('INSERT INTO call (name, fence, is_held) VALUES (?, 1, 0)').run(`task ${id}`);
    database
      .prepare(`INSERT INTO task (id, owner, kind, phase, attempt, is_cancel_requested, created_at,
        updated_at) VALUES (?, 'owner', 'kind', ?, 1, 0, 0, 0)`)
      .run(id, phase);
    database
      .prepare('INSERT INTO task_text (id, request, ending) VALUES (?, ?, ?)')
      .run(id, '{}', end);
  }
  database.close();
}

describe('the ends of tasks in a file', () => {
  it('are read from a file of the first schema', async () => {
    using folder = new TemporaryFolder();
    writeOldFile(folder.file, [
      [1, '{"result":{"content":[{"type":"text","text":"}"}]}}'],
      [2, '{"error":{"code":-32603,"message":"broken"}}'],
      [3, '{}'],
    ]);
    await using store = await sqliteStore({ file: folder.file });
    const outcomes = [1, 2, 3].map(async (id) => outcomeOf(await store.get(`task ${id}`)));
    expect(await Promise.all(outcomes)).toMatchObject([
      { kind: 'result', result: { content: [{ type: 'text', text: '}' }] } },
      { kind: 'error', error: { code: -32603, message: 'broken' } },
      { kind: 'error', error: { code: 'ERR_CANCELLED' } },
    ]);
  });

  it('are read once for all who want a large one at the same time', async () => {
    using folder = new TemporaryFolder();
    await using store = await sqliteStore({ file: folder.file });
    const ids = ['one', 'two'];
    for (const id of ids) {
      const end = { phase: 'completed', end: [`"${id} `, '"'] } as const;
      await store.finish(id, await claimed(store, id), end, []);
    }
    const read = async (id = '') => (await store.get(id))?.end;
    const [first, again, other] = await Promise.all([read('one'), read('one'), read('two')]);
    expect(again).toBe(first);
    expect([first, other]).toEqual([
      ['"one ', '"'],
      ['"two ', '"'],
    ]);
  });
});
