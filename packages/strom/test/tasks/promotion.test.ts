import { describe, expect, it } from 'vitest';
import { ToolError } from '../../src/base/tool-error.ts';
import type { ToolTask } from '../../src/server/tool-task.ts';
import { type Gate, makeGate } from '../harness/gate.ts';
import { type Started, startStrom } from '../harness/start-strom.ts';
import { TaskCaller } from '../harness/task-caller.ts';
import { TestClock } from '../harness/test-clock.ts';

interface Slow extends AsyncDisposable {
  readonly server: Started;
  readonly clock: TestClock;
  readonly gate: Gate<string>;
  /** How often the handler was begun. */
  readonly begun: () => number;
}

/** A server with a tool that reports once and then waits for the gate. */
async function startSlow(task: ToolTask): Promise<Slow> {
  const clock = new TestClock();
  const gate = makeGate<string>();
  let begun = 0;
  const server = await startStrom(
    (strom) => {
      strom.tool('slow', { description: 'Slow', task }, async (_, ctx) => {
        begun += 1;
        await ctx.progress(1, 2, 'half');
        const text = await gate.promise;
        if (text === '') throw new ToolError('nothing');
        return text;
      });
    },
    { server: { clock } },
  );
  return {
    server,
    clock,
    gate,
    begun: () => begun,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function nextMessage(stream: { data(): Promise<string> }): Promise<Record<string, unknown>> {
  return JSON.parse(await stream.data()) as Record<string, unknown>;
}

describe('a call that becomes a task after a while', () => {
  it('streams first, then ends its stream with a handle and goes on', async () => {
    await using slow = await startSlow({ after: '5s' });
    const caller = new TaskCaller(slow.server);
    const stream = await caller.stream('slow');
    expect(await nextMessage(stream)).toMatchObject({ params: { message: 'half' } });
    slow.clock.advance(5_000);
    const { result } = await nextMessage(stream);
    expect(result).toMatchObject({ resultType: 'task', status: 'working' });
    expect(await stream.rest()).toEqual([]);
    const { taskId } = result as { taskId: string };
    slow.gate.open('late');
    expect(await caller.until(taskId, 'completed')).toMatchObject({
      result: { content: [{ text: 'late' }] },
    });
    expect(slow.begun()).toBe(1);
  });

  it('is answered plainly when it ends before', async () => {
    await using slow = await startSlow({ after: '5s' });
    const stream = await new TaskCaller(slow.server).stream('slow');
    await stream.data();
    slow.gate.open('early');
    expect(await nextMessage(stream)).toMatchObject({ result: { content: [{ text: 'early' }] } });
    slow.clock.advance(5_000);
    const { byPhase } = await slow.server.strom.taskCounts();
    expect(byPhase).toEqual({ open: 0, completed: 0, failed: 0, cancelled: 0 });
  });

  it('can be cancelled as a task', async () => {
    await using slow = await startSlow({ after: 1 });
    const caller = new TaskCaller(slow.server);
    const stream = await caller.stream('slow');
    await stream.data();
    slow.clock.advance(1);
    const { taskId } = (await nextMessage(stream))['result'] as { taskId: string };
    await caller.ask('cancel', taskId);
    expect(await caller.until(taskId, 'cancelled')).toMatchObject({ taskId });
  });

  it('stays a call for a client that takes no tasks', async () => {
    await using slow = await startSlow({ after: 1 });
    const stream = await new TaskCaller(slow.server, { meta: {} }).stream('slow');
    await stream.data();
    slow.clock.advance(1);
    slow.gate.open('whole');
    expect(await nextMessage(stream)).toMatchObject({ result: { content: [{ text: 'whole' }] } });
  });
});

describe('the same work asked for again', () => {
  const KEY = { 'strom/idempotencyKey': 'order-7' };

  it('is given its stored result', async () => {
    await using slow = await startSlow('optional');
    slow.gate.open('once');
    const caller = new TaskCaller(slow.server, { meta: {} });
    for (let times = 0; times < 3; times += 1) {
      expect(await caller.call('slow', {}, KEY)).toMatchObject({
        result: { content: [{ text: 'once' }] },
      });
    }
    expect(slow.begun()).toBe(1);
  });

  it('is joined while it runs, and survives the caller that began it', async () => {
    await using slow = await startSlow('optional');
    const caller = new TaskCaller(slow.server, { meta: {} });
    const first = await caller.stream('slow', {}, KEY);
    await first.data();
    await first.cancel();
    const second = await caller.stream('slow', {}, KEY);
    expect(await nextMessage(second)).toMatchObject({ params: { message: 'half' } });
    slow.gate.open('joined');
    expect(await nextMessage(second)).toMatchObject({ result: { content: [{ text: 'joined' }] } });
    expect(slow.begun()).toBe(1);
  });

  it('is one task for clients that take tasks', async () => {
    await using slow = await startSlow('optional');
    const caller = new TaskCaller(slow.server);
    const id = await caller.start('slow', {}, KEY);
    expect(await caller.start('slow', {}, KEY)).toBe(id);
    expect(await caller.start('slow')).not.toBe(id);
  });

  it('is known by its arguments within the time the tool names, not after', async () => {
    await using slow = await startSlow({ attachWithin: '1m' });
    slow.gate.open('same');
    const caller = new TaskCaller(slow.server);
    const id = await caller.start('slow');
    expect(await caller.start('slow')).toBe(id);
    slow.clock.advance(60_001);
    expect(await caller.start('slow')).not.toBe(id);
  });

  it.each([[7], [''], ['k'.repeat(201)]])('refuses %j as a key', async (key) => {
    await using slow = await startSlow('optional');
    const answer = await new TaskCaller(slow.server).call(
      'slow',
      {},
      {
        'strom/idempotencyKey': key,
      },
    );
    expect(answer).toMatchObject({ error: { code: -32602 } });
  });
});

describe('a long call of a client that takes no tasks', () => {
  it('is told to come back, and gets the result from the follow-up tool', async () => {
    await using slow = await startSlow({ fallback: 'follow-up', fallbackAfter: '1s' });
    const caller = new TaskCaller(slow.server, { meta: {} });
    const stream = await caller.stream('slow');
    await stream.data();
    slow.clock.advance(1_000);
    const text = JSON.stringify(await nextMessage(stream));
    const taskId = /[\w-]{32}/.exec(text)?.[0] ?? '';
    const waiting = await caller.stream('get_result', { taskId });
    await waiting.data();
    slow.clock.advance(1_000);
    expect(JSON.stringify(await nextMessage(waiting))).toContain(taskId);
    slow.gate.open('at last');
    expect(await caller.call('get_result', { taskId })).toMatchObject({
      result: { content: [{ text: 'at last' }] },
    });
    expect(await caller.call('get_result', { taskId: 'none' })).toMatchObject({
      result: { isError: true },
    });
  });

  it('asks on in rounds that carry nothing but the state, and then waits', async () => {
    await using slow = await startSlow({ fallback: 'rounds', fallbackAfter: '1s' });
    const caller = new TaskCaller(slow.server, { meta: {} });
    let round: Record<string, unknown> = {};
    for (let rounds = 0; rounds < 3; rounds += 1) {
      const stream = await caller.openRound('slow', round);
      await stream.data();
      slow.clock.advance(1_000);
      const { result } = await nextMessage(stream);
      expect(result).toMatchObject({ resultType: 'input_required' });
      expect(result).not.toHaveProperty('inputRequests');
      round = { requestState: (result as { requestState: string }).requestState };
    }
    const last = await caller.openRound('slow', round);
    await last.data();
    slow.clock.advance(10_000);
    slow.gate.open('waited for');
    expect(await nextMessage(last)).toMatchObject({
      result: { content: [{ text: 'waited for' }] },
    });
    expect(slow.begun()).toBe(1);
  });
});
