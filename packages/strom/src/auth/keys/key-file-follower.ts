import { statSync } from 'node:fs';
import type { Clock, Timer } from '../../base/clock.ts';
import { StromError } from '../../base/strom-error.ts';
import type { ApiKeyRecord } from './api-key.ts';
import { readKeyFile } from './key-file.ts';

/** How long a change may go unnoticed. */
const PERIOD_MS = 1_000;

/**
 * Follows a key file: looks at it when somebody calls, at most once a second, and every second while
 * something runs that a change may end. Looking is a `stat`; a file that changed is read anew.
 *
 * A file that cannot be read lets nobody in: what it would have revoked is not known.
 */
export class KeyFileFollower {
  readonly #file: string;
  readonly #clock: Clock;
  readonly #take: (records: readonly ApiKeyRecord[]) => void;
  #state: string | undefined;
  #lookedAtMs = 0;
  #failure: StromError | undefined;
  #timer: Timer | undefined;

  /** @throws {TypeError} when the file cannot be read */
  constructor(file: string, clock: Clock, take: (records: readonly ApiKeyRecord[]) => void) {
    this.#file = file;
    this.#clock = clock;
    this.#take = take;
    this.#read();
  }

  /**
   * To be called before keys are used.
   *
   * @throws {StromError} `ERR_AUTH_UNAVAILABLE` while the file cannot be read
   */
  refresh(): void {
    const sinceMs = this.#clock.now() - this.#lookedAtMs;
    // A clock that was set back must not stop the looking.
    if (sinceMs < 0 || sinceMs >= PERIOD_MS) this.#look();
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Looks every second for as long as `isNeeded` says so. */
  watch(isNeeded: () => boolean): void {
    this.#timer ??= this.#clock.every(PERIOD_MS, () => {
      if (isNeeded()) this.#look();
      else this.#stop();
    });
  }

  #stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #look(): void {
    try {
      if (this.#failure !== undefined || this.#state !== stateOf(this.#file)) this.#read();
      this.#failure = undefined;
    } catch (cause) {
      this.#failure = new StromError('ERR_AUTH_UNAVAILABLE', 'the API keys cannot be read', {
        publicMessage: 'Credentials cannot be checked at the moment',
        cause,
      });
    } finally {
      this.#lookedAtMs = this.#clock.now();
    }
  }

  #read(): void {
    // Taken before the content, so that a change in between is seen by the next look.
    const state = stateOf(this.#file);
    this.#take(readKeyFile(this.#file));
    this.#state = state;
    this.#lookedAtMs = this.#clock.now();
  }
}

function stateOf(file: string): string | undefined {
  const stats = statSync(file, { bigint: true, throwIfNoEntry: false });
  return stats && `${stats.ino}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}`;
}
