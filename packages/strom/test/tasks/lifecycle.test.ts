import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ToolError } from '../../src/base/tool-error.ts';
import type { Strom } from '../../src/serve/strom.ts';
import type { Context } from '../../src/server/context.ts';
import { memoryStore } from '../../src/stores/memory/memory-store.ts';
import { makeGate } from '../harness/gate.ts';
import { startStrom } from '../harness/start-strom.ts';
import { TaskCaller } from '../harness/task-caller.ts';

const NO_TASKS = { meta: {} };

/** A tool that runs until its task is stopped. */
function addEndless(strom: Strom): string[] {
  const reasons: string[] = [];
  strom.tool('endless', { description: 'Runs on', task: 'optional' }, async (_, ctx) => {
    if (!ctx.signal.aborted) await once(ctx.signal, 'abort');
    reasons.push((ctx.signal.reason as { code: string }).code);
  });
  return reasons;
}

describe('a tool whose calls are tasks', () => {
  it('is answered with a handle, and its result is there when it is asked for', async () => {
    const gate = makeGate<string>();
    await using server = await startStrom((strom) => {
      strom.tool('slow', { description: 'Slow', task: 'optional' }, () => gate.promise);
    });
    const caller = new TaskCaller(server);
    const { result } = await caller.call('slow');
    expect(result).toMatchObject({ resultType: 'task', status: 'working', pollIntervalMs: 1000 });
    const id = String((result as { taskId: string }).taskId);
    expect(id).toMatch(/^[\w-]{32}$/);
    expect(await caller.get(id)).toMatchObject({ resultType: 'complete', status: 'working' });
    gate.open('done');
    expect(await caller.until(id, 'completed')).toMatchObject({
      taskId: id,
      ttlMs: 86_400_000,
      result: { content: [{ type: 'text', text: 'done' }] },
    });
  });

  it('is a plain call for a client that takes none', async () => {
    await using server = await startStrom((strom) => {
      strom.tool('t', { description: 'T', task: 'optional' }, () => 'plain');
    });
    expect(await new TaskCaller(server, NO_TASKS).call('t')).toMatchObject({
      result: { resultType: 'complete', content: [{ text: 'plain' }] },
    });
  });

  it('is refused to a client that takes none where it must be a task', async () => {
    await using server = await startStrom((strom) => {
      strom.tool('t', { description: 'T', task: 'required' }, () => 'never');
    });
    expect(await new TaskCaller(server, NO_TASKS).call('t')).toMatchObject({
      error: {
        code: -32021,
        data: { requiredCapabilities: { extensions: { 'io.modelcontextprotocol/tasks': {} } } },
      },
    });
  });

  it.each([
    ['a failure the tool tells', new ToolError('no'), 'completed'],
    ['a failure of the handler', new Error('secret'), 'failed'],
  ])('ends as it should after %s', async (_what, error, status) => {
    await using server = await startStrom((strom) => {
      strom.tool('t', { description: 'T', task: 'optional' }, () => {
        throw error;
      });
    });
    const caller = new TaskCaller(server);
    const task = await caller.until(await caller.start('t'), 'completed', 'failed');
    expect(task['status']).toBe(status);
    if (status === 'completed') expect(task['result']).toMatchObject({ isError: true });
    else expect(task['error']).toMatchObject({ code: -32603 });
    expect(JSON.stringify(task)).not.toContain('secret');
  });

  it('tells how far it is in its status message', async () => {
    const gate = makeGate<void>();
    await using server = await startStrom((strom) => {
      strom.tool('t', { description: 'T', task: 'optional' }, async (_, ctx) => {
        await ctx.progress(1, 3);
        await ctx.progress(2, 3, 'second of three');
        await gate.promise;
      });
    });
    const caller = new TaskCaller(server);
    const id = await caller.start('t');
    let task = await caller.get(id);
    while (task['statusMessage'] !== 'second of three') task = await caller.get(id);
    gate.open();
    await caller.until(id, 'completed');
  });

  it('waits for its turn when too many run', async () => {
    const gates = [makeGate<void>(), makeGate<void>()];
    const begun: number[] = [];
    await using server = await startStrom(
      (strom) => {
        const input = z.object({ at: z.number() });
        strom.tool('t', { description: 'T', input, task: 'optional' }, async ({ at }) => {
          begun.push(at);
          await gates[at]?.promise;
        });
      },
      { server: { maxRunningTasks: 1 } },
    );
    const caller = new TaskCaller(server);
    const first = await caller.start('t', { at: 0 });
    const second = await caller.start('t', { at: 1 });
    expect(begun).toEqual([0]);
    gates[0]?.open();
    await caller.until(first, 'completed');
    gates[1]?.open();
    await caller.until(second, 'completed');
    expect(begun).toEqual([0, 1]);
  });

  it('is refused to a caller that has too many open ones, and to nobody else', async () => {
    await using server = await startStrom(addEndless, { server: { maxTasksPerCaller: 1 } });
    const caller = new TaskCaller(server);
    const id = await caller.start('endless');
    expect(await caller.call('endless')).toMatchObject({ error: { code: -32603 } });
    await caller.ask('cancel', id);
    await caller.until(id, 'cancelled');
    expect(await caller.start('endless')).not.toBe('undefined');
  });
});

