/**
 * The newest state of one task, for any number of readers. Nothing is queued: a reader who is late
 * finds the newest state, and the last one is never replaced.
 *
 * @module
 */
import { isOver, type TaskSnapshot } from './task-snapshot.ts';

/** A state with its place in the order of states. */
export interface Numbered {
  readonly number: number;
  readonly snapshot: TaskSnapshot;
}

export class TaskFeed {
  #latest: TaskSnapshot | undefined;
  #number = 0;
  #failure: { readonly error: unknown } | undefined;
  #announce: () => void = () => undefined;
  #changed: Promise<void>;

  constructor(latest?: TaskSnapshot) {
    this.#changed = this.#nextChange();
    if (latest !== undefined) this.publish(latest);
  }

  get latest(): TaskSnapshot | undefined {
    return this.#latest;
  }

  get isOver(): boolean {
    return this.#latest !== undefined && isOver(this.#latest);
  }

  /** Takes in a state, unless a newer one is known; readers hear of it if it says something new. */
  publish(snapshot: TaskSnapshot): void {
    const latest = this.#latest;
    if (latest !== undefined && !canFollow(latest, snapshot)) return;
    this.#latest = snapshot;
    if (latest !== undefined && saysTheSame(latest, snapshot)) return;
    this.#number += 1;
    this.#tell();
  }

  /** Ends the wait of every reader; those who come later wait again. */
  fail(error: unknown): void {
    this.#failure = { error };
    this.#tell();
  }

  /** Forgets a failure: somebody looks after the task again. */
  revive(): void {
    this.#failure = undefined;
  }

  /** The newest state as soon as there is one that is newer than number `seen`; 0 for any. */
  async next(seen: number): Promise<Numbered> {
    for (;;) {
      const snapshot = this.#latest;
      if (snapshot !== undefined && this.#number > seen) return { number: this.#number, snapshot };
      if (this.#failure !== undefined) throw this.#failure.error;
      await this.#changed;
    }
  }

  #tell(): void {
    const announce = this.#announce;
    this.#changed = this.#nextChange();
    announce();
  }

  #nextChange(): Promise<void> {
    return new Promise((resolve) => {
      this.#announce = resolve;
    });
  }
}

/** Answers and notifications overtake each other. */
function canFollow(latest: TaskSnapshot, next: TaskSnapshot): boolean {
  if (isOver(latest)) return false;
  return (next.updatedAtMs ?? Infinity) >= (latest.updatedAtMs ?? 0) || isOver(next);
}

function saysTheSame(one: TaskSnapshot, other: TaskSnapshot): boolean {
  if (one.status !== other.status || one.message !== other.message) return false;
  const keys = other.questions.map(({ key }) => key);
  return one.questions.length === keys.length && one.questions.every((q) => keys.includes(q.key));
}
