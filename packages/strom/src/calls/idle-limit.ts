import type { Clock, Timer } from '../base/clock.ts';

/** Tells when nothing has happened for so long. One timer, which a sign of life does not touch. */
export class IdleLimit {
  readonly #clock: Clock;
  readonly #maxMs: number;
  readonly #onIdle: () => void;
  #lastSignMs: number;
  /** Questions that wait for an answer; the time is not the tool's meanwhile. */
  #waiting = 0;
  #timer: Timer;

  constructor(clock: Clock, maxMs: number, onIdle: () => void) {
    this.#clock = clock;
    this.#maxMs = maxMs;
    this.#onIdle = onIdle;
    this.#lastSignMs = clock.elapsed();
    this.#timer = clock.after(maxMs, () => this.#look());
  }

  sign(): void {
    this.#lastSignMs = this.#clock.elapsed();
  }

  /** Does not count the time until `answer` has come, or has not. */
  async pauseFor(answer: Promise<unknown>): Promise<void> {
    this.#waiting += 1;
    // Whoever asked learns of a failure; here it is an end of the wait like any other.
    await answer.catch(() => undefined);
    this.#waiting -= 1;
    this.sign();
  }

  cancel(): void {
    this.#timer.cancel();
  }

  #look(): void {
    const idleMs = this.#waiting > 0 ? 0 : this.#clock.elapsed() - this.#lastSignMs;
    if (idleMs >= this.#maxMs) this.#onIdle();
    else this.#timer = this.#clock.after(this.#maxMs - idleMs, () => this.#look());
  }
}
