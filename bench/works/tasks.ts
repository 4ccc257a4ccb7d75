/**
 * What durable tasks cost: from `ctx.progress()` in one process to a client that watches through
 * another, and from a call to the first answer about its task while others make tasks as fast as they
 * can.
 *
 * @module
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Client, connect } from 'strom/client';
import { Child } from '../lab/child.ts';
import { BENCH_FOLDER } from '../lab/contenders.ts';
import type { Lab } from '../lab/lab.ts';
import { LOAD_CORE, SERVER_CORE } from '../lab/pin.ts';
import { median, percentile, significant } from '../lab/statistics.ts';

const BACKGROUND_CALLERS = 8;

/** Microseconds. */
export interface TaskFigures {
  readonly watchP50: number;
  readonly watchP99: number;
  readonly firstGetP50: number;
  readonly firstGetP99: number;
}

/** One figure of the report in words. */
export function taskLines(figures: TaskFigures): readonly string[] {
  const { watchP50, watchP99, firstGetP50, firstGetP99 } = figures;
  return [
    `task progress to a watcher in another process: median ${watchP50} us, p99 ${watchP99} us`,
    `call to the first tasks/get answer under load: median ${firstGetP50} us, p99 ${firstGetP99} us`,
  ];
}

export async function measureTasks(lab: Lab): Promise<TaskFigures> {
  const folder = await mkdtemp(path.join(tmpdir(), 'strom-bench-'));
  const args = ['servers/tasks.mjs', path.join(folder, 'tasks.db')];
  try {
    await using worker = await Child.start({ core: SERVER_CORE, args, cwd: BENCH_FOLDER });
    await using door = await Child.start({ core: LOAD_CORE, args, cwd: BENCH_FOLDER });
    await using here = await connect(`http://127.0.0.1:${worker.port}/mcp`);
    await using there = await connect(`http://127.0.0.1:${door.port}/mcp`);
    const watched = await watch(here, there, lab.effort.ticks);
    const firstGets = await firstAnswers(here, lab.effort.ticks);
    return {
      watchP50: significant(median(watched)),
      watchP99: significant(percentile(watched, 0.99)),
      firstGetP50: significant(median(firstGets)),
      firstGetP99: significant(percentile(firstGets, 0.99)),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function watch(here: Client, there: Client, count: number): Promise<number[]> {
  const begun = await here.task('tick', {});
  const saved = begun.toJSON();
  if (saved === undefined) throw new Error('a call that had to be a task was none');
  const watcher = there.resumeTask(saved);
  const micros: number[] = [];
  for await (const { message } of watcher.events()) {
    const sentMs = Number(message);
    if (sentMs > 0) micros.push((performance.timeOrigin + performance.now() - sentMs) * 1000);
    if (micros.length > count) break;
  }
  await begun.cancel();
  // The first is the state in which the watcher found the task.
  return micros.slice(1);
}

async function firstAnswers(client: Client, count: number): Promise<number[]> {
  const stop = new AbortController();
  const background = Array.from({ length: BACKGROUND_CALLERS }, async () => {
    while (!stop.signal.aborted) await client.call('note', {});
  });
  const micros: number[] = [];
  for (let at = 0; at < count; at += 1) {
    const startMs = performance.now();
    const handle = await client.task('note', {});
    await handle.status();
    micros.push((performance.now() - startMs) * 1000);
  }
  stop.abort();
  await Promise.all(background);
  return micros;
}
