import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ConnectOptions } from '../../src/client/client-options.ts';
import { connect } from '../../src/client/connect.ts';
import type { TaskHandle } from '../../src/client/task-handle.ts';
import { sqliteStore } from '../../src/stores/sqlite/sqlite-store.ts';
import { openTaskWorkshop } from '../harness/task-workshop.ts';

const answering: ConnectOptions = {
  handlers: { elicit: () => ({ action: 'accept', content: { name: 'Ada' } }) },
};

const text = (value: string) => ({ content: [{ type: 'text', text: value }] });

/** Follows a task until it says something. */
async function heard(task: TaskHandle): Promise<string> {
  for await (const { message } of task.events()) if (message !== undefined) return message;
  throw new Error('the task said nothing');
}

describe.each(['http', 'local'] as const)('a call that becomes a task, %s', (way) => {
  const open = async (options: ConnectOptions = {}) => {
    const server = await openTaskWorkshop();
    const client = await connect(way === 'http' ? server.url : server.strom, options);
    return {
      server,
      client,
      async [Symbol.asyncDispose]() {
        await client.close();
        await server[Symbol.asyncDispose]();
      },
    };
  };

  it('gives its result, its words as progress and its handle', async () => {
    await using at = await open();
    const messages: unknown[] = [];
    const tasks: TaskHandle[] = [];
    const result = await at.client.call(
      'steps',
      {},
      {
        onProgress({ message }) {
          messages.push(message);
          at.server.release();
        },
        onTask: (task) => tasks.push(task),
      },
    );
    expect(result).toMatchObject(text('all steps'));
    expect(messages).toEqual([
      expect.stringContaining('step 1'),
      expect.stringContaining('step 2'),
    ]);
    expect(tasks).toEqual([expect.objectContaining({ id: expect.any(String), tool: 'steps' })]);
  });

  it('is a stream of events that ends with the result', async () => {
    await using at = await open(answering);
    const kinds: string[] = [];
    for await (const event of at.client.stream('ask')) kinds.push(event.kind);
    expect(kinds[0]).toBe('task');
    expect(kinds).toContain('question');
    expect(kinds.at(-1)).toBe('result');
  });

  it('has its questions answered by the handlers', async () => {
    await using at = await open(answering);
    expect(await at.client.call('ask')).toMatchObject(text('{"age":7,"name":"Ada"}'));
  });

  it('fails as the call would have', async () => {
    await using at = await open();
    expect(await at.client.call('fail')).toMatchObject({
      ...text('the disk is full'),
      isError: true,
    });
    await expect(at.client.call('refuse')).rejects.toMatchObject({ code: -32_050 });
  });

  it('is cancelled with its signal, also when the client closes at once', async () => {
    await using at = await open();
    const controller = new AbortController();
    const { signal } = controller;
    const call = at.client.call('hang', {}, { signal, onProgress: () => controller.abort() });
    await expect(call).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
    await at.client.close();
    await at.server.stopped;
  });

  it('is cancelled when the loop over its events is left', async () => {
    await using at = await open();
    for await (const { kind } of at.client.stream('hang')) if (kind === 'progress') break;
    await at.server.stopped;
  });

  it('keeps the figures it had as a stream', async () => {
    await using at = await open();
    const updates: unknown[] = [];
    await at.client.call(
      'late',
      {},
      {
        onProgress: (update) => updates.push(update),
        onTask() {
          at.server.release();
          at.server.release();
        },
      },
    );
    expect(updates[0]).toMatchObject({ progress: 1, total: 2, message: 'step 1' });
    expect(updates.at(-1)).toMatchObject({ total: 2 });
  });

  it('is not there for a client that takes none', async () => {
    await using at = await open({ tasks: false });
    at.server.release();
    at.server.release();
    let hasTask = false;
    const call = at.client.call('steps', {}, { onTask: () => (hasTask = true) });
    expect(await call).toMatchObject(text('all steps'));
    expect(hasTask).toBe(false);
  });
});

