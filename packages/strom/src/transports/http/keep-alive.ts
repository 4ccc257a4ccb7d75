import type { Clock, Timer } from '../../base/clock.ts';
import { type Member, Roster } from '../../base/roster.ts';

/** A stream that wants a sign of life from time to time. */
export interface KeptAlive extends Member {
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
  readonly #streams = new Roster<KeptAlive>();
  #timer: Timer | undefined;
  #group = 0;
  /** The place at which the round goes on. */
  #next = 0;

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
    this.#group = 0;
    this.#next = 0;
  }

  /** Goes by places, so that who comes meanwhile is asked within a period wherever there was room. */
  #askGroup(): void {
    this.#group += 1;
    const { places } = this.#streams;
    const isLast = this.#group === this.#groups;
    const end = isLast ? places : Math.floor((places * this.#group) / this.#groups);
    for (; this.#next < end; this.#next += 1) this.#streams.at(this.#next)?.keepAlive();
    if (isLast) this.#startRound();
  }
}
