/** Starts a task, kills the server in the midst of it, and gets the result from another one. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { connect } from 'strom/client';

const folder = await mkdtemp(path.join(tmpdir(), 'strom-durable-'));

/** Servers of its own, on a store of their own: one of them is to be killed. */
async function startServer(): Promise<{ readonly server: ChildProcess; readonly url: string }> {
  const file = path.join(import.meta.dirname, 'server.ts');
  const server = spawn(process.execPath, ['--import', 'tsx', file], {
    env: { ...process.env, PORT: '0', STORE: path.join(folder, 'store.db') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  assert(server.stdout !== null);
  const [url] = (await once(createInterface(server.stdout), 'line')) as [string];
  return { server, url };
}

const first = await startServer();
const before = await connect(first.url);
const task = await before.task('year_report');
for await (const { message } of task.events()) {
  console.log(message);
  if (message?.startsWith('Month 3/')) break;
}
const saved = JSON.stringify(task);
await before.close();
first.server.kill('SIGKILL');
await once(first.server, 'exit');
console.log('the server was killed; the task is', saved);

const second = await startServer();
await using after = await connect(second.url);
const resumed = after.resumeTask(JSON.parse(saved));
assert.equal(resumed.id, task.id);
const result = await resumed.wait();
assert.deepEqual(result.content, [{ type: 'text', text: 'Sum: 7800, attempt 2' }]);
console.log('the next server has ended the same task');

second.server.kill('SIGTERM');
const [code] = (await once(second.server, 'exit')) as [number | null];
assert.equal(code, 0);
await rm(folder, { recursive: true });