describe('cancelling a task', () => {
  it('stops the handler, is acknowledged every time, and changes no end', async () => {
    let reasons: string[] = [];
    await using server = await startStrom((strom) => {
      reasons = addEndless(strom);
    });
    const caller = new TaskCaller(server);
    const id = await caller.start('endless');
    for (let times = 0; times < 3; times += 1) {
      expect((await caller.ask('cancel', id))['result']).toMatchObject({ resultType: 'complete' });
      await caller.until(id, 'cancelled');
    }
    expect(reasons).toEqual(['ERR_CANCELLED']);
  });

  it('lets no step begin any more, and none be taken for recorded', async () => {
    const gate = makeGate();
    const seen: string[] = [];
    const ended = makeGate();
    await using server = await startStrom((strom) => {
      strom.tool('t', { description: 'T', task: 'optional' }, async (_, ctx) => {
        const step = (name: string, work: () => unknown): Promise<void> =>
          ctx.step(name, work).then(
            () => void seen.push(`${name} done`),
            ({ code }: { code: string }) => void seen.push(`${name} ${code}`),
          );
        await step('first', () => gate.promise);
        await step('second', () => seen.push('never'));
        ended.open();
      });
    });
    const caller = new TaskCaller(server);
    const id = await caller.start('t');
    await caller.ask('cancel', id);
    await caller.until(id, 'cancelled');
    gate.open();
    await ended.promise;
    expect(seen).toEqual(['first ERR_CANCELLED', 'second ERR_CANCELLED']);
  });

  it('ends a task that waits for its turn without beginning it', async () => {
    await using server = await startStrom(addEndless, { server: { maxRunningTasks: 1 } });
    const caller = new TaskCaller(server);
    await caller.start('endless');
    const waiting = await caller.start('endless');
    await caller.ask('cancel', waiting);
    expect(await caller.get(waiting)).toMatchObject({ status: 'cancelled' });
  });

  it('leaves a result as it is', async () => {
    await using server = await startStrom((strom) => {
      strom.tool('t', { description: 'T', task: 'optional' }, () => 'kept');
    });
    const caller = new TaskCaller(server);
    const id = await caller.start('t');
    await caller.until(id, 'completed');
    await caller.ask('cancel', id);
    expect(await caller.get(id)).toMatchObject({ status: 'completed' });
  });
});

