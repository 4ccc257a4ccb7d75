import { describe, expect, it } from 'vitest';
import { sqliteStore } from '../../src/stores/sqlite/sqlite-store.ts';
import { modernBody, modernHeaders } from '../harness/mcp-request.ts';
import { rpcCodeOf } from '../harness/raw-http.ts';
import { TAKES_TASKS, TaskCaller } from '../harness/task-caller.ts';
import { openTaskWorkshop } from '../harness/task-workshop.ts';
import { TemporaryFolder } from '../stores/support/temporary-folder.ts';
import '../faults/support/base-line.ts';

describe('I06: ids that only begin like that of a task', () => {
  it('are unknown, whatever a store makes of them', async () => {
    using folder = new TemporaryFolder();
    await using store = await sqliteStore({ file: folder.file });
    await using workshop = await openTaskWorkshop({ server: { store } });
    const caller = new TaskCaller(workshop);
    const known = await caller.start('fail');
    for (const tail of ['\u0000', '\u0000x', ' ', '%00', '\ufeff']) {
      const taskId = `${known}${tail}`;
      const encoded = `=?base64?${Buffer.from(taskId).toString('base64')}?=`;
      const answer = await workshop.send({
        headers: modernHeaders('tasks/get', encoded),
        body: modernBody('tasks/get', { taskId, _meta: TAKES_TASKS }),
      });
      expect(rpcCodeOf(answer)).toBe(-32602);
    }
    expect((await caller.get(known))['taskId']).toBe(known);
  });
});
