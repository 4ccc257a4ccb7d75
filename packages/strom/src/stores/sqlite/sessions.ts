import type { Clock } from '../../base/clock.ts';
import {
  type SessionRecord,
  STREAM_FENCE,
  type StreamRecord,
  streamJournal,
} from '../../session/session-store.ts';
import type { Calls } from './calls.ts';
import type { Connection } from './connection.ts';

interface SessionRow {
  readonly id: string;
  readonly owner: string;
  readonly facts: string;
  readonly expires_at: number;
}

const SAVE = `INSERT INTO session VALUES (?, ?, ?, ?) ON CONFLICT (id)
  DO UPDATE SET owner = excluded.owner, facts = excluded.facts, expires_at = excluded.expires_at`;
const EXPIRED = 'SELECT id FROM session WHERE expires_at <= ? ORDER BY expires_at LIMIT ?';
const STREAMS = 'SELECT call, id, facts FROM stream WHERE session = ? ORDER BY call';

/** The sessions of a file. What changes something is part of a transaction that writes. */
export class Sessions {
  readonly #connection: Connection;
  readonly #calls: Calls;
  readonly #clock: Clock;

  constructor(connection: Connection, calls: Calls, clock: Clock) {
    this.#connection = connection;
    this.#calls = calls;
    this.#clock = clock;
  }

  get(id: string): SessionRecord | undefined {
    const row = this.#connection.get<SessionRow>('SELECT * FROM session WHERE id = ?', id);
    return row && { id, owner: row.owner, facts: row.facts, expiresAtMs: row.expires_at };
  }

  save({ id, owner, facts, expiresAtMs }: SessionRecord): void {
    this.#connection.run(SAVE, id, owner, facts, expiresAtMs);
  }

  delete(id: string): void {
    for (const { call, id: streamId } of this.#rows(id)) this.#drop(call, id, streamId);
    this.#connection.run('DELETE FROM session WHERE id = ?', id);
  }

  streams(sessionId: string): readonly StreamRecord[] {
    return this.#rows(sessionId).map(({ id, facts }) => ({ id, facts }));
  }

  saveStream(sessionId: string, { id, facts }: StreamRecord): void {
    const isKnown = this.#connection.run(
      'UPDATE stream SET facts = ? WHERE session = ? AND id = ?',
      facts,
      sessionId,
      id,
    );
    if (isKnown > 0 || this.get(sessionId) === undefined) return;
    const call = this.#calls.create(streamJournal(sessionId, id));
    this.#calls.hold(call, STREAM_FENCE);
    this.#connection.run('INSERT INTO stream VALUES (?, ?, ?, ?)', call.id, sessionId, id, facts);
  }

  deleteStream(sessionId: string, streamId: string): void {
    const row = this.#rows(sessionId).find(({ id }) => id === streamId);
    if (row !== undefined) this.#drop(row.call, sessionId, streamId);
  }

  /** @returns how many were deleted */
  deleteExpired(most: number): number {
    const expired = this.#connection.all<{ id: string }>(EXPIRED, this.#clock.now(), most);
    for (const { id } of expired) this.delete(id);
    return expired.length;
  }

  #rows(sessionId: string): readonly (StreamRecord & { readonly call: number })[] {
    return this.#connection.all(STREAMS, sessionId);
  }

  #drop(call: number, sessionId: string, streamId: string): void {
    this.#connection.run('DELETE FROM stream WHERE call = ?', call);
    this.#calls.delete(call, streamJournal(sessionId, streamId));
  }
}
