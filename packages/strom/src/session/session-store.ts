/**
 * Where the sessions of older revisions are kept beyond the life of a process.
 *
 * A session is a record; each of its streams has a journal of messages, which a client reads on after
 * the last event it has seen.
 *
 * @module
 */
import type { Journal } from '../calls/journal.ts';

export interface SessionRecord {
  readonly id: string;
  /** The principal it belongs to. */
  readonly owner: string;
  /** What was agreed: JSON. */
  readonly facts: string;
  readonly expiresAtMs: number;
}

/** One stream of a session. Its journal goes by the name of {@link streamJournal}. */
export interface StreamRecord {
  readonly id: string;
  /** What it is for: JSON. */
  readonly facts: string;
}

/** Under which name a stream's events are kept. */
export function streamJournal(sessionId: string, streamId: string): string {
  return `${sessionId}/${streamId}`;
}

/** Streams have one writer at a time, the process that holds the session, and this fence. */
export const STREAM_FENCE = 1;

export interface SessionStore extends Journal {
  /** Keeps a session, or what has changed of it. Durable. */
  saveSession(session: SessionRecord): Promise<void>;
  /** A session by its id, expired ones included until they are deleted. */
  session(id: string): Promise<SessionRecord | undefined>;
  /** Deletes a session, its streams and their journals. */
  deleteSession(id: string): Promise<void>;
  /**
   * Adds a stream, or replaces what is known of it. Its journal can be appended to from now on. Does
   * nothing when the session is gone.
   */
  saveStream(sessionId: string, stream: StreamRecord): Promise<void>;
  /** The streams of a session, oldest first. */
  streams(sessionId: string): Promise<readonly StreamRecord[]>;
  /** Deletes a stream and its journal. */
  deleteStream(sessionId: string, streamId: string): Promise<void>;
}
