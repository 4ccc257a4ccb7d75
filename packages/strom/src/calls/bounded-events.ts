import type { JournalEvent } from './journal.ts';
import type { JournalBounds } from './journal-bounds.ts';

/** A text in memory takes one or two bytes a character; two are counted. */
const BYTES_PER_CHARACTER = 2;

const LEAST_GAPS_TO_CLOSE = 1024;

/** The newest events of one call, numbered from 1. */
export class BoundedEvents {
  readonly #bounds: Required<JournalBounds>;
  /** Dropped ones leave a gap at the front until there are enough gaps to close. */
  #events: (JournalEvent | undefined)[] = [];
  #dropped = 0;
  #bytes = 0;
  #seq = 0;

  constructor(bounds: Required<JournalBounds>) {
    this.#bounds = bounds;
  }

  /** The number of the last event. */
  get seq(): number {
    return this.#seq;
  }

  /** Adds events and drops the oldest beyond the bounds. */
  add(texts: readonly string[]): void {
    for (const text of texts) {
      this.#seq += 1;
      this.#events.push({ seq: this.#seq, text });
      this.#bytes += text.length * BYTES_PER_CHARACTER;
      this.#trim();
    }
  }

  after(seq: number, limit: number): readonly JournalEvent[] {
    const kept = this.#events.length - this.#dropped;
    const start = this.#events.length - Math.min(kept, Math.max(0, this.#seq - seq));
    return this.#events.slice(start, start + limit).filter((event) => event !== undefined);
  }

  #trim(): void {
    const last = this.#events.length - 1;
    while (this.#dropped < last && this.#isTooMuch()) {
      this.#bytes -= (this.#events[this.#dropped]?.text.length ?? 0) * BYTES_PER_CHARACTER;
      this.#events[this.#dropped] = undefined;
      this.#dropped += 1;
    }
    if (this.#dropped > LEAST_GAPS_TO_CLOSE && this.#dropped * 2 > this.#events.length) {
      this.#events = this.#events.slice(this.#dropped);
      this.#dropped = 0;
    }
  }

  #isTooMuch(): boolean {
    return (
      this.#events.length - this.#dropped > this.#bounds.maxEventsPerCall ||
      this.#bytes > this.#bounds.maxJournalBytesPerCall
    );
  }
}
