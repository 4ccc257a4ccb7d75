import type { Clock, Timer } from '../../base/clock.ts';

/** A stream that wants a sign of life from time to time. */
export interface KeptAlive {
  keepAlive(): void;
}

/** One timer for all open streams; it runs only while there are any. */
export class KeepAlive {
  readonly #clock: Clock;
  readonly #periodMs: number;
  readonly #streams = new Set<KeptAlive>();
  #timer: Timer | undefined;

  constructor(clock: Clock, periodMs: number) {
    this.#clock = clock;
    this.#periodMs = periodMs;
  }

  /** Open streams at this moment. */
  get size(): number {
    return this.#streams.size;
  }

  add(stream: KeptAlive): void {
    this.#streams.add(stream);
    this.#timer ??= this.#clock.every(this.#periodMs, () => {
      for (const open of this.#streams) open.keepAlive();
    });
  }

  delete(stream: KeptAlive): void {
    this.#streams.delete(stream);
    if (this.#streams.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
