import type { Clock } from '../../base/clock.ts';

/** Work that runs once at a time, and not again before its cool-down has passed. */
export class CooledJob<Result> {
  readonly #work: () => Promise<Result>;
  readonly #clock: Clock;
  readonly #coolDownMs: number;
  #running: Promise<Result> | undefined;
  #startedAtMs: number | undefined;
  #failure: unknown;

  constructor(work: () => Promise<Result>, clock: Clock, coolDownMs: number) {
    this.#work = work;
    this.#clock = clock;
    this.#coolDownMs = coolDownMs;
  }

  /** Why the last run failed; `undefined` when it did not. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Whether {@link run} would work, or joins work that is under way. */
  get isDue(): boolean {
    if (this.#running !== undefined || this.#startedAtMs === undefined) return true;
    const sinceMs = this.#clock.now() - this.#startedAtMs;
    // A clock that was set back must not stop the work for ever.
    return sinceMs < 0 || sinceMs >= this.#coolDownMs;
  }

  /** Works, or joins those who wait for work under way. To be called only when due. */
  run(): Promise<Result> {
    this.#running ??= this.#start();
    return this.#running;
  }

  async #start(): Promise<Result> {
    this.#startedAtMs = this.#clock.now();
    try {
      const result = await this.#work();
      this.#failure = undefined;
      return result;
    } catch (error) {
      this.#failure = error;
      throw error;
    } finally {
      this.#running = undefined;
    }
  }
}
