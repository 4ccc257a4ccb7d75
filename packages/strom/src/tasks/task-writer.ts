/**
 * Writes what a running task says: everything said in one turn of the event loop in one go, and what
 * comes while a write is under way in the next one.
 *
 * @module
 */
import { afterMicrotasks } from '../base/after-microtasks.ts';
import type { Clock } from '../base/clock.ts';
import { StromError } from '../base/strom-error.ts';
import { droppedLogs } from '../calls/dropped-logs.ts';
import { encodeTaskEvent, type TaskEvent } from './task-event.ts';
import type { TaskChange, TaskStore } from './task-store.ts';

/** Characters that wait for a write from where on a handler is asked to wait. */
const HIGH_WATER_CHARS = 64 * 1024;
/** And from where on, if it does not, only the newest progress is kept and log lines are counted. */
const MAX_QUEUED_CHARS = 1024 * 1024;
const RETRY_MS = [50, 100, 200, 400, 800, 1600] as const;

export interface TaskWriterOptions {
  readonly store: TaskStore;
  readonly clock: Clock;
  readonly id: string;
  readonly fence: number;
  /** Told once when nothing can be written any more. */
  readonly onLost: (error: StromError) => void;
}

interface Batch {
  readonly texts: string[];
  change: TaskChange;
  chars: number;
  /** The last report that found no room; it is written last. */
  newest: string | undefined;
  droppedLogs: number;
  readonly written: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class TaskWriter {
  readonly #options: TaskWriterOptions;
  #next: Batch | undefined;
  #isWriting = false;
  #lost: StromError | undefined;

  constructor(options: TaskWriterOptions) {
    this.#options = options;
  }

  /** @returns a promise while the store is behind; it resolves when it has caught up, or never will */
  say(event: TaskEvent, message?: string): Promise<void> | undefined {
    if (this.#lost !== undefined) return undefined;
    const text = encodeTaskEvent(event);
    const batch = this.#batch();
    if (message !== undefined) batch.change = { ...batch.change, message };
    if (batch.chars + text.length <= MAX_QUEUED_CHARS) add(batch, text);
    else if (event.kind === 'progress') batch.newest = text;
    else batch.droppedLogs += 1;
    return batch.chars > HIGH_WATER_CHARS ? batch.written.catch(nothing) : undefined;
  }

  /**
   * Changes the record, with the events that tell of it.
   *
   * @returns once it is durable
   * @throws {StromError} `ERR_TASK_FENCED`, `ERR_STORE`
   */
  change({ checkpoint, questions }: TaskChange, events: readonly TaskEvent[] = []): Promise<void> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost);
    const batch = this.#batch();
    for (const event of events) add(batch, encodeTaskEvent(event));
    batch.change = {
      ...batch.change,
      ...(checkpoint && { checkpoint: { ...batch.change.checkpoint, ...checkpoint } }),
      ...(questions && { questions: { ...batch.change.questions, ...questions } }),
    };
    return batch.written;
  }

  /** Resolves when everything said so far is written, or cannot be. */
  async drained(): Promise<void> {
    while (this.#next !== undefined || this.#isWriting) {
      const batch = this.#next;
      await (batch === undefined ? this.#current : batch.written).catch(nothing);
    }
  }

  /** Writes nothing any more. */
  lose(error: StromError): void {
    if (this.#lost !== undefined) return;
    this.#lost = error;
    this.#next?.reject(error);
    this.#next = undefined;
    this.#options.onLost(error);
  }

  #current: Promise<void> = Promise.resolve();

  #batch(): Batch {
    if (this.#next === undefined) {
      this.#next = newBatch();
      if (!this.#isWriting) afterMicrotasks(() => void this.#write());
    }
    return this.#next;
  }

  /** Never rejects: those who wait for a batch are told. */
  async #write(): Promise<void> {
    if (this.#isWriting) return;
    this.#isWriting = true;
    while (this.#next !== undefined) {
      const batch = this.#next;
      this.#next = undefined;
      this.#current = batch.written;
      try {
        await this.#append(batch);
        batch.resolve();
      } catch (error) {
        batch.reject(error);
        this.lose(asStromError(error));
      }
    }
    this.#isWriting = false;
  }

  async #append(batch: Batch): Promise<void> {
    const { store, id, fence } = this.#options;
    const texts = closed(batch);
    for (const delayMs of RETRY_MS) {
      try {
        await store.append(id, fence, texts, batch.change);
        return;
      } catch (error) {
        if (!(error instanceof StromError) || error.code !== 'ERR_STORE') throw error;
      }
      await this.#pause(delayMs);
      if (this.#lost !== undefined) throw this.#lost;
    }
    await store.append(id, fence, texts, batch.change);
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => void this.#options.clock.after(delayMs, resolve));
  }
}

function newBatch(): Batch {
  let settle = { resolve: nothing, reject: (_error: unknown): void => undefined };
  const written = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject };
  });
  // Most batches are waited for by nobody.
  written.catch(nothing);
  return {
    texts: [],
    change: {},
    chars: 0,
    newest: undefined,
    droppedLogs: 0,
    written,
    ...settle,
  };
}

function add(batch: Batch, text: string): void {
  batch.texts.push(text);
  batch.chars += text.length;
}

function closed({ texts, newest, droppedLogs: dropped }: Batch): readonly string[] {
  if (newest === undefined && dropped === 0) return texts;
  return [
    ...texts,
    ...(dropped > 0 ? [encodeTaskEvent(droppedLogs(dropped))] : []),
    ...(newest !== undefined ? [newest] : []),
  ];
}

function nothing(): void {
  // There is nobody to tell.
}

function asStromError(error: unknown): StromError {
  if (error instanceof StromError) return error;
  return new StromError('ERR_STORE', 'the store failed', { cause: error });
}
