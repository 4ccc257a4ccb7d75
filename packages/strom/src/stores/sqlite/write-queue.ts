import { nextTurn } from '../../base/next-turn.ts';
import { StromError } from '../../base/strom-error.ts';
import type { Connection } from './connection.ts';
import { storeError } from './sqlite-error.ts';
import { whileBusy } from './while-busy.ts';

/** Writes something. It checks first and writes then: what it refuses has no effect. */
export interface Write<T> {
  readonly run: () => T;
  /** Whether it has to survive a loss of power. */
  readonly isDurable: boolean;
  /** About how many bytes wait with it. */
  readonly bytes: number;
}

interface Waiting {
  readonly write: Write<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

type Outcome = { readonly value: unknown } | { readonly refusal: StromError };

/** So that one transaction does not hold up the event loop for long. */
const MOST_AT_ONCE = 256;
/** What may wait for a file that is busy. */
const MOST_WAITING_BYTES = 64 * 1024 * 1024;

/** Told of what happens to transactions. */
export interface WriteObserver {
  /** A transaction has begun. */
  begun(): void;
  committed(): void;
  /** What was written since it began is not there. */
  rolledBack(): void;
}

/**
 * Writes, in the order they were asked for: those of one turn of the event loop in one transaction,
 * which is durable when one of them has to be.
 */
export class WriteQueue {
  readonly #connection: Connection;
  readonly #observer: WriteObserver;
  readonly #maxBusyMs: number;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #pump: Promise<void> | undefined;

  constructor(connection: Connection, observer: WriteObserver, maxBusyMs: number) {
    this.#connection = connection;
    this.#observer = observer;
    this.#maxBusyMs = maxBusyMs;
  }

  /**
   * @throws {StromError} `ERR_STORE` when it cannot be written, or too much waits already; what
   * `write` itself refuses with
   */
  add<T>(write: Write<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#waitingBytes > MOST_WAITING_BYTES) {
        reject(new StromError('ERR_STORE', 'too much waits to be written'));
        return;
      }
      this.#waitingBytes += write.bytes;
      this.#waiting.push({ write, resolve: resolve as Waiting['resolve'], reject });
      this.#pump ??= this.#writeAll();
    });
  }

  /** Resolves when nothing waits any more. */
  async drained(): Promise<void> {
    await this.#pump;
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      await nextTurn();
      await this.#writeSome();
    }
    this.#pump = undefined;
  }

  async #writeSome(): Promise<void> {
    try {
      const batch = await whileBusy(() => this.#begin(), this.#maxBusyMs);
      if (!this.#finish(batch)) await this.#writeEach(batch);
    } catch (error) {
      // Nothing can be begun: what waits would wait for the same.
      for (const { reject } of this.#take(this.#waiting.length)) reject(error);
    }
  }

  #begin(): readonly Waiting[] {
    const next = this.#waiting.slice(0, MOST_AT_ONCE);
    this.#connection.begin(next.some(({ write }) => write.isDurable));
    return this.#take(next.length);
  }

  #take(count: number): readonly Waiting[] {
    const taken = this.#waiting.splice(0, count);
    for (const { write } of taken) this.#waitingBytes -= write.bytes;
    return taken;
  }

  /** @returns whether all is settled; otherwise nothing was written, and each has to go alone */
  #finish(batch: readonly Waiting[]): boolean {
    let outcomes: readonly Outcome[];
    try {
      this.#observer.begun();
      outcomes = batch.map(outcomeOf);
      this.#connection.commit();
    } catch (error) {
      this.#connection.rollback();
      this.#observer.rolledBack();
      const [only, ...others] = batch;
      if (others.length > 0) return false;
      only?.reject(storeError(error));
      return true;
    }
    for (const [index, { resolve, reject }] of batch.entries()) {
      const outcome = outcomes[index];
      if (outcome !== undefined && 'refusal' in outcome) reject(outcome.refusal);
      else resolve(outcome?.value);
    }
    this.#observer.committed();
    return true;
  }

  /** Finds out which write spoiled a transaction, so that the others are not lost with it. */
  async #writeEach(batch: readonly Waiting[]): Promise<void> {
    for (const waiting of batch) {
      const { isDurable } = waiting.write;
      try {
        await whileBusy(() => this.#connection.begin(isDurable), this.#maxBusyMs);
        this.#finish([waiting]);
      } catch (error) {
        waiting.reject(error);
      }
    }
  }
}

function outcomeOf({ write }: Waiting): Outcome {
  try {
    return { value: write.run() };
  } catch (error) {
    if (error instanceof StromError) return { refusal: error };
    throw error;
  }
}