describe('a task that asks', () => {
  const NAME = z.object({ name: z.string() });
  const accept = (name: string) => ({ action: 'accept', content: { name } });

  async function askBoth(_: unknown, ctx: Context): Promise<string> {
    const answers = await Promise.all([
      ctx.ask('First?', NAME, { key: 'first' }),
      ctx.ask('Second?', NAME, { key: 'second' }),
    ]);
    return answers.map((one) => (one.action === 'accept' ? one.content.name : one.action)).join();
  }

  it('shows its open questions and takes answers one by one, each once', async () => {
    await using server = await startStrom((strom) => {
      strom.tool('ask', { description: 'Asks', task: 'optional' }, askBoth);
    });
    const caller = new TaskCaller(server);
    const id = await caller.start('ask');
    let task = await caller.until(id, 'input_required');
    while (Object.keys(task['inputRequests'] as object).length < 2) task = await caller.get(id);
    expect(task['inputRequests']).toMatchObject({ first: { method: 'elicitation/create' } });
    await caller.answer(id, { unknown: accept('x'), first: accept('Ada') });
    await caller.answer(id, { first: accept('Mallory') });
    task = await caller.get(id);
    expect(Object.keys(task['inputRequests'] as object)).toEqual(['second']);
    await caller.answer(id, { second: { action: 'decline' } });
    expect(await caller.until(id, 'completed')).toMatchObject({
      result: { content: [{ text: 'Ada,decline' }] },
    });
  });

  it('asks again, under another key, for an answer that breaks the schema of the asker', async () => {
    const EVEN = z.object({ count: z.number().refine((count) => count % 2 === 0, 'must be even') });
    await using server = await startStrom((strom) => {
      strom.tool('even', { description: 'Asks', task: 'optional' }, async (_, ctx) => {
        const first = await ctx.ask('How many?', EVEN);
        const second = await ctx.ask('And then?', EVEN);
        return JSON.stringify([first, second]);
      });
    });
    const caller = new TaskCaller(server);
    const id = await caller.start('even');
    const answerNext = async (key: string, content: Record<string, unknown>) => {
      let open: Record<string, { params: { message: string } }> = {};
      while (open[key] === undefined) {
        open = (await caller.until(id, 'input_required'))['inputRequests'] as typeof open;
      }
      const answer = await caller.answer(id, { [key]: { action: 'accept', content } });
      expect(answer).toMatchObject({ result: {} });
      return open[key].params.message;
    };
    expect(await answerNext('question-1', { count: 3 })).toBe('How many?');
    expect(await answerNext('question-1#2', { count: 'many' })).toContain('must be even');
    expect(await answerNext('question-1#3', { count: 4 })).toContain('How many? (');
    expect(await answerNext('question-2', { count: 6 })).toBe('And then?');
    const { result } = await caller.until(id, 'completed', 'failed');
    expect(JSON.stringify(result)).toContain('4');
    expect(JSON.stringify(result)).toContain('6');
  });

  it.each([
    ['judges otherwise', 2],
    ['says so in other words', undefined],
  ])(
    'asks after a restart what it asked before, where the schema %s by then',
    async (_, lenient) => {
      const store = { ...memoryStore(), isDurable: true };
      let judged = 0;
      const LATER = z.object({
        day: z.number().superRefine((day, context) => {
          judged += 1;
          if (day < 5 && judged !== lenient) {
            context.addIssue({ code: 'custom', message: `must be later than ${judged}` });
          }
        }),
      });
      const configure = (strom: Strom): void => {
        const task = { resumable: true };
        strom.tool('late', { description: 'Asks', task }, async (_, ctx) => {
          const answer = await ctx.ask('When?', LATER, { key: 'when' });
          return JSON.stringify(answer);
        });
      };
      const answerDay = async (caller: TaskCaller, key: string, day: number): Promise<unknown> => {
        let open: Record<string, unknown> = {};
        while (open[key] === undefined) {
          const task = await caller.until(id, 'input_required', 'completed', 'failed');
          expect(task).toMatchObject({ status: 'input_required' });
          open = task['inputRequests'] as typeof open;
        }
        await caller.answer(id, { [key]: { action: 'accept', content: { day } } });
        return open[key];
      };
      let id = '';
      {
        await using first = await startStrom(configure, { server: { store } });
        const caller = new TaskCaller(first);
        id = await caller.start('late');
        await answerDay(caller, 'when', 1);
        // Only what is asked anew tells that the answer was judged.
        while (!Object.hasOwn((await caller.get(id))['inputRequests'] ?? {}, 'when#2'));
        await first.running.drain();
      }
      await using second = await startStrom(configure, { server: { store } });
      const caller = new TaskCaller(second);
      expect(JSON.stringify(await answerDay(caller, 'when#2', 7))).toContain('later than 1');
      const { result } = await caller.until(id, 'completed', 'failed');
      expect(JSON.stringify(result)).toContain('7');
    },
  );

  it('does not ask a client for ever that cannot answer', async () => {
    await using server = await startStrom((strom) => {
      strom.tool('ask', { description: 'Asks', task: 'optional' }, async (_, ctx) => {
        await ctx.ask('Who?', NAME, { key: 'who' });
      });
    });
    const caller = new TaskCaller(server);
    const id = await caller.start('ask');
    let asked = 0;
    for (;;) {
      const task = await caller.until(id, 'input_required', 'completed', 'failed');
      if (task['status'] !== 'input_required') {
        expect(task).toMatchObject({ status: 'failed', error: { code: -32602 } });
        break;
      }
      const [key = ''] = Object.keys(task['inputRequests'] as object);
      asked += 1;
      await caller.answer(id, { [key]: { action: 'accept', content: { name: 7 } } });
      while (Object.hasOwn((await caller.get(id))['inputRequests'] ?? {}, key));
    }
    expect(asked).toBe(16);
  });

  it('refuses what is no answer, and waits on', async () => {
    await using server = await startStrom((strom) => {
      strom.tool('ask', { description: 'Asks', task: 'optional' }, askBoth);
    });
    const caller = new TaskCaller(server);
    const id = await caller.start('ask');
    await caller.until(id, 'input_required');
    const noForm = { action: 'accept', content: 'Ada' };
    for (const answer of ['yes', { action: 'perhaps' }, null, noForm]) {
      expect(await caller.answer(id, { first: answer })).toMatchObject({ error: { code: -32602 } });
    }
    expect(await caller.ask('update', id, { inputResponses: 'none' })).toMatchObject({
      error: { code: -32602 },
    });
    expect(await caller.get(id)).toMatchObject({ status: 'input_required' });
  });
});

