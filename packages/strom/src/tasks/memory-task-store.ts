import { type Clock, SYSTEM_CLOCK } from '../base/clock.ts';
import { StromError } from '../base/strom-error.ts';
import type { JournalEvent } from '../calls/journal.ts';
import type { JournalBounds } from '../calls/journal-bounds.ts';
import { MemoryJournal } from '../calls/memory-journal.ts';
import { MemoryTask } from './memory-task.ts';
import { MemoryTaskIndex } from './memory-task-index.ts';
import { tooManyTasks } from './task-limit-error.ts';
import type {
  Claim,
  ClaimOptions,
  Created,
  CreateOptions,
  NewTask,
  StoredTask,
  TaskAnswer,
  TaskPhase,
  TaskStore,
} from './task-store.ts';

export interface MemoryTaskOptions extends JournalBounds {
  /** Most tasks kept that have ended; those that ended first are deleted first. Default 10 000. */
  readonly maxEndedTasks?: number;
  /** Time, for tests. Default: the host's. */
  readonly clock?: Clock;
}

const DEFAULT_MAX_ENDED_TASKS = 10_000;

/** Tasks in the memory of this process, gone with it. */
export class MemoryTaskStore implements TaskStore {
  readonly #clock: Clock;
  readonly #journal: MemoryJournal;
  readonly #tasks: MemoryTaskIndex;
  readonly #listeners = new Set<() => void>();

  /** @param journal - the one to use, when others use it too; made of `options` otherwise */
  constructor(options: MemoryTaskOptions = {}, journal = new MemoryJournal(options)) {
    const maxEnded = options.maxEndedTasks ?? DEFAULT_MAX_ENDED_TASKS;
    if (!Number.isSafeInteger(maxEnded) || maxEnded < 0) {
      throw new TypeError('maxEndedTasks: must be a whole number');
    }
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#journal = journal;
    this.#tasks = new MemoryTaskIndex(maxEnded, (id) => journal.delete(id));
  }

  async create(task: NewTask, options: CreateOptions): Promise<Created> {
    this.#journal.assertOpen();
    const same = this.#tasks.sameWork(task);
    if (same !== undefined) return { isNew: false, task: this.#stored(same) };
    if (this.#tasks.isFull(task.owner, options)) {
      throw tooManyTasks();
    }
    const made = new MemoryTask(task);
    this.#tasks.add(made, task.idempotency?.key);
    this.#journal.open(task.id);
    if (options.lease === undefined) this.#tellClaimable();
    const claim = options.lease && this.#claimed(made, options.lease.durationMs);
    return { isNew: true, task: this.#stored(made), claim };
  }

  /** Whether a task is there. */
  has(id: string): boolean {
    return this.#tasks.get(id) !== undefined;
  }

  async get(id: string): Promise<StoredTask | undefined> {
    this.#journal.assertOpen();
    const task = this.#tasks.get(id);
    return task && this.#stored(task);
  }

  async append(...[id, fence, events, change]: Parameters<TaskStore['append']>): Promise<number> {
    const task = this.#held(id, fence);
    if (change !== undefined) task.change(change, this.#clock.now());
    return this.#journal.add(id, events);
  }

  async claim({ id, kinds, lease }: ClaimOptions): Promise<Claim | undefined> {
    this.#journal.assertOpen();
    const nowMs = this.#clock.now();
    const free = this.#tasks.oldestOpen(
      (task) => task.isFree(nowMs) && kinds.includes(task.made.kind),
      id,
    );
    return free && this.#claimed(free, lease.durationMs);
  }

  async heartbeat(id: string, fence: number, durationMs: number): Promise<void> {
    this.#held(id, fence).hold(this.#clock.now() + durationMs);
  }

  async release(id: string, fence: number): Promise<void> {
    this.#journal.assertOpen();
    const task = this.#tasks.get(id);
    if (task?.isHeldBy(fence) !== true) return;
    task.release();
    this.#tellClaimable();
  }

  async finish(...[id, fence, end, events]: Parameters<TaskStore['finish']>): Promise<void> {
    const task = this.#held(id, fence);
    task.finish(end, this.#clock.now());
    this.#journal.add(id, events);
    this.#tasks.ended(task);
  }

  async cancel(id: string, event: string): Promise<void> {
    this.#journal.assertOpen();
    if (this.#tasks.get(id)?.requestCancel(this.#clock.now())) this.#journal.add(id, [event]);
  }

  async answer(id: string, answers: readonly TaskAnswer[]): Promise<void> {
    this.#journal.assertOpen();
    const taken = this.#tasks.get(id)?.answer(answers, this.#clock.now()) ?? [];
    this.#journal.add(id, taken);
  }

  onClaimable(listener: () => void): () => void {
    const own = (): void => listener();
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  async counts(): Promise<Readonly<Record<TaskPhase, number>>> {
    this.#journal.assertOpen();
    return this.#tasks.counts();
  }

  async purge(limit: number): Promise<number> {
    this.#journal.assertOpen();
    return this.#tasks.deleteExpired(this.#clock.now(), limit);
  }

  read(call: string, after: number, limit?: number): Promise<readonly JournalEvent[]> {
    return this.#journal.read(call, after, limit);
  }

  tail(call: string, after: number, signal: AbortSignal): AsyncIterable<readonly JournalEvent[]> {
    return this.#journal.tail(call, after, signal);
  }

  #held(id: string, fence: number): MemoryTask {
    this.#journal.assertOpen();
    const task = this.#tasks.get(id);
    if (task?.isHeldBy(fence) === true) return task;
    throw new StromError('ERR_TASK_FENCED', 'the task has ended, or belongs to somebody else now');
  }

  #claimed(task: MemoryTask, durationMs: number): Claim {
    return task.claim(this.#clock.now() + durationMs, this.#journal.seq(task.made.id));
  }

  #stored(task: MemoryTask): StoredTask {
    return task.stored(this.#journal.seq(task.made.id));
  }

  #tellClaimable(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
