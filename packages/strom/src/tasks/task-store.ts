/**
 * Where tasks are kept: the contract between the task engine and its stores.
 *
 * A store keeps records and journals and knows nothing of MCP: requests, values, questions, answers
 * and ends are JSON texts it hands back as it got them, ends in the same pieces. Every promise
 * resolves when what it stands for is written. One process *claims* a task for the time of a lease and
 * writes with the fence of its claim; when the lease runs out, another may claim it, and the fence of
 * the first is void from then on.
 *
 * @module
 */
import type { Journal } from '../calls/journal.ts';

/** Texts by name. */
export type Texts = Readonly<Record<string, string>>;

/**
 * A JSON text in pieces, so that a large one is never in memory as a whole: each may be made when it
 * is taken. They can be read more than once. A text that is not large is one piece at most.
 */
export type JsonPieces = Iterable<string> & object;

export type TaskPhase = 'open' | 'completed' | 'failed' | 'cancelled';

/** What is known of a task when it is made. */
export interface NewTask {
  readonly id: string;
  /** The principal it belongs to. */
  readonly owner: string;
  /** Names the kind of work; only processes that know it claim the task. */
  readonly kind: string;
  /** What to do: JSON. */
  readonly request: string;
  readonly createdAtMs: number;
  /** When it may be deleted, whatever has become of it; `undefined` for never. */
  readonly expiresAtMs: number | undefined;
  /** What was done and answered before it became a task. */
  readonly checkpoint: Texts;
  readonly answers: Texts;
  /** The same work is not begun twice: see {@link TaskStore.create}. */
  readonly idempotency?: {
    readonly key: string;
    /** An older task of this key does not count, nor does one whose time is over. */
    readonly notBeforeMs: number;
  };
}

/** A task as it stands. */
export interface StoredTask extends Omit<NewTask, 'checkpoint' | 'answers' | 'idempotency'> {
  readonly phase: TaskPhase;
  /** What its work said last. */
  readonly message: string | undefined;
  /** When the record last changed; events alone do not change it. */
  readonly updatedAtMs: number;
  /** How it ended: JSON; there once `phase` is not `open`. */
  readonly end: JsonPieces | undefined;
  readonly isCancelRequested: boolean;
  /** Questions that wait for an answer: JSON, by their keys. */
  readonly questions: Texts;
  /** How often it was begun. */
  readonly attempt: number;
  /** The number of its last event. */
  readonly seq: number;
}

/** For how long a task is taken, and by whom. */
export interface Lease {
  /** Names the process; for people. */
  readonly holder: string;
  readonly durationMs: number;
}

/** A task taken for a lease, with all that is needed to go on with it. */
export interface Claim {
  readonly task: StoredTask;
  readonly fence: number;
  readonly checkpoint: Texts;
  readonly answers: Texts;
}

/** What changes together with the events that tell of it. */
export interface TaskChange {
  readonly message?: string;
  /** Values to keep beyond a crash; a name given before gets the new value. */
  readonly checkpoint?: Texts;
  /** Questions asked now. A key is used once in the life of a task. */
  readonly questions?: Texts;
}

/** How a task ended. */
export interface TaskEnd {
  readonly phase: Exclude<TaskPhase, 'open'>;
  readonly message?: string;
  /** JSON: its result, or its error; nothing for one that was cancelled. */
  readonly end: JsonPieces;
}

/** One answer, and the event that tells of it. */
export interface TaskAnswer {
  readonly key: string;
  readonly answer: string;
  readonly event: string;
}

export interface CreateOptions {
  /** Claim it at once; it waits for {@link TaskStore.claim} otherwise. */
  readonly lease?: Lease;
  /** Most open tasks of this owner. */
  readonly maxPerOwner: number;
  /** Most open tasks in all. */
  readonly maxInAll: number;
}

/** A task made now, or the one that stands for the same work. */
export type Created =
  | { readonly isNew: true; readonly task: StoredTask; readonly claim: Claim | undefined }
  | { readonly isNew: false; readonly task: StoredTask };

export interface ClaimOptions {
  readonly lease: Lease;
  readonly kinds: readonly string[];
  /** Claims this one or none. */
  readonly id?: string;
}

export interface TaskStore extends Journal {
  /**
   * Makes a task; durable once resolved. With an idempotency key, returns the owner's task of that
   * key instead, if there is one that is not older than asked.
   *
   * @throws {StromError} `ERR_TASK_LIMIT` when the owner, or all together, have too many open ones
   */
  create(task: NewTask, options: CreateOptions): Promise<Created>;
  /** A task by its id, expired ones included until they are deleted. */
  get(id: string): Promise<StoredTask | undefined>;
  /**
   * Adds events to the journal and changes the record with them, all or nothing. Durable against
   * loss of power when the change has a checkpoint or questions, against the end of the process
   * always.
   *
   * @throws {StromError} `ERR_TASK_FENCED`; nothing is written then
   */
  append(
    id: string,
    fence: number,
    events: readonly string[],
    change?: TaskChange,
  ): Promise<number>;
  /**
   * Takes the oldest open task that nobody holds: one never begun, released, or whose lease has run
   * out. Counts the attempt and makes a new fence.
   */
  claim(options: ClaimOptions): Promise<Claim | undefined>;
  /**
   * Holds a claim for another while.
   *
   * @throws {StromError} `ERR_TASK_FENCED`
   */
  heartbeat(id: string, fence: number, durationMs: number): Promise<void>;
  /**
   * Gives a claim back, for others to go on. What was given back does not count as an attempt. Does
   * nothing under a void fence.
   */
  release(id: string, fence: number): Promise<void>;
  /**
   * Ends a task, with the last events of its journal; its questions are gone with it. Durable.
   *
   * @throws {StromError} `ERR_TASK_FENCED`
   */
  finish(id: string, fence: number, end: TaskEnd, events: readonly string[]): Promise<void>;
  /** Asks whoever works on an open task to stop, and tells so in the journal; once. */
  cancel(id: string, event: string): Promise<void>;
  /**
   * Answers open questions of an open task, each once: the first answer stays. What answers no open
   * question is ignored. Durable.
   */
  answer(id: string, answers: readonly TaskAnswer[]): Promise<void>;
  /**
   * Calls `listener` when there may be something to claim that was not there before: a hint, by which
   * work starts sooner than at the next look.
   *
   * @returns how to stop listening
   */
  onClaimable(listener: () => void): () => void;
  /** How many tasks there are in each phase. */
  counts(): Promise<Readonly<Record<TaskPhase, number>>>;
  /**
   * Deletes tasks and sessions that have expired, in small steps, oldest first.
   *
   * @param limit - most of them at once
   * @returns how many were deleted
   */
  purge(limit: number): Promise<number>;
}