describe('listening to tasks', () => {
  it('tells the state at once and every state from then on, whole', async () => {
    const gate = makeGate<string>();
    await using server = await startStrom((strom) => {
      strom.tool('slow', { description: 'Slow', task: 'optional' }, () => gate.promise);
    });
    const caller = new TaskCaller(server);
    const id = await caller.start('slow');
    const stream = await caller.listen([id, 'unknown']);
    expect(JSON.parse(await stream.data())).toMatchObject({
      method: 'notifications/subscriptions/acknowledged',
      params: { notifications: { taskIds: [id] } },
    });
    expect(JSON.parse(await stream.data())).toMatchObject({
      method: 'notifications/tasks',
      params: { taskId: id, status: 'working' },
    });
    gate.open('heard');
    const last = JSON.parse(await stream.data()) as { params: Record<string, unknown> };
    expect(last.params).toMatchObject({ status: 'completed' });
    const { taskId, status, result, createdAt, lastUpdatedAt } = await caller.get(id);
    expect(last.params).toMatchObject({ taskId, status, result, createdAt, lastUpdatedAt });
    await stream.cancel();
  });

  it('is refused to a client that takes no tasks', async () => {
    await using server = await startStrom(addEndless);
    const stream = await new TaskCaller(server, NO_TASKS).listen(['any']);
    await stream.rest();
    expect(stream.text).toContain('-32021');
  });
});

describe('the limits of tasks', () => {
  it.each([
    ['taskLeaseMs', 99],
    ['taskLeaseMs', Number.NaN],
    ['maxRunningTasks', -1],
    ['maxTasks', 1.5],
    ['maxTasksPerCaller', Number.POSITIVE_INFINITY],
  ])('refuse %s %d', async (name, value) => {
    await expect(startStrom(undefined, { server: { [name]: value } })).rejects.toThrow(TypeError);
  });
});
