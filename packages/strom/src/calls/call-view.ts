import type { CallEvent, Outcome } from '../protocol/call-event.ts';

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
  /** Ends the view with the call's outcome. */
  finish(outcome: Outcome): void;
  /** Ends the view without an outcome: the call was cancelled by its caller. */
  abandon(): void;
}
