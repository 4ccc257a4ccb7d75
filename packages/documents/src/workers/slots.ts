/**
 * A counting semaphore, first come, first served.
 *
 * @module
 */
import { ConvertError } from '../base/convert-error.ts';

export class Slots {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(count: number) {
    this.#free = count;
  }

  /**
   * Takes a slot, waiting for one if need be; every slot taken must be given back.
   *
   * @throws {ConvertError} `cancelled` if the signal aborts first; no slot is taken then
   */
  async take(signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw new ConvertError('cancelled');
    if (this.#free > 0) this.#free -= 1;
    else await this.#wait(signal);
  }

  /** Gives a slot back; the longest waiter gets it. */
  give(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free += 1;
  }

  #wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const wake = (): void => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      const onAbort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(wake), 1);
        reject(new ConvertError('cancelled'));
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(wake);
    });
  }
}
