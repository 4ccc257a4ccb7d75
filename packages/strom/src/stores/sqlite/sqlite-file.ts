import { StromError } from '../../base/strom-error.ts';
import { DEFAULT_READ_LIMIT, type JournalEvent } from '../../calls/journal.ts';
import type { JournalBounds } from '../../calls/journal-bounds.ts';
import { JournalTails } from '../../calls/journal-tails.ts';
import { Calls } from './calls.ts';
import { Changes } from './changes.ts';
import type { Connection } from './connection.ts';
import { whileBusy } from './while-busy.ts';
import { type Write, WriteQueue } from './write-queue.ts';

export interface FileSettings {
  readonly bounds: Required<JournalBounds>;
  readonly maxBusyMs: number;
}

/** A file with journals: the order in which it is read and written, and who is told of it. */
export class SqliteFile {
  readonly connection: Connection;
  readonly calls: Calls;
  readonly #maxBusyMs: number;
  readonly #tails: JournalTails;
  readonly #changes: Changes;
  readonly #queue: WriteQueue;
  #closing: Promise<void> | undefined;
  #isClaimableTold = true;

  constructor(connection: Connection, { bounds, maxBusyMs }: FileSettings) {
    this.connection = connection;
    this.#maxBusyMs = maxBusyMs;
    this.calls = new Calls(connection, bounds);
    this.#tails = new JournalTails((call, after) => this.readEvents(call, after));
    this.#changes = new Changes(connection, this.#tails, () => this.calls.forget());
    const observer = {
      begun: () => this.#changes.notice(),
      committed: () => this.#tell(),
      rolledBack: () => this.#forget(),
    };
    this.#queue = new WriteQueue(connection, observer, maxBusyMs);
  }

  /** @throws {StromError} `ERR_STORE`; what `write` refuses with */
  write<T>(write: Write<T>): Promise<T> {
    if (this.#closing !== undefined) return Promise.reject(closed());
    return this.#queue.add(write);
  }

  /** Looks at what is written; `query` may be called more than once. */
  async read<T>(query: () => T): Promise<T> {
    this.#assertOpen();
    return whileBusy(query, this.#maxBusyMs);
  }

  readEvents(
    call: string,
    after: number,
    limit = DEFAULT_READ_LIMIT,
  ): Promise<readonly JournalEvent[]> {
    return this.read(() => this.calls.read(call, after, limit));
  }

  async *tail(
    call: string,
    after: number,
    signal: AbortSignal,
  ): AsyncGenerator<readonly JournalEvent[]> {
    this.#assertOpen();
    const stop = this.#changes.follow();
    try {
      const exists = (name: string): boolean => this.calls.has(name);
      yield* this.#tails.tail(call, after, { signal, exists });
    } finally {
      stop();
    }
  }

  onClaimable(listener: () => void): () => void {
    return this.#changes.onClaimable(listener);
  }

  /** Called within a transaction that leaves something to be claimed. */
  noteClaimable(): void {
    this.#isClaimableTold = false;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw closed();
  }

  async #close(): Promise<void> {
    await this.#queue.drained();
    this.#changes.stop();
    this.connection.close();
    this.#tails.wakeAll();
  }

  #tell(): void {
    for (const call of this.calls.takeChanged()) this.#tails.wake(call);
    if (!this.#isClaimableTold) this.#changes.tellClaimable();
    this.#isClaimableTold = true;
    this.#changes.tell();
  }

  #forget(): void {
    this.calls.forget();
    this.calls.takeChanged();
    this.#isClaimableTold = true;
  }
}

function closed(): StromError {
  return new StromError('ERR_STORE', 'the store is closed');
}
