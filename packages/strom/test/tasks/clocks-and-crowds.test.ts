import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { sqliteStore } from '../../src/entry/sqlite.ts';
import { MemoryTaskStore } from '../../src/tasks/memory-task-store.ts';
import type { NewTask } from '../../src/tasks/task-store.ts';
import { makeGate } from '../harness/gate.ts';
import { startStrom } from '../harness/start-strom.ts';
import { TaskCaller } from '../harness/task-caller.ts';
import { TestClock } from '../harness/test-clock.ts';
import '../faults/support/base-line.ts';

describe('F13: a clock that steps back ten minutes', () => {
  it('makes no task older, ends none and begins none again', async () => {
    const clock = new TestClock(Date.parse('2030-01-01T00:00:00Z'));
    const gate = makeGate();
    let begun = 0;
    await using server = await startStrom(
      (strom) => {
        strom.tool('work', { description: 'Works', task: 'optional' }, async (_, ctx) => {
          begun += 1;
          await gate.promise;
          await ctx.progress(1, 1, 'after the step');
        });
      },
      { server: { clock } },
    );
    const caller = new TaskCaller(server);
    const id = await caller.start('work');
    const before = await caller.get(id);
    clock.step(-600_000);
    clock.advance(20_000);
    gate.open();
    const after = await caller.until(id, 'completed');
    expect(Date.parse(String(after['lastUpdatedAt']))).toBeGreaterThanOrEqual(
      Date.parse(String(before['lastUpdatedAt'])),
    );
    expect(after['createdAt']).toBe(before['createdAt']);
    expect(begun).toBe(1);
  });
});

describe('F13: a task whose time is over before its turn has come', () => {
  it('is not begun', async () => {
    const clock = new TestClock();
    const gate = makeGate();
    const begun: unknown[] = [];
    await using server = await startStrom(
      (strom) => {
        const input = z.object({ at: z.number() });
        const task = { mode: 'optional', ttl: '1h' } as const;
        strom.tool('work', { description: 'Works', input, task }, async ({ at }) => {
          begun.push(at);
          await gate.promise;
        });
      },
      { server: { clock, maxRunningTasks: 1 } },
    );
    const caller = new TaskCaller(server);
    await caller.start('work', { at: 0 });
    await caller.start('work', { at: 1 });
    clock.step(3_600_000);
    const last = await caller.start('work', { at: 2 });
    gate.open();
    await caller.until(last, 'completed');
    expect(begun).toEqual([0, 2]);
  });
});

describe('F14: a task that is kept for ever', () => {
  it('is made and ends in a file as any other', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'strom-ever-'));
    try {
      await using store = await sqliteStore({ file: path.join(folder, 'tasks.db') });
      await using server = await startStrom(
        (strom) => {
          const task = { ttl: 1e17 };
          strom.tool('work', { description: 'Works', task }, () => 'done');
        },
        { server: { store } },
      );
      const caller = new TaskCaller(server);
      const id = await caller.start('work');
      await caller.until(id, 'completed');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe('F14: very many tasks that expire at once', () => {
  const COUNT = 10_000;
  const STEP = 100;

  function taskAt(at: number, nowMs: number): NewTask {
    return {
      id: `task-${at}`,
      owner: 'owner',
      kind: 'kind',
      request: '{}',
      createdAtMs: nowMs,
      expiresAtMs: nowMs + 1000,
      checkpoint: {},
      answers: {},
    };
  }

  it('are deleted in small steps, and the file opens at once meanwhile', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'strom-many-'));
    const clock = new TestClock();
    const file = path.join(folder, 'tasks.db');
    try {
      await using store = await sqliteStore({ file, clock });
      const limits = { maxPerOwner: COUNT, maxInAll: COUNT };
      const nowMs = clock.now();
      const made = Array.from({ length: COUNT }, (_, at) => taskAt(at, nowMs));
      await Promise.all(made.map((task) => store.create(task, limits)));
      const more = store.create(taskAt(COUNT, nowMs), limits);
      await expect(more).rejects.toMatchObject({ code: 'ERR_TASK_LIMIT' });
      clock.advance(1000);
      expect(await store.purge(STEP)).toBe(STEP);
      const openedAtMs = performance.now();
      await using other = await sqliteStore({ file, clock });
      expect((await other.counts()).open).toBe(COUNT - STEP);
      expect(performance.now() - openedAtMs).toBeLessThan(10_000);
      let deleted = STEP;
      for (let step = STEP; step === STEP; deleted += step) step = await store.purge(STEP);
      expect(deleted).toBe(COUNT);
      expect((await other.counts()).open).toBe(0);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('cost time in proportion to their number, in memory', async () => {
    const clock = new TestClock();
    const store = new MemoryTaskStore({ clock });
    const count = 4 * COUNT;
    const limits = { maxPerOwner: count, maxInAll: count };
    for (let at = 0; at < count; at += 1) await store.create(taskAt(at, clock.now()), limits);
    clock.advance(1000);
    const before = process.cpuUsage();
    let deleted = 0;
    for (let step = STEP; step === STEP; deleted += step) step = await store.purge(STEP);
    const { user, system } = process.cpuUsage(before);
    expect(deleted).toBe(count);
    expect((user + system) / 1000).toBeLessThan(700);
  });
});
