import type {
  Claim,
  NewTask,
  StoredTask,
  TaskAnswer,
  TaskChange,
  TaskEnd,
  Texts,
} from './task-store.ts';

/** One task in memory, with the rules of what may become of it. */
export class MemoryTask {
  readonly made: Omit<NewTask, 'checkpoint' | 'answers' | 'idempotency'>;
  readonly #checkpoint: Map<string, string>;
  readonly #answers: Map<string, string>;
  readonly #questions = new Map<string, string>();
  #end: TaskEnd | undefined;
  #message: string | undefined;
  #updatedAtMs: number;
  #isCancelRequested = false;
  #fence = 0;
  #attempt = 0;
  /** `undefined` while nobody holds it. */
  #leaseEndsAtMs: number | undefined;

  constructor({ checkpoint, answers, idempotency: _, ...made }: NewTask) {
    this.made = made;
    this.#checkpoint = new Map(Object.entries(checkpoint));
    this.#answers = new Map(Object.entries(answers));
    this.#updatedAtMs = made.createdAtMs;
  }

  get phase(): StoredTask['phase'] {
    return this.#end?.phase ?? 'open';
  }

  stored(seq: number): StoredTask {
    return {
      ...this.made,
      phase: this.phase,
      message: this.#message,
      updatedAtMs: this.#updatedAtMs,
      end: this.#end?.end,
      isCancelRequested: this.#isCancelRequested,
      questions: Object.fromEntries(this.#questions),
      attempt: this.#attempt,
      seq,
    };
  }

  isFree(nowMs: number): boolean {
    if (this.#end !== undefined) return false;
    return this.#leaseEndsAtMs === undefined || this.#leaseEndsAtMs <= nowMs;
  }

  isHeldBy(fence: number): boolean {
    const isHeld = this.#end === undefined && this.#leaseEndsAtMs !== undefined;
    return isHeld && this.#fence === fence;
  }

  /** @param seq - the number of its last event */
  claim(leaseEndsAtMs: number, seq: number): Claim {
    this.#fence += 1;
    this.#attempt += 1;
    this.#leaseEndsAtMs = leaseEndsAtMs;
    return {
      task: this.stored(seq),
      fence: this.#fence,
      checkpoint: Object.fromEntries(this.#checkpoint),
      answers: Object.fromEntries(this.#answers),
    };
  }

  hold(leaseEndsAtMs: number): void {
    this.#leaseEndsAtMs = leaseEndsAtMs;
  }

  release(): void {
    this.#attempt -= 1;
    this.#leaseEndsAtMs = undefined;
  }

  change({ message, checkpoint, questions }: TaskChange, nowMs: number): void {
    this.#message = message ?? this.#message;
    setAll(this.#checkpoint, checkpoint);
    setAll(this.#questions, questions);
    this.#touch(nowMs);
  }

  finish(end: TaskEnd, nowMs: number): void {
    this.#end = end;
    this.#message = end.message ?? this.#message;
    this.#questions.clear();
    this.#touch(nowMs);
  }

  /** @returns whether it is the first request, and in time */
  requestCancel(nowMs: number): boolean {
    if (this.#end !== undefined || this.#isCancelRequested) return false;
    this.#isCancelRequested = true;
    this.#touch(nowMs);
    return true;
  }

  /** @returns the events of the answers that were taken */
  answer(answers: readonly TaskAnswer[], nowMs: number): readonly string[] {
    const taken = answers.filter(({ key, answer }) => {
      const isOpen = this.#questions.delete(key);
      if (isOpen) this.#answers.set(key, answer);
      return isOpen;
    });
    if (taken.length > 0) this.#touch(nowMs);
    return taken.map(({ event }) => event);
  }

  /** A clock that steps back makes no task older. */
  #touch(nowMs: number): void {
    this.#updatedAtMs = Math.max(this.#updatedAtMs, nowMs);
  }
}

function setAll(values: Map<string, string>, added: Texts = {}): void {
  for (const [name, text] of Object.entries(added)) values.set(name, text);
}
