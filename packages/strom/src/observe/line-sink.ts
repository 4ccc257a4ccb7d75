import type { Clock } from '../base/clock.ts';
import type { LogFields, Logger } from '../base/logger.ts';

/** A line that takes so long to write holds up everything else. */
const SLOW_MS = 100;
/** How long nothing is written after that. */
const PAUSE_MS = 10_000;

/**
 * Where lines go. A logger that blocks is left alone for a while, so that it cannot stop a server one
 * line at a time; how many lines were left out is told with the first one after that.
 */
export class LineSink {
  readonly #logger: Logger;
  readonly #clock: Clock;
  #pausedUntilMs = 0;
  #left = 0;

  constructor(logger: Logger, clock: Clock) {
    this.#logger = logger;
    this.#clock = clock;
  }

  write(fields: LogFields, message: string): void {
    const startMs = this.#clock.now();
    if (startMs < this.#pausedUntilMs) {
      this.#left += 1;
      return;
    }
    if (this.#left > 0) this.#tellLeft();
    this.#logger.info(fields, message);
    const endMs = this.#clock.now();
    if (endMs - startMs >= SLOW_MS) this.#pausedUntilMs = endMs + PAUSE_MS;
  }

  #tellLeft(): void {
    const lines = this.#left;
    this.#left = 0;
    this.#logger.warn({ lines }, 'access lines were left out because the log was blocked');
  }
}
