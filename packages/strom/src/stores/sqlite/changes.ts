import type { JournalTails } from '../../calls/journal-tails.ts';
import type { Connection } from './connection.ts';
import { FileWatch } from './file-watch.ts';
import { isBusy } from './sqlite-error.ts';

interface Marks {
  readonly events: number;
  readonly deletions: number;
  readonly claimables: number;
}

const MARKS = `SELECT deletions, claimables,
  max(event_floor, coalesce((SELECT max(id) FROM event), 0)) AS events FROM state`;

const CHANGED_CALLS = `SELECT DISTINCT call.name FROM event JOIN call ON call.id = event.call
  WHERE event.id > ?`;

/** What other connections have written, told to those here who wait for it. */
export class Changes {
  readonly #connection: Connection;
  readonly #tails: JournalTails;
  readonly #listeners = new Set<() => void>();
  readonly #onForeign: () => void;
  #version: number | undefined;
  #followers = 0;
  #watch: FileWatch | undefined;
  /** What was known when those who wait were last told; `undefined` when nothing was. */
  #marks: Marks | undefined;
  #isUntold = false;
  #isStopped = false;

  /** @param onForeign - called first when another connection has written */
  constructor(connection: Connection, tails: JournalTails, onForeign: () => void) {
    this.#connection = connection;
    this.#tails = tails;
    this.#onForeign = onForeign;
  }

  /** Notices whether another connection has written; {@link tell} comes later. */
  notice(): void {
    const version = this.#connection.dataVersion();
    if (version === this.#version) return;
    this.#version = version;
    this.#isUntold = true;
    this.#onForeign();
  }

  /** Tells those who wait of what was noticed. */
  tell(): void {
    if (!this.#isUntold) return;
    this.#isUntold = false;
    if (this.#watch === undefined) return;
    const before = this.#marks;
    const now = this.#connection.get<Marks>(MARKS);
    this.#marks = now;
    if (before === undefined || before.deletions !== now?.deletions) this.#tails.wakeAll();
    else this.#wakeChanged(before.events);
    if (before?.claimables !== now?.claimables) this.tellClaimable();
  }

  tellClaimable(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  onClaimable(listener: () => void): () => void {
    const own = (): void => listener();
    this.#listeners.add(own);
    this.#adapt();
    return () => {
      this.#listeners.delete(own);
      this.#adapt();
    };
  }

  /** Follows what others write, until stopped. */
  follow(): () => void {
    this.#followers += 1;
    this.#adapt();
    return () => {
      this.#followers -= 1;
      this.#adapt();
    };
  }

  /** Tells nobody any more. */
  stop(): void {
    this.#isStopped = true;
    this.#adapt();
  }

  /** Watches while anybody waits; only those who follow keep the process alive. */
  #adapt(): void {
    const isWanted = this.#followers + this.#listeners.size > 0 && !this.#isStopped;
    if (!isWanted) {
      this.#watch?.stop();
      this.#watch = undefined;
    } else if (this.#watch === undefined) {
      this.#marks = undefined;
      this.#isUntold = true;
      this.#watch = new FileWatch(this.#connection.file, () => this.#look());
    }
    this.#watch?.keepAlive(this.#followers > 0);
  }

  #look(): void {
    try {
      this.#connection.assertFileIsThere();
      this.notice();
      this.tell();
    } catch (error) {
      if (isBusy(error)) return;
      // Whoever waits reads, and is told what is wrong.
      this.#tails.wakeAll();
    }
  }

  #wakeChanged(after: number): void {
    for (const { name } of this.#connection.all<{ name: string }>(CHANGED_CALLS, after)) {
      this.#tails.wake(name);
    }
  }
}
