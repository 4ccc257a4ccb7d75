/**
 * One conversion process as its parent sees it.
 *
 * Whatever ends a document early (cancel, time, memory) kills the process; the
 * promise of that document settles only when the process is gone.
 *
 * @module
 */
import type { ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import { ConvertError, type FailureCode } from '../base/convert-error.ts';
import type { Limits } from '../base/limits.ts';
import { launchWorker } from './launch-worker.ts';
import { watchMemory } from './memory-watch.ts';
import { type WorkerReply, type WorkerRequest, workerReplySchema } from './worker-messages.ts';

/** Enough of the end of stderr to tell an exhausted heap from a crash. */
const STDERR_CHARS = 4096;

/** One document for a process. */
export interface WorkerTask {
  /** File name without folders. */
  readonly name: string;
  readonly source: AsyncIterable<Uint8Array>;
  readonly limits: Limits;
  readonly signal: AbortSignal;
  onPage(page: number, total: number): void;
}

export type WorkerAnswer = Exclude<WorkerReply, { kind: 'page' }>;

/** The document in work and what waits for it. */
interface CurrentTask {
  readonly onPage: WorkerTask['onPage'];
  readonly resolve: (answer: WorkerAnswer) => void;
  readonly reject: (error: ConvertError) => void;
}

export class WorkerProcess {
  readonly pid: number;
  /** Settles when the process has ended; never rejects. */
  readonly exited: Promise<void>;
  readonly #child: ChildProcess;
  #killedFor: FailureCode | undefined;
  #hasEnded = false;
  #stderr = '';
  #current: CurrentTask | undefined;

  constructor(memoryBytes: number) {
    this.#child = launchWorker(memoryBytes);
    this.pid = this.#child.pid ?? 0;
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_CHARS);
    });
    this.#child.on('message', (message) => this.#receive(message));
    this.exited = new Promise((resolve) => {
      const end = (): void => {
        this.#hasEnded = true;
        this.#current?.reject(this.#exitError());
        resolve();
      };
      this.#child.once('close', end);
      this.#child.once('error', end);
    });
    this.#rest();
  }

  /** Whether the process can take another document. */
  get isAlive(): boolean {
    return !this.#hasEnded && this.#killedFor === undefined && this.#child.connected;
  }

  /** Ends the process at once; the document in work fails with `code`. */
  kill(code: FailureCode): void {
    this.#killedFor ??= code;
    // Whoever waits for `exited` must not find the event loop empty before it settles.
    this.#child.ref();
    this.#child.kill('SIGKILL');
  }

  /**
   * Converts one document; the process must be idle.
   *
   * @throws {ConvertError} if the process had to be killed or ended by itself
   */
  async convert(task: WorkerTask): Promise<WorkerAnswer> {
    this.#work();
    const stop = this.#guard(task);
    try {
      const answer = this.#nextAnswer(task);
      const fed = this.#feed(task);
      // The process may end while the source is still being read, and the other way round.
      await Promise.race([fed, answer]);
      const result = await answer;
      await fed;
      return result;
    } catch (error) {
      // Reading the source failed: the process still waits for the rest of it.
      this.kill(error instanceof ConvertError ? error.code : 'worker_crashed');
      await this.exited;
      throw error;
    } finally {
      stop();
      this.#current = undefined;
      this.#rest();
    }
  }

  /** Keeps the parent running while there is work. */
  #work(): void {
    this.#child.ref();
    this.#child.channel?.ref();
  }

  /** Lets the parent exit although this process waits for work. */
  #rest(): void {
    if (this.#killedFor === undefined) this.#child.unref();
    this.#child.channel?.unref();
    if (this.#child.stderr instanceof Socket) this.#child.stderr.unref();
  }

  #receive(message: unknown): void {
    const reply = workerReplySchema.safeParse(message);
    if (!reply.success) this.kill('worker_crashed');
    else if (reply.data.kind === 'page') this.#current?.onPage(reply.data.page, reply.data.total);
    else this.#current?.resolve(reply.data);
  }

  /** Starts the clock, the memory watch and the abort listener of one document. */
  #guard({ limits, signal }: WorkerTask): () => void {
    const onAbort = (): void => this.kill('cancelled');
    const timer = setTimeout(() => this.kill('timeout'), limits.timeoutMs);
    const unwatch = watchMemory(this.pid, limits.memoryBytes, () => this.kill('out_of_memory'));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    return () => {
      clearTimeout(timer);
      unwatch();
      signal.removeEventListener('abort', onAbort);
    };
  }

  #nextAnswer({ onPage }: WorkerTask): Promise<WorkerAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#hasEnded) reject(this.#exitError());
      this.#current = { onPage, resolve, reject };
    });
  }

  async #feed({ name, source, limits }: WorkerTask): Promise<void> {
    await this.#send({ kind: 'start', name, limits });
    for await (const data of source) {
      if (this.#hasEnded) return;
      await this.#send({ kind: 'chunk', data });
    }
    await this.#send({ kind: 'end' });
  }

  #send(request: WorkerRequest): Promise<void> {
    return new Promise((resolve) => {
      // A closed channel means the process is ending, which `exited` reports with its reason.
      this.#child.send(request, () => resolve());
    });
  }

  #exitError(): ConvertError {
    if (this.#killedFor) return new ConvertError(this.#killedFor);
    const isExhausted = /out of memory|allocation failed/i.test(this.#stderr);
    return new ConvertError(isExhausted ? 'out_of_memory' : 'worker_crashed');
  }
}
