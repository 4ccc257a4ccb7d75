import type { MemoryTask } from './memory-task.ts';
import type { CreateOptions, NewTask, TaskPhase } from './task-store.ts';

/** The tasks in memory, and what they are looked up by. */
export class MemoryTaskIndex {
  readonly #maxEnded: number;
  readonly #onDelete: (id: string) => void;
  readonly #tasks = new Map<string, MemoryTask>();
  /** Oldest first. */
  readonly #open = new Set<MemoryTask>();
  /** Those that ended first are first. */
  readonly #ended = new Set<MemoryTask>();
  readonly #openByOwner = new Map<string, number>();
  /** The newest task of each key of each owner. */
  readonly #byWork = new Map<string, MemoryTask>();
  readonly #workOf = new Map<MemoryTask, string>();
  /** What had expired when it was looked for last, and is not deleted yet; those that expired last are first. */
  #expired: MemoryTask[] = [];

  constructor(maxEnded: number, onDelete: (id: string) => void) {
    this.#maxEnded = maxEnded;
    this.#onDelete = onDelete;
  }

  get(id: string): MemoryTask | undefined {
    return this.#tasks.get(id);
  }

  sameWork({ owner, idempotency, createdAtMs }: NewTask): MemoryTask | undefined {
    if (idempotency === undefined) return undefined;
    const task = this.#byWork.get(workName(owner, idempotency.key));
    if (task === undefined || task.made.createdAtMs < idempotency.notBeforeMs) return undefined;
    return expiryOf(task.made) > createdAtMs ? task : undefined;
  }

  isFull(owner: string, { maxInAll, maxPerOwner }: CreateOptions): boolean {
    return this.#open.size >= maxInAll || (this.#openByOwner.get(owner) ?? 0) >= maxPerOwner;
  }

  add(task: MemoryTask, key: string | undefined): void {
    const { id, owner } = task.made;
    this.#tasks.set(id, task);
    this.#open.add(task);
    this.#openByOwner.set(owner, (this.#openByOwner.get(owner) ?? 0) + 1);
    if (key === undefined) return;
    const work = workName(owner, key);
    this.#byWork.set(work, task);
    this.#workOf.set(task, work);
  }

  /** @param id - looks at this one alone */
  oldestOpen(isWanted: (task: MemoryTask) => boolean, id?: string): MemoryTask | undefined {
    if (id !== undefined) {
      const task = this.#tasks.get(id);
      return task !== undefined && isWanted(task) ? task : undefined;
    }
    for (const task of this.#open) if (isWanted(task)) return task;
    return undefined;
  }

  /** Notes that a task has ended; may delete others that ended before. */
  ended(task: MemoryTask): void {
    this.#leaveOpen(task);
    this.#ended.add(task);
    for (const oldest of this.#ended) {
      if (this.#ended.size <= this.#maxEnded) return;
      this.#delete(oldest);
    }
  }

  counts(): Record<TaskPhase, number> {
    const counts = { open: this.#open.size, completed: 0, failed: 0, cancelled: 0 };
    for (const task of this.#ended) counts[task.phase] += 1;
    return counts;
  }

  deleteExpired(nowMs: number, limit: number): number {
    // To look through all for each few would take minutes where very many have expired.
    if (this.#expired.length === 0) this.#expired = this.#expiredBy(nowMs);
    let deleted = 0;
    while (deleted < limit) {
      const task = this.#expired.pop();
      if (task === undefined) break;
      if (this.#tasks.get(task.made.id) !== task) continue;
      this.#delete(task);
      deleted += 1;
    }
    return deleted;
  }

  #expiredBy(nowMs: number): MemoryTask[] {
    return [...this.#tasks.values()]
      .filter(({ made }) => expiryOf(made) <= nowMs)
      .sort((one, other) => expiryOf(other.made) - expiryOf(one.made));
  }

  #delete(task: MemoryTask): void {
    const { id } = task.made;
    const work = this.#workOf.get(task);
    if (work !== undefined && this.#byWork.get(work) === task) this.#byWork.delete(work);
    this.#workOf.delete(task);
    this.#leaveOpen(task);
    this.#ended.delete(task);
    this.#tasks.delete(id);
    this.#onDelete(id);
  }

  #leaveOpen(task: MemoryTask): void {
    if (!this.#open.delete(task)) return;
    const { owner } = task.made;
    const left = (this.#openByOwner.get(owner) ?? 0) - 1;
    if (left > 0) this.#openByOwner.set(owner, left);
    else this.#openByOwner.delete(owner);
  }
}

function expiryOf({ expiresAtMs }: { readonly expiresAtMs: number | undefined }): number {
  return expiresAtMs ?? Number.POSITIVE_INFINITY;
}

function workName(owner: string, key: string): string {
  return JSON.stringify([owner, key]);
}
