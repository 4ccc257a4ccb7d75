import { type Clock, SYSTEM_CLOCK } from '../base/clock.ts';
import { StromError } from '../base/strom-error.ts';
import type { JournalEvent } from '../calls/journal.ts';
import type { JournalBounds } from '../calls/journal-bounds.ts';
import { MemoryJournal } from '../calls/memory-journal.ts';
import {
  type SessionRecord,
  type SessionStore,
  STREAM_FENCE,
  type StreamRecord,
  streamJournal,
} from './session-store.ts';

export interface MemorySessionOptions extends JournalBounds {
  /** Time, for tests. Default: the host's. */
  readonly clock?: Clock;
}

interface Kept {
  record: SessionRecord;
  readonly streams: Map<string, StreamRecord>;
}

/** Sessions in the memory of this process, gone with it. */
export class MemorySessionStore implements SessionStore {
  readonly #clock: Clock;
  readonly #journal: MemoryJournal;
  readonly #sessions = new Map<string, Kept>();

  /** @param journal - the one to use, when others use it too; made of `options` otherwise */
  constructor(options: MemorySessionOptions = {}, journal = new MemoryJournal(options)) {
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#journal = journal;
  }

  async saveSession(record: SessionRecord): Promise<void> {
    this.#journal.assertOpen();
    const kept = this.#sessions.get(record.id);
    if (kept === undefined) this.#sessions.set(record.id, { record, streams: new Map() });
    else kept.record = record;
  }

  async session(id: string): Promise<SessionRecord | undefined> {
    this.#journal.assertOpen();
    return this.#sessions.get(id)?.record;
  }

  async deleteSession(id: string): Promise<void> {
    this.#journal.assertOpen();
    this.#delete(id);
  }

  async saveStream(sessionId: string, stream: StreamRecord): Promise<void> {
    this.#journal.assertOpen();
    const kept = this.#sessions.get(sessionId);
    if (kept === undefined) return;
    kept.streams.set(stream.id, stream);
    this.#journal.open(streamJournal(sessionId, stream.id));
  }

  async streams(sessionId: string): Promise<readonly StreamRecord[]> {
    this.#journal.assertOpen();
    return [...(this.#sessions.get(sessionId)?.streams.values() ?? [])];
  }

  async deleteStream(sessionId: string, streamId: string): Promise<void> {
    this.#journal.assertOpen();
    const isGone = this.#sessions.get(sessionId)?.streams.delete(streamId) ?? false;
    if (isGone) this.#journal.delete(streamJournal(sessionId, streamId));
  }

  async append(call: string, fence: number, events: readonly string[]): Promise<number> {
    this.#journal.assertOpen();
    if (fence !== STREAM_FENCE || !this.#journal.has(call)) {
      throw new StromError('ERR_TASK_FENCED', 'there is no such stream any more');
    }
    return this.#journal.add(call, events);
  }

  read(call: string, after: number, limit?: number): Promise<readonly JournalEvent[]> {
    return this.#journal.read(call, after, limit);
  }

  tail(call: string, after: number, signal: AbortSignal): AsyncIterable<readonly JournalEvent[]> {
    return this.#journal.tail(call, after, signal);
  }

  /** Deletes sessions that have expired, those that expired first before others. */
  async purge(limit: number): Promise<number> {
    this.#journal.assertOpen();
    const nowMs = this.#clock.now();
    const expired = [...this.#sessions.values()]
      .map(({ record }) => record)
      .filter(({ expiresAtMs }) => expiresAtMs <= nowMs)
      .sort((one, other) => one.expiresAtMs - other.expiresAtMs)
      .slice(0, limit);
    for (const { id } of expired) this.#delete(id);
    return expired.length;
  }

  #delete(id: string): void {
    const kept = this.#sessions.get(id);
    this.#sessions.delete(id);
    for (const streamId of kept?.streams.keys() ?? []) {
      this.#journal.delete(streamJournal(id, streamId));
    }
  }
}
