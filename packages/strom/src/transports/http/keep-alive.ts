import type { Clock, Timer } from '../../base/clock.ts';

/** A stream that wants a sign of life from time to time. */
export interface KeptAlive {
  keepAlive(): void;
}

/** In so many groups a period, so that thousands of streams are not written to in one turn. */
const MAX_GROUPS = 16;

/**
 * One timer for all open streams, or none for a period of 0; it runs only while there are any. Every period each of them is
 * asked for its sign of life once, evenly spread over the period.
 */
export class KeepAlive {
  readonly #clock: Clock;
  readonly #periodMs: number;
  readonly #groups: number;
  readonly #streams = new Set<KeptAlive>();
  #timer: Timer | undefined;
  /** What is left of a round; a set goes on in it also while streams come and go. */
  #round: Iterator<KeptAlive> | undefined;
  #group = 0;
  #asked = 0;

  constructor(clock: Clock, periodMs: number) {
    this.#clock = clock;
    this.#periodMs = periodMs;
    this.#groups = Math.max(1, Math.min(MAX_GROUPS, Math.floor(periodMs)));
  }

  /** Open streams at this moment. */
  get size(): number {
    return this.#streams.size;
  }

  add(stream: KeptAlive): void {
    this.#streams.add(stream);
    if (this.#periodMs === 0) return;
    this.#timer ??= this.#clock.every(this.#periodMs / this.#groups, () => this.#askGroup());
  }

  delete(stream: KeptAlive): void {
    this.#streams.delete(stream);
    if (this.#streams.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#startRound();
  }

  #startRound(): void {
    this.#round = undefined;
    this.#group = 0;
    this.#asked = 0;
  }

  /** The last group of a round is everyone who is left. */
  #askGroup(): void {
    this.#group += 1;
    this.#round ??= this.#streams.values();
    const isLast = this.#group === this.#groups;
    const due = isLast ? Infinity : Math.floor((this.#streams.size * this.#group) / this.#groups);
    while (this.#asked < due) {
      const next = this.#round.next();
      if (next.done === true) break;
      this.#asked += 1;
      next.value.keepAlive();
    }
    if (isLast) this.#startRound();
  }
}
