import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { TestProcess } from '../harness/child-process.ts';
import { CrashPlace, says } from './support/crash-place.ts';
import '../faults/support/base-line.ts';

const textOf = (task: Record<string, unknown>): unknown =>
  (task['result'] as { content: { text: string }[] } | undefined)?.content[0]?.text;

async function complains(about: TestProcess, word: string): Promise<void> {
  while (!about.stderr.includes(word)) await once(about.child.stderr, 'data');
}

describe('F02: a process that is stopped for longer than its lease', { timeout: 120_000 }, () => {
  it('writes nothing any more once another one has gone on', async () => {
    await using place = await CrashPlace.make();
    const zombie = await place.start();
    const id = await place.caller.start('steps', { count: 3, gate: 1 });
    await says(zombie, 'waits');
    for await (const _ of place.store.tail(id, 0, new AbortController().signal)) break;
    await place.freeze(zombie);
    const heir = await place.start();
    await says(heir, 'waits');
    zombie.child.kill('SIGCONT');
    zombie.write('step\n');
    await complains(zombie, 'ERR_TASK_FENCED');
    expect(await place.caller.get(id)).toMatchObject({ status: 'working' });
    heir.write('step\n');
    const task = await place.caller.until(id, 'completed', 'failed');
    expect(textOf(task)).toBe(`3 steps, ended by ${heir.child.pid}`);
    expect(place.effects()).toEqual(['0', '1', '2']);
    const done = place.work().map(({ what, pid }) => [what, pid === zombie.child.pid]);
    expect(done).toEqual([
      ['0', true],
      ['1', true],
      ['1', false],
      ['2', false],
    ]);
    const told = (await place.store.read(id, 0)).map(({ text }) => JSON.parse(text));
    expect(told.map(({ kind, progress, message }) => [kind, progress, message])).toEqual([
      ['progress', 1, `0 by ${zombie.child.pid}`],
      ['progress', 1, `0 by ${heir.child.pid}`],
      ['progress', 2, `1 by ${heir.child.pid}`],
      ['progress', 3, `2 by ${heir.child.pid}`],
      ['ended', undefined, undefined],
    ]);
  });

  it('changes no end', async () => {
    await using place = await CrashPlace.make();
    const zombie = await place.start();
    const id = await place.caller.start('steps', { count: 2, gate: 1 });
    await says(zombie, 'waits');
    await place.freeze(zombie);
    const heir = await place.start();
    heir.write('step\n');
    const end = await place.caller.until(id, 'completed', 'failed');
    const kinds = await place.kinds(id);
    zombie.child.kill('SIGCONT');
    zombie.write('step\n');
    await complains(zombie, 'ERR_TASK_FENCED');
    expect(await place.caller.get(id)).toEqual(end);
    expect(await place.kinds(id)).toEqual(kinds);
  });
});

describe('a server that is told to leave', { timeout: 120_000 }, () => {
  it('gives back what others can go on with, which is no attempt', async () => {
    await using place = await CrashPlace.make();
    const first = await place.start();
    const id = await place.caller.start('steps', { count: 3, gate: 1 });
    await says(first, 'waits');
    place.relay.target = undefined;
    first.child.kill('SIGTERM');
    expect(await first.exited).toBe(0);
    const second = await place.start();
    second.write('step\n');
    const task = await place.caller.until(id, 'completed', 'failed');
    expect(textOf(task)).toBe(`3 steps, ended by ${second.child.pid}`);
    expect(place.work().map(({ what, attempt }) => [what, attempt])).toEqual([
      ['0', 1],
      ['1', 1],
      ['1', 1],
      ['2', 1],
    ]);
    expect(place.effects()).toEqual(['0', '1', '2']);
  });

  it('ends what nobody can go on with when its time is over', async () => {
    await using place = await CrashPlace.make();
    const first = await place.start({ run: { drainTimeoutMs: 200 } });
    const id = await place.caller.start('frail');
    await says(first, 'holds');
    first.child.kill('SIGTERM');
    expect(await says(first, 'stopped')).toEqual({ stopped: 'ERR_SHUTTING_DOWN' });
    expect(await first.exited).toBe(0);
    await place.start();
    expect(await place.caller.get(id)).toMatchObject({
      status: 'failed',
      error: { data: { code: 'ERR_INTERRUPTED' } },
    });
  });
});
