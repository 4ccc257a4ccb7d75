/**
 * The part of a session that is kept in a store: its record, its streams and their journals.
 *
 * @module
 */
import type { Clock } from '../base/clock.ts';
import { StromError } from '../base/strom-error.ts';
import { type PastStreams, type StreamFacts, writeStreamFacts } from './past-streams.ts';
import { type Agreement, writeFacts } from './session-facts.ts';
import { type SessionStore, streamJournal } from './session-store.ts';
import { StreamJournal } from './stream-journal.ts';

export interface KeptSessionOptions {
  readonly store: SessionStore;
  readonly clock: Clock;
  readonly id: string;
  readonly owner: string;
  /** The process that opened the session. */
  readonly opener: string;
  /** Which claim of the session this is; 0 for the process that opened it. */
  readonly generation: number;
  /** How long an unused session lives, in milliseconds. */
  readonly idleMs: number;
  readonly past: PastStreams;
  /** Told when another process has taken the session over, or deleted it. */
  onLost(): void;
  /** Told when something could not be written. */
  onFailure(error: unknown): void;
}

/** The record of a session that is used is renewed this often, or four times in its idle time. */
const MAX_RENEWAL_MS = 60_000;
const RENEWALS_PER_IDLE_TIME = 4;

export class KeptSession {
  readonly #options: KeptSessionOptions;
  readonly #journals = new Map<string, StreamJournal>();
  #savedAtMs = Number.NEGATIVE_INFINITY;
  #agreement: (() => Agreement) | undefined;
  #isClosed = false;

  constructor(options: KeptSessionOptions) {
    this.#options = options;
  }

  get generation(): number {
    return this.#options.generation;
  }

  /** The streams other processes have written. */
  get past(): PastStreams {
    return this.#options.past;
  }

  /** Starts the names of all that this holder of the session makes. */
  get prefix(): string {
    return this.generation === 0 ? '' : `${this.generation}.`;
  }

  /** Keeps what was agreed from now on; nothing is written yet. */
  keep(agreement: () => Agreement): void {
    this.#agreement = agreement;
  }

  /**
   * Writes what was agreed, and when the session expires.
   *
   * @throws {StromError} `ERR_STORE`
   */
  async save(): Promise<void> {
    const { store, clock, id, owner, opener, idleMs } = this.#options;
    if (this.#isClosed || this.#agreement === undefined) return;
    this.#savedAtMs = clock.elapsed();
    const facts = writeFacts({ ...this.#agreement(), opener });
    await store.saveSession({ id, owner, facts, expiresAtMs: clock.now() + idleMs });
  }

  /** To be told whenever the session is used; now and then that is written. */
  used(): void {
    const { clock, idleMs, onFailure } = this.#options;
    const renewalMs = Math.min(MAX_RENEWAL_MS, idleMs / RENEWALS_PER_IDLE_TIME);
    if (clock.elapsed() - this.#savedAtMs < renewalMs) return;
    this.save().catch(onFailure);
  }

  /** Makes a stream known to the store, and gives its journal. */
  openStream(streamId: string, facts: StreamFacts): StreamJournal {
    const { store, id } = this.#options;
    const journal = new StreamJournal({
      store,
      name: streamJournal(id, streamId),
      ready: store.saveStream(id, { id: streamId, facts: writeStreamFacts(facts) }),
      onBroken: (error) => this.#broken(error),
    });
    this.#journals.set(streamId, journal);
    return journal;
  }

  /** Deletes a stream nobody may come back to any more. */
  forgetStream(streamId: string): void {
    const { store, id, onFailure } = this.#options;
    this.#journals.delete(streamId);
    store.deleteStream(id, streamId).catch(onFailure);
  }

  /** Writes nothing about the session any more, but what was said on its streams. */
  close(): void {
    this.#isClosed = true;
  }

  /** Writes nothing any more: another process goes on with the session. */
  abandon(): void {
    this.close();
    for (const journal of this.#journals.values()) journal.abandon();
  }

  /** Resolves when everything said on the streams is written, or cannot be. */
  async flushed(): Promise<void> {
    await Promise.all([...this.#journals.values()].map((journal) => journal.flushed()));
  }

  /**
   * Deletes the session and all that is kept of it.
   *
   * @throws {StromError} `ERR_STORE`
   */
  async delete(): Promise<void> {
    this.close();
    await this.#options.store.deleteSession(this.#options.id);
  }

  /** Deletes the session without anybody who waits for it; what remains expires. */
  deleteSoon(): void {
    this.delete().catch(this.#options.onFailure);
  }

  #broken(error: unknown): void {
    if (this.#isClosed) return;
    if (error instanceof StromError && error.code === 'ERR_TASK_FENCED') this.#options.onLost();
    else this.#options.onFailure(error);
  }
}
