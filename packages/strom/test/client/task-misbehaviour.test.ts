import { describe, expect, it } from 'vitest';
import type { ConnectOptions } from '../../src/client/client-options.ts';
import { connect } from '../../src/client/connect.ts';
import { answer, serveRaw, sessionPeer, statelessPeer } from './peers/raw-http.ts';
import { SESSION, STATELESS } from './peers/revisions.ts';
import {
  acknowledgement,
  COMPLETED,
  news,
  Refused,
  serveTask,
  TASK_ID,
  type TaskPeerOptions,
  task,
} from './peers/task-peer.ts';

const DONE = { content: [{ type: 'text', text: 'done' }] };

/** Calls a tool of a server that behaves like this. */
async function callOf(options: TaskPeerOptions, connecting: ConnectOptions = {}): Promise<unknown> {
  await using server = await serveTask(options);
  await using client = await connect(server.url, connecting);
  return await client.call('any');
}

const form = (message: string): object => ({
  method: 'elicitation/create',
  params: { message, requestedSchema: { type: 'object', properties: {} } },
});

describe('a server that gives tasks', () => {
  it.each([
    ['without an id', { taskId: undefined }],
    ['with an id that is no text', { taskId: 7 }],
  ])('%s is refused', async (_name, fields) => {
    const created = { resultType: 'task', ...task(fields) };
    await expect(callOf({ states: [task()], created })).rejects.toMatchObject({
      code: 'ERR_PROTOCOL',
    });
  });

  it.each([
    ['of another id', { taskId: 'another' }],
    ['of an unknown status', { status: 'sleeping' }],
    ['that are completed without a result', { status: 'completed' }],
    ['that failed without an error', { status: 'failed' }],
    ['that ask with something else than questions', { status: 'input_required' }],
  ])('%s ends the call with ERR_PROTOCOL and cancels the task', async (_name, fields) => {
    await using server = await serveTask({ states: [task(fields)] });
    const client = await connect(server.url);
    await expect(client.call('any')).rejects.toMatchObject({ code: 'ERR_PROTOCOL' });
    await client.close();
    expect(server.sent('tasks/cancel')).toEqual([expect.objectContaining({ taskId: TASK_ID })]);
  });

  it('that are over from the start is asked for their end', async () => {
    const created = { resultType: 'task', ...task({ status: 'completed' }) };
    expect(await callOf({ states: [task(COMPLETED)], created })).toMatchObject(DONE);
  });

  it('in answer to a list is refused', async () => {
    await using server = await serveRaw(
      statelessPeer(
        ({ message }, res) => answer(res, message.id, { resultType: 'task', ...task() }),
        STATELESS,
      ),
    );
    await using client = await connect(server.url);
    await expect(client.listTools()).rejects.toMatchObject({ code: 'ERR_PROTOCOL' });
    await expect(client.readResource('a:b')).rejects.toMatchObject({ code: 'ERR_PROTOCOL' });
  });

  it('to a client that takes none is refused', async () => {
    const call = callOf({ states: [task(COMPLETED)] }, { tasks: false });
    await expect(call).rejects.toMatchObject({ code: 'ERR_PROTOCOL' });
  });

  it('in a session is refused', async () => {
    await using server = await serveRaw(
      sessionPeer(
        ({ message }, res) => answer(res, message.id, { resultType: 'task', ...task() }),
        SESSION,
      ),
    );
    await using client = await connect(server.url);
    await expect(client.call('any')).rejects.toMatchObject({ code: 'ERR_PROTOCOL' });
  });

  it.each([404, 400, 200])('and has forgotten one says so with HTTP %i', async (status) => {
    const call = callOf({ states: [new Refused(status, -32602)] });
    await expect(call).rejects.toMatchObject({ code: 'ERR_UNKNOWN_TASK' });
  });

  it('and does not know how to be asked for them is an error', async () => {
    const call = callOf({ states: [new Refused(404, -32601)] });
    await expect(call).rejects.toMatchObject({ code: -32601 });
  });
});

