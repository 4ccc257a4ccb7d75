import { StromError } from '../base/strom-error.ts';
import { BoundedEvents } from './bounded-events.ts';
import { DEFAULT_READ_LIMIT, type Journal, type JournalEvent } from './journal.ts';
import { type JournalBounds, journalBounds } from './journal-bounds.ts';
import { JournalTails } from './journal-tails.ts';

/**
 * Journals in the memory of this process. Whoever owns a call opens its journal, checks fences and
 * deletes it.
 */
export class MemoryJournal implements Omit<Journal, 'append'> {
  readonly #bounds: Required<JournalBounds>;
  readonly #calls = new Map<string, BoundedEvents>();
  readonly #tails = new JournalTails((call, after, limit) => this.read(call, after, limit));
  #isClosed = false;

  constructor(bounds: JournalBounds = {}) {
    this.#bounds = journalBounds(bounds);
  }

  /** @throws {StromError} `ERR_STORE` once closed */
  assertOpen(): void {
    if (this.#isClosed) throw new StromError('ERR_STORE', 'the store is closed');
  }

  /** Begins a journal; one that is there goes on. */
  open(call: string): void {
    if (!this.#calls.has(call)) this.#calls.set(call, new BoundedEvents(this.#bounds));
  }

  has(call: string): boolean {
    return this.#calls.has(call);
  }

  /** The number of a call's last event; 0 when there is none. */
  seq(call: string): number {
    return this.#calls.get(call)?.seq ?? 0;
  }

  /** Adds events to a journal that is open, and tells those who follow it. */
  add(call: string, texts: readonly string[]): number {
    const events = this.#calls.get(call);
    if (events === undefined || texts.length === 0) return this.seq(call);
    events.add(texts);
    this.#tails.wake(call);
    return events.seq;
  }

  async read(
    call: string,
    after: number,
    limit = DEFAULT_READ_LIMIT,
  ): Promise<readonly JournalEvent[]> {
    this.assertOpen();
    return this.#calls.get(call)?.after(after, limit) ?? [];
  }

  tail(call: string, after: number, signal: AbortSignal): AsyncIterable<readonly JournalEvent[]> {
    return this.#tails.tail(call, after, { signal, exists: () => this.#calls.has(call) });
  }

  delete(call: string): void {
    this.#calls.delete(call);
    this.#tails.wake(call);
  }

  close(): void {
    this.#isClosed = true;
    this.#calls.clear();
    this.#tails.wakeAll();
  }
}
