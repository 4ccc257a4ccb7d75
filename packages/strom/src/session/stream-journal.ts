/**
 * The writing end of a stream's journal. What is said in one turn is written together; nobody waits
 * for it unless too much has gathered.
 *
 * @module
 */
import { afterMicrotasks } from '../base/after-microtasks.ts';
import { StromError } from '../base/strom-error.ts';
import type { JournalEvent } from '../calls/journal.ts';
import { type SessionStore, STREAM_FENCE } from './session-store.ts';

export interface StreamJournalOptions {
  readonly store: SessionStore;
  readonly name: string;
  /** Resolves when the stream is known to the store. */
  readonly ready: Promise<void>;
  /** Told once when nothing can be written any more. */
  onBroken(error: unknown): void;
}

/** What waits to be written, in characters, before those who say more have to wait. */
const MAX_BACKLOG_CHARS = 1024 * 1024;

/** What an event of a stream is: a message, the last one, or the last one written by another. */
export type EntryKind = 'm' | 'e' | 'x';

export interface Entry {
  readonly seq: number;
  readonly kind: EntryKind;
  /** Empty at the end of a stream that has no last message. */
  readonly message: string;
}

export function toEntry({ seq, text }: JournalEvent): Entry {
  return { seq, kind: text.slice(0, 1) as EntryKind, message: text.slice(1) };
}

export class StreamJournal {
  readonly #options: StreamJournalOptions;
  #queue: string[] = [];
  #backlogChars = 0;
  #written = 0;
  #writing: Promise<void> | undefined;
  #isPlanned = false;
  #isReady = false;
  #isBroken = false;

  constructor(options: StreamJournalOptions) {
    this.#options = options;
    options.ready.then(
      () => {
        this.#isReady = true;
      },
      (error: unknown) => this.#break(error),
    );
  }

  /** Whether the stream is known to the store, or never will be. */
  get isReady(): boolean {
    return this.#isReady || this.#isBroken;
  }

  /** Whether nothing can be written any more, for whatever reason. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** Whether the store is behind: what may be left out should be. */
  get isOverfull(): boolean {
    return this.#backlogChars > MAX_BACKLOG_CHARS;
  }

  append(kind: EntryKind, message: string): void {
    if (this.#isBroken) return;
    this.#queue.push(kind + message);
    this.#backlogChars += message.length;
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    afterMicrotasks(() => {
      this.#isPlanned = false;
      void this.flushed();
    });
  }

  /** Resolves when everything said so far is written, or cannot be. Never rejects. */
  flushed(): Promise<void> {
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  /** What was written after a number, oldest first. */
  async read(after: number, limit: number): Promise<readonly Entry[]> {
    const { store, name } = this.#options;
    return (await store.read(name, after, limit)).map(toEntry);
  }

  /** Writes nothing any more. */
  abandon(): void {
    this.#isBroken = true;
    this.#queue = [];
    this.#backlogChars = 0;
  }

  async #write(): Promise<void> {
    const { store, name, ready } = this.#options;
    try {
      await ready;
      while (this.#queue.length > 0 && !this.#isBroken) {
        const batch = this.#queue;
        this.#queue = [];
        const seq = await store.append(name, STREAM_FENCE, batch);
        for (const text of batch) this.#backlogChars -= text.length - 1;
        this.#written += batch.length;
        if (seq !== this.#written) {
          throw new StromError('ERR_TASK_FENCED', 'another process has written to the stream');
        }
      }
    } catch (error) {
      this.#break(error);
    }
  }

  #break(error: unknown): void {
    if (this.#isBroken) return;
    this.abandon();
    this.#options.onBroken(error);
  }
}
