import { type Clock, SYSTEM_CLOCK } from '../../base/clock.ts';
import type { JournalEvent } from '../../calls/journal.ts';
import { type JournalBounds, journalBounds } from '../../calls/journal-bounds.ts';
import type { Store } from '../../server/store.ts';
import type { SessionRecord, StreamRecord } from '../../session/session-store.ts';
import type {
  Claim,
  ClaimOptions,
  Created,
  CreateOptions,
  NewTask,
  StoredTask,
  TaskAnswer,
  TaskChange,
  TaskPhase,
} from '../../tasks/task-store.ts';
import { Connection } from './connection.ts';
import { loadDriver } from './driver.ts';
import { purge } from './purge.ts';
import { Sessions } from './sessions.ts';
import { SqliteFile } from './sqlite-file.ts';
import { Tasks } from './tasks.ts';
import { whileBusy } from './while-busy.ts';

export interface SqliteStoreOptions extends JournalBounds {
  /**
   * The file, made when it is not there, readable by its owner alone. It belongs on a local disk;
   * SQLite keeps two more beside it while it is open.
   */
  readonly file: string;
  /**
   * How long to wait, in milliseconds, for another process that keeps the file busy, before an
   * operation fails with `ERR_STORE`. Default 5000.
   */
  readonly maxBusyMs?: number;
  /** Time, for tests. Default: the host's. */
  readonly clock?: Clock;
}

const DEFAULT_MAX_BUSY_MS = 5000;

/**
 * Opens a store in one file, which several processes of one machine may share.
 *
 * Progress and log lines survive the end of a process at any point; what the contract calls durable
 * survives a loss of power, too.
 *
 * @throws {StromError} `ERR_STORE` when there is no driver, or the file cannot be used; the message
 * says what to do
 * @throws {TypeError} when an option is none
 */
export async function sqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { file, maxBusyMs = DEFAULT_MAX_BUSY_MS, clock = SYSTEM_CLOCK } = options;
  if (file === '') throw new TypeError('file: must name a file');
  if (!(Number.isFinite(maxBusyMs) && maxBusyMs >= 0)) {
    throw new TypeError('maxBusyMs: must be 0 or more');
  }
  const bounds = journalBounds(options);
  const driver = loadDriver();
  const connection = await whileBusy(() => Connection.open(driver, file), maxBusyMs);
  return new SqliteStore(new SqliteFile(connection, { bounds, maxBusyMs }), clock);
}

/** What a write weighs besides its texts. */
const LEAST_BYTES = 200;

function weightOf(texts: Iterable<string>): number {
  let bytes = LEAST_BYTES;
  for (const text of texts) bytes += Buffer.byteLength(text);
  return bytes;
}

function keptTexts({ checkpoint, questions }: TaskChange): readonly string[] {
  return [...Object.values(checkpoint ?? {}), ...Object.values(questions ?? {})];
}

class SqliteStore implements Store {
  readonly isShared = true;
  readonly isDurable = true;
  readonly #file: SqliteFile;
  readonly #tasks: Tasks;
  readonly #sessions: Sessions;

  constructor(file: SqliteFile, clock: Clock) {
    this.#file = file;
    this.#tasks = new Tasks(file.connection, file.calls, clock);
    this.#sessions = new Sessions(file.connection, file.calls, clock);
  }

  create(task: NewTask, options: CreateOptions): Promise<Created> {
    return this.#keep([task.request], () => {
      const created = this.#tasks.create(task, options);
      if (created.isNew && created.claim === undefined) this.#file.noteClaimable();
      return created;
    });
  }

  get(id: string): Promise<StoredTask | undefined> {
    return this.#file.read(() => this.#tasks.get(id));
  }

  append(...given: Parameters<Store['append']>): Promise<number> {
    const [, , events, change] = given;
    return this.#file.write({
      run: () => this.#append(given),
      isDurable: change?.checkpoint !== undefined || change?.questions !== undefined,
      bytes: weightOf(events) + (change === undefined ? 0 : weightOf(keptTexts(change))),
    });
  }

  async claim(options: ClaimOptions): Promise<Claim | undefined> {
    // To look costs the others nothing.
    const isPossible = await this.#file.read(() => this.#tasks.claimable(options) !== undefined);
    return isPossible ? this.#write(() => this.#tasks.claim(options)) : undefined;
  }

  heartbeat(id: string, fence: number, durationMs: number): Promise<void> {
    return this.#write(() => this.#tasks.heartbeat(id, fence, durationMs));
  }

  release(id: string, fence: number): Promise<void> {
    return this.#write(() => {
      if (this.#tasks.release(id, fence)) this.#file.noteClaimable();
    });
  }

  finish(...given: Parameters<Store['finish']>): Promise<void> {
    const [, , { end }, events] = given;
    return this.#file.write({
      run: () => this.#tasks.finish(...given),
      isDurable: true,
      bytes: weightOf(end) + weightOf(events),
    });
  }

  cancel(id: string, event: string): Promise<void> {
    return this.#keep([event], () => this.#tasks.cancel(id, event));
  }

  answer(id: string, answers: readonly TaskAnswer[]): Promise<void> {
    const texts = answers.map(({ answer }) => answer);
    return this.#keep(texts, () => this.#tasks.answer(id, answers));
  }

  onClaimable(listener: () => void): () => void {
    return this.#file.onClaimable(listener);
  }

  counts(): Promise<Readonly<Record<TaskPhase, number>>> {
    return this.#file.read(() => this.#tasks.counts());
  }

  purge(limit: number): Promise<number> {
    return purge({ file: this.#file, tasks: this.#tasks, sessions: this.#sessions }, limit);
  }

  read(call: string, after: number, limit?: number): Promise<readonly JournalEvent[]> {
    return this.#file.readEvents(call, after, limit);
  }

  tail(call: string, after: number, signal: AbortSignal): AsyncIterable<readonly JournalEvent[]> {
    return this.#file.tail(call, after, signal);
  }

  saveSession(session: SessionRecord): Promise<void> {
    return this.#keep([session.facts], () => this.#sessions.save(session));
  }

  session(id: string): Promise<SessionRecord | undefined> {
    return this.#file.read(() => this.#sessions.get(id));
  }

  deleteSession(id: string): Promise<void> {
    return this.#write(() => this.#sessions.delete(id));
  }

  saveStream(sessionId: string, stream: StreamRecord): Promise<void> {
    return this.#write(() => this.#sessions.saveStream(sessionId, stream));
  }

  streams(sessionId: string): Promise<readonly StreamRecord[]> {
    return this.#file.read(() => this.#sessions.streams(sessionId));
  }

  deleteStream(sessionId: string, streamId: string): Promise<void> {
    return this.#write(() => this.#sessions.deleteStream(sessionId, streamId));
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #append([call, fence, events, change]: Parameters<Store['append']>): number {
    const state = this.#file.calls.held(call, fence);
    if (change !== undefined) this.#tasks.change(state, change);
    return this.#file.calls.add(state, events);
  }

  /** Writes what a loss of power may take. */
  #write<T>(run: () => T): Promise<T> {
    return this.#file.write({ run, isDurable: false, bytes: LEAST_BYTES });
  }

  /** Writes what no loss of power may take. */
  #keep<T>(texts: readonly string[], run: () => T): Promise<T> {
    return this.#file.write({ run, isDurable: true, bytes: weightOf(texts) });
  }
}
