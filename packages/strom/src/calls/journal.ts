/**
 * The journal of calls that outlive a connection or a process: an ordered list of events for each.
 *
 * What an event says is its writer's business; a journal keeps texts. Whoever writes holds the
 * *fence* of the call, a number that grows whenever somebody else takes the call over, so that a
 * process that was given up cannot write any more.
 *
 * @module
 */

/** One event of a call. */
export interface JournalEvent {
  /** 1 for the first event of a call, then one more for each. */
  readonly seq: number;
  readonly text: string;
}

/** Most events of one read, unless told otherwise. */
export const DEFAULT_READ_LIMIT = 1000;

export interface Journal {
  /**
   * Adds events to a call, in order. What is appended in one turn of the event loop, by one call or
   * by many, may be written at once.
   *
   * @param fence - as given when the call was claimed
   * @returns once the events are written: the number of the last one
   * @throws {StromError} `ERR_TASK_FENCED` when the call has ended, or belongs to another process now
   */
  append(call: string, fence: number, events: readonly string[]): Promise<number>;
  /**
   * The events after a sequence number, oldest first; those that were trimmed are missing.
   *
   * @param limit - most events at once. Default 1000
   */
  read(call: string, after: number, limit?: number): Promise<readonly JournalEvent[]>;
  /**
   * The events after a sequence number, and those to come, from whichever process: never empty, in
   * order, each once. A consumer that is slow reads from the store when it is back; nothing piles
   * up. Ends when `signal` aborts or the call is deleted, not with the call; fails with `ERR_STORE`
   * when the store is closed.
   */
  tail(call: string, after: number, signal: AbortSignal): AsyncIterable<readonly JournalEvent[]>;
}
