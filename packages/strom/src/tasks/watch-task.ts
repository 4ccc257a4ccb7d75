import type { Clock } from '../base/clock.ts';
import type { Call } from '../calls/call.ts';
import { detailedTask } from './task-object.ts';
import type { TaskStore } from './task-store.ts';

export interface WatchOptions {
  readonly store: TaskStore;
  readonly clock: Clock;
  readonly pollIntervalMs: number;
}

/** Shortest time between two notifications of one task to one listener; the newest state is sent. */
const PACE_MS = 100;

/**
 * Sends a listening call the state of a task: as it is now, and whenever it has changed, until it has
 * ended or the call has.
 *
 * @see https://github.com/modelcontextprotocol/ext-tasks/blob/main/specification/draft/tasks.mdx#task-status-notifications
 */
export async function watchTask(id: string, call: Call, options: WatchOptions): Promise<void> {
  const { store, clock, pollIntervalMs } = options;
  const tell = async (): Promise<number | undefined> => {
    const task = await store.get(id);
    if (task === undefined) return undefined;
    await call.send({ kind: 'task', task: detailedTask(task, pollIntervalMs) });
    return task.phase === 'open' ? task.seq : undefined;
  };
  const seq = await tell();
  if (seq === undefined) return;
  for await (const _ of store.tail(id, seq, call.signal)) {
    if ((await tell()) === undefined) return;
    await pause(clock, call.signal);
  }
}

function pause(clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      timer.cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = clock.after(PACE_MS, done);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
