import type { StromError } from '../base/strom-error.ts';
import type { CallEvent, Outcome } from '../protocol/call-event.ts';
import type { Question } from '../protocol/question.ts';

/**
 * One way of looking at a call: a stream of events to some reader, closed by one outcome.
 *
 * Implemented per transport; the server core knows nothing else of them. After `finish` nothing
 * is sent any more.
 */
export interface CallView {
  /** Whether chunks reach the reader as such; otherwise they are told as progress or log lines. */
  readonly carriesChunks: boolean;
  /**
   * Hands one event to the reader.
   *
   * @returns nothing while the reader keeps up; else a promise that resolves when it has caught up
   * or has gone away
   */
  send(event: CallEvent): Promise<void> | undefined;
  /** Hands everything said so far to the connection, instead of at the end of the turn. */
  flush(): void;
  /** Trades latency for fewer writes; see `CallPace.burstWindowMs`. */
  batchFor?(burstWindowMs: number): void;
  /**
   * Asks the caller while the call runs; absent where that is not possible, and the call has to end
   * with its questions instead.
   *
   * @param key - names the question within its call; the same after a crash
   * @returns the answer as the caller gave it; rejects when the call ends first
   */
  ask?(question: Question, key: string): Promise<unknown>;
  /** Whether an answer is kept for good once it was given; absent where it goes to the asker alone. */
  readonly keepsAnswers?: boolean;
  /**
   * Keeps a value for the case that the work has to begin anew; absent where a call does not outlive
   * its process.
   *
   * @returns once it is durable
   */
  remember?(name: string, text: string): Promise<void>;
  /**
   * Ends the connection but not the call: the caller comes back for the rest after `retryMs`.
   * Absent where a caller cannot come back.
   */
  suspendConnection?(retryMs: number): void;
  /**
   * Ends the view with the call's outcome.
   *
   * @returns what was told in its place, where it could not be told
   */
  finish(outcome: Outcome): StromError | undefined;
  /** Ends the view without an outcome: the call was cancelled by its caller, or nobody is there. */
  abandon(reason: StromError): void;
  /** By which lines about the call are found in the log; absent where nobody watches. */
  readonly correlation?: string | undefined;
  /** Runs the work of the call in the surroundings that belong to it; absent where there are none. */
  within?<Result>(work: () => Result): Result;
  /** Counts a report that a newer one took the place of before it became an event. */
  countPaced?(): void;
}