describe('a handle of a task', () => {
  it('tells each new state and waits for the result, for several at once', async () => {
    await using server = await openTaskWorkshop();
    await using client = await connect(server.url);
    const task = await client.task('steps');
    const messages: unknown[] = [];
    const waiting = task.wait();
    for await (const { message, status } of task.events()) {
      if (status === 'working' && message !== undefined) {
        messages.push(message);
        server.release();
      }
    }
    expect(await waiting).toMatchObject(text('all steps'));
    expect(messages).toHaveLength(2);
    expect(await task.status()).toMatchObject({ status: 'completed', result: text('all steps') });
    await task.cancel();
  });

  it('leaves the task alone when a wait ends', async () => {
    await using server = await openTaskWorkshop();
    await using client = await connect(server.url);
    const task = await client.task('steps');
    const wait = task.wait({ totalTimeoutMs: 20 });
    await expect(wait).rejects.toMatchObject({ code: 'ERR_TOTAL_TIMEOUT' });
    const signal = AbortSignal.abort();
    await expect(task.wait({ signal })).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
    server.release();
    server.release();
    expect(await task.wait()).toMatchObject(text('all steps'));
  });

  it('is resumed by another client from its JSON, or from its id alone', async () => {
    await using server = await openTaskWorkshop();
    const first = await connect(server.url);
    const task = await first.task('steps');
    const saved = JSON.stringify(task);
    await first.close();
    server.release();
    server.release();
    await using second = await connect(server.url);
    const resumed = second.resumeTask(JSON.parse(saved));
    expect(resumed).toMatchObject({ id: task.id, tool: 'steps' });
    expect(await resumed.wait()).toMatchObject(text('all steps'));
    expect(await second.resumeTask(task.id ?? '').wait()).toMatchObject(text('all steps'));
  });

  it.each([undefined, '', {}, { id: 1 }, { id: 'x', answered: [1] }])(
    'is not made from %j',
    async (saved) => {
      await using server = await openTaskWorkshop();
      await using client = await connect(server.url);
      expect(() => client.resumeTask(saved as string)).toThrow(TypeError);
    },
  );

  it('cancels, and a wait tells', async () => {
    await using server = await openTaskWorkshop();
    await using client = await connect(server.url);
    const task = await client.task('hang');
    await heard(task);
    await task.cancel();
    await server.stopped;
    await expect(task.wait()).rejects.toMatchObject({ code: 'ERR_CANCELLED' });
  });

  it('is answered by hand where the handlers are left out', async () => {
    await using server = await openTaskWorkshop();
    await using client = await connect(server.url, answering);
    const task = await client.task('ask', {}, { questions: 'manual' });
    for await (const { status, questions } of task.events()) {
      if (status !== 'input_required') continue;
      expect(questions).toMatchObject([{ key: 'who', method: 'elicitation/create' }]);
      await task.answer({ who: { action: 'decline' } });
    }
    expect(await task.wait()).toMatchObject(text('decline'));
    expect(task.toJSON()).toMatchObject({ answered: ['who'] });
  });

  it('says so when there is no task', async () => {
    await using server = await openTaskWorkshop();
    for (const options of [{}, { era: 'session' }] as const) {
      await using client = await connect(server.url, options);
      const task = await client.task('plain');
      expect(task.id).toBeUndefined();
      expect(JSON.stringify({ task })).toBe('{}');
      expect(await task.status()).toMatchObject({ status: 'completed' });
      expect(await task.wait()).toMatchObject(text('at once'));
      await task.cancel();
      await expect(task.answer({})).rejects.toMatchObject({ code: 'ERR_UNKNOWN_TASK' });
    }
  });

  it('of a task that the server does not know is an error in everything it does', async () => {
    await using server = await openTaskWorkshop();
    await using client = await connect(server.url);
    const unknown = expect.objectContaining({ code: 'ERR_UNKNOWN_TASK' });
    const task = client.resumeTask('nothing-of-this-name');
    await expect(task.wait()).rejects.toEqual(unknown);
    await expect(task.status()).rejects.toEqual(unknown);
    await expect(task.cancel()).rejects.toEqual(unknown);
    await expect(task.answer({})).rejects.toEqual(unknown);
    await expect(task.wait()).rejects.toEqual(unknown);
  });
});

describe('a task whose server is replaced', () => {
  it('is followed to its end', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'strom-task-'));
    await using _removed = { [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
    await using store = await sqliteStore({ file: path.join(folder, 'store.db') });
    const server = { store, taskLeaseMs: 1_000 };
    const first = await openTaskWorkshop({ server });
    await using client = await connect(first.url);
    const task = await client.task('steps');
    const waiting = task.wait();
    expect(await heard(task)).toContain('step 1');
    const { port } = first;
    await first[Symbol.asyncDispose]();
    await using second = await openTaskWorkshop({ server, run: { port } });
    second.release();
    second.release();
    expect(await waiting).toMatchObject(text('all steps'));
    expect(second.begun()).toBe(1);
  });
});

describe('an idempotency key', () => {
  it('has a call join the one that runs', async () => {
    await using server = await openTaskWorkshop();
    await using client = await connect(server.url);
    const options = { idempotencyKey: 'monday' };
    const one = await client.task('steps', {}, options);
    const other = await client.task('steps', {}, options);
    expect(other.id).toBe(one.id);
    server.release();
    server.release();
    expect(await client.call('steps', {}, options)).toMatchObject(text('all steps'));
    expect(server.begun()).toBe(1);
  });

  it.each(['', 'x'.repeat(201), 7])('cannot be %j', async (key) => {
    await using server = await openTaskWorkshop();
    await using client = await connect(server.url);
    const call = client.call('steps', {}, { idempotencyKey: key as string });
    await expect(call).rejects.toThrow(TypeError);
  });
});