describe('the questions of a task', () => {
  const accepting = (asked: string[]): ConnectOptions => ({
    handlers: {
      elicit({ message }) {
        asked.push(message);
        return { action: 'accept', content: { said: message } };
      },
    },
  });

  it('are asked once for each key, however often the server repeats them', async () => {
    const asked: string[] = [];
    const one = task({ status: 'input_required', inputRequests: { one: form('first') } });
    const both = task({
      status: 'input_required',
      inputRequests: { one: form('changed'), two: form('second') },
    });
    let updates = 0;
    await using server = await serveTask({
      states: [one, one, both, both, () => (updates < 2 ? both : task(COMPLETED))],
      onUpdate() {
        updates += 1;
        return {};
      },
    });
    await using client = await connect(server.url, accepting(asked));
    expect(await client.call('any')).toMatchObject(DONE);
    expect(asked).toEqual(['first', 'second']);
    expect(server.sent('tasks/update').map(({ inputResponses }) => inputResponses)).toEqual([
      { one: { action: 'accept', content: { said: 'first' } } },
      { two: { action: 'accept', content: { said: 'second' } } },
    ]);
  });

  it('are withdrawn from the handler when the task no longer asks', async () => {
    let reason: unknown;
    let hasAsked = false;
    const handlers = {
      elicit: (_form: unknown, { signal }: { signal: AbortSignal }) =>
        new Promise<never>(() => {
          hasAsked = true;
          signal.addEventListener('abort', () => {
            reason = signal.reason;
          });
        }),
    };
    const asks = task({ status: 'input_required', inputRequests: { one: form('first') } });
    const states = [asks, () => (hasAsked ? task() : asks), task(COMPLETED)];
    expect(await callOf({ states }, { handlers })).toMatchObject(DONE);
    expect(reason).toMatchObject({ code: 'ERR_CANCELLED' });
  });

  it('that nobody can answer end the call', async () => {
    const states = [task({ status: 'input_required', inputRequests: { one: form('first') } })];
    await expect(callOf({ states })).rejects.toMatchObject({ code: 'ERR_NO_HANDLER' });
  });

  it('are answered although the first delivery is lost', async () => {
    let updates = 0;
    const asks = task({ status: 'input_required', inputRequests: { one: form('first') } });
    const asked: string[] = [];
    await using server = await serveTask({
      states: [() => (updates < 2 ? asks : task(COMPLETED))],
      onUpdate() {
        updates += 1;
        return updates === 1 ? new Refused(503, -32603) : {};
      },
    });
    await using client = await connect(server.url, accepting(asked));
    expect(await client.call('any')).toMatchObject(DONE);
    expect(asked).toEqual(['first']);
  });
});

describe('a connection that breaks while a task is followed', () => {
  it('does not end the call', async () => {
    const states = [undefined, new Refused(503, -32603), undefined, task(COMPLETED)];
    expect(await callOf({ states })).toMatchObject(DONE);
  });

  it('ends it when its time is up', async () => {
    await using server = await serveTask({ states: [undefined] });
    await using client = await connect(server.url);
    const call = client.call('any', {}, { totalTimeoutMs: 700 });
    await expect(call).rejects.toMatchObject({ code: 'ERR_TOTAL_TIMEOUT' });
    expect(server.sent('tasks/get').length).toBeGreaterThan(0);
  });
});

describe('a stream that tells of a task', () => {
  it('ends the wait, and news of other tasks do not', async () => {
    const foreign = { ...COMPLETED, taskId: 'another', result: { content: [] } };
    await using server = await serveTask({
      states: [task({ pollIntervalMs: 60_000 })],
      onListen(res, id) {
        res.write(acknowledgement(id, [TASK_ID]));
        res.write(news(id, task(foreign)));
        res.write(news(id, task({ status: 'sleeping' })));
        res.write(news(id, task({ ...COMPLETED, pollIntervalMs: 60_000 })));
      },
    });
    await using client = await connect(server.url);
    expect(await client.call('any')).toMatchObject(DONE);
    expect(server.sent('subscriptions/listen')).toEqual([
      expect.objectContaining({ notifications: { taskIds: [TASK_ID] } }),
    ]);
  });

  it('may be declined or break, and the task is asked for', async () => {
    for (const isGranted of [false, true]) {
      const result = await callOf({
        states: [task(), task(), task(COMPLETED)],
        onListen(res, id) {
          res.write(acknowledgement(id, isGranted ? [TASK_ID] : []), () => {
            if (isGranted) res.destroy();
          });
        },
      });
      expect(result).toMatchObject(DONE);
    }
  });

  it('does not bring back a state that is older than the one known', async () => {
    const newer = task({ statusMessage: 'newer' }, Date.UTC(2030, 0, 3));
    const older = task({ statusMessage: 'older' }, Date.UTC(2030, 0, 2));
    const messages: unknown[] = [];
    await using server = await serveTask({ states: [newer, older, older, task(COMPLETED)] });
    await using client = await connect(server.url);
    await client.call('any', {}, { onProgress: ({ message }) => messages.push(message) });
    expect(messages).toEqual(['newer']);
  });
});

describe('many tasks at once', () => {
  it('are followed over a few streams, the others asked for, and left alone by a closed client', async () => {
    await using server = await serveTask({
      states: [task()],
      onListen: (res, id) => void res.write(acknowledgement(id, [TASK_ID])),
    });
    const client = await connect(server.url);
    const results = Promise.all(Array.from({ length: 8 }, () => client.call('any')));
    const isClosed = expect(results).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    await expect.poll(() => server.sent('tasks/get').length).toBeGreaterThan(16);
    await client.close();
    await isClosed;
    expect(server.sent('subscriptions/listen')).toHaveLength(4);
    expect(server.sent('tasks/cancel')).toEqual([]);
  });
});
