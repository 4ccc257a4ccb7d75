import { describe, expect, it } from 'vitest';
import { encodeTaskEvent } from '../../src/tasks/task-event.ts';
import { CrashPlace, says } from './support/crash-place.ts';

/** How often a server is killed right after it has answered. */
const HANDLES = Number(process.env['DURABILITY_HANDLES'] ?? 5);

const textOf = (task: Record<string, unknown>): unknown =>
  (task['result'] as { content: { text: string }[] } | undefined)?.content[0]?.text;

describe('F01, F02, F03: a task whose process is killed', { timeout: 120_000 }, () => {
  it('goes on in the next process, with the first step that was not done', async () => {
    await using place = await CrashPlace.make();
    const first = await place.start();
    const id = await place.caller.start('steps', { count: 5, gate: 2 });
    await says(first, 'waits');
    await place.kill(first);
    const second = await place.start();
    second.write('step\n');
    const task = await place.caller.until(id, 'completed', 'failed');
    expect(textOf(task)).toBe(`5 steps, ended by ${second.child.pid}`);
    expect(place.effects()).toEqual(['0', '1', '2', '3', '4']);
    expect(place.work().map(({ what, attempt }) => [what, attempt])).toEqual([
      ...[0, 1, 2].map((step) => [String(step), 1]),
      ...[2, 3, 4].map((step) => [String(step), 2]),
    ]);
    const kinds = await place.kinds(id);
    expect(kinds.filter((kind) => kind === 'ended')).toHaveLength(1);
    expect(kinds.at(-1)).toBe('ended');
  });

  it('is known to the next one whenever its handle has arrived', async () => {
    await using place = await CrashPlace.make();
    const ids: string[] = [];
    for (let times = 0; times < HANDLES; times += 1) {
      const server = await place.start();
      for (const id of ids.slice(-1)) await place.caller.until(id, 'working', 'completed');
      ids.push(await place.caller.start('quick'));
      await place.kill(server);
    }
    await place.start();
    for (const id of ids) {
      const task = await place.caller.until(id, 'completed', 'failed');
      expect(task).toMatchObject({ taskId: id, status: 'completed' });
    }
  });

  it('fails, and says why, when it ends every process that begins it', async () => {
    await using place = await CrashPlace.make();
    const first = await place.start();
    const id = await place.caller.start('poison');
    first.write('fate\n');
    expect(await first.exited).toBeNull();
    // The first attempt did a step, which begins the count anew.
    for (let times = 0; times < 3; times += 1)
      expect(await (await place.start()).exited).toBeNull();
    await place.start();
    expect(await place.caller.until(id, 'failed')).toMatchObject({
      error: { data: { code: 'ERR_INTERRUPTED' } },
      statusMessage: expect.stringMatching(/begun 3 times/),
    });
    expect(place.work().map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4]);
  });

  it('goes on for as long as every attempt gets further', async () => {
    await using place = await CrashPlace.make();
    let server = await place.start();
    const count = 5;
    const id = await place.caller.start('advancing', { count });
    server.write('fate\n');
    for (let times = 0; times < count; times += 1) {
      expect(await server.exited).toBeNull();
      server = await place.start();
    }
    expect(textOf(await place.caller.until(id, 'completed', 'failed'))).toBe('attempt 6');
  });

  it('fails at once where its tool may not be run again', async () => {
    await using place = await CrashPlace.make();
    const first = await place.start();
    const id = await place.caller.start('frail');
    await says(first, 'holds');
    await place.kill(first);
    await place.start();
    expect(await place.caller.until(id, 'failed')).toMatchObject({
      error: { data: { code: 'ERR_INTERRUPTED' } },
      statusMessage: expect.stringMatching(/stopped.*not marked as resumable/),
    });
    expect(place.work()).toHaveLength(1);
  });

  it('is not begun again when it was cancelled meanwhile', async () => {
    await using place = await CrashPlace.make();
    const first = await place.start();
    const id = await place.caller.start('hold');
    await says(first, 'holds');
    await place.kill(first);
    await place.store.cancel(id, encodeTaskEvent({ kind: 'cancel' }));
    await place.start();
    await place.caller.until(id, 'cancelled');
    expect(place.work()).toHaveLength(1);
  });

  it('goes on from its steps where it had been a call before', async () => {
    await using place = await CrashPlace.make();
    const first = await place.start();
    const id = await place.caller.start('promoted', { gate: 1 });
    await says(first, 'waits');
    await place.kill(first);
    const second = await place.start();
    second.write('step\n');
    const task = await place.caller.until(id, 'completed', 'failed');
    const { pid } = second.child;
    expect(textOf(task)).toBe(`${first.child.pid}: 3 steps, ended by ${pid}`);
    expect(place.effects()).toEqual(['before', '0', '1', '2']);
  });
});

describe('F02: a task that asks and is killed', { timeout: 120_000 }, () => {
  const answer = { name: { action: 'accept', content: { name: 'Ada' } } };
  const asked = (kinds: readonly string[]): number =>
    kinds.filter((kind) => kind === 'asked').length;

  it('waits for its answer beyond the end of its process', async () => {
    await using place = await CrashPlace.make();
    const first = await place.start();
    const id = await place.caller.start('asks');
    await place.caller.until(id, 'input_required');
    await place.kill(first);
    const second = await place.start();
    await says(second, 'asks');
    expect(await place.caller.get(id)).toMatchObject({ status: 'input_required' });
    await place.caller.answer(id, answer);
    second.write('asks\n');
    expect(textOf(await place.caller.until(id, 'completed', 'failed'))).toBe(
      'Hello Ada, attempt 2',
    );
    expect(asked(await place.kinds(id))).toBe(1);
  });

  it('does not ask again what was answered right before its process ended', async () => {
    await using place = await CrashPlace.make();
    const first = await place.start();
    const id = await place.caller.start('asks');
    await place.caller.until(id, 'input_required');
    expect(await place.caller.answer(id, answer)).toHaveProperty('result');
    await place.kill(first);
    const second = await place.start();
    expect(await says(second, 'answered')).toEqual({ answered: 'Ada' });
    expect(await place.caller.get(id)).toMatchObject({ status: 'working' });
    second.write('asks\n');
    expect(textOf(await place.caller.until(id, 'completed', 'failed'))).toBe(
      'Hello Ada, attempt 2',
    );
    expect(asked(await place.kinds(id))).toBe(1);
  });

  it('is answered while no process works on it', async () => {
    await using place = await CrashPlace.make();
    const first = await place.start();
    const id = await place.caller.start('asks');
    await place.caller.until(id, 'input_required');
    await place.kill(first);
    const event = encodeTaskEvent({ kind: 'answered', key: 'name', answer: answer.name });
    await place.store.answer(id, [{ key: 'name', answer: JSON.stringify(answer.name), event }]);
    const second = await place.start();
    second.write('asks\n');
    expect(textOf(await place.caller.until(id, 'completed', 'failed'))).toBe(
      'Hello Ada, attempt 2',
    );
  });
});
