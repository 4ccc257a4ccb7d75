/**
 * A few conversion processes, reused and replaced.
 *
 * @module
 */
import { Slots } from './slots.ts';
import { type WorkerAnswer, WorkerProcess, type WorkerTask } from './worker-process.ts';

export interface WorkerPoolOptions {
  /** Most processes at a time. Default 2. */
  readonly size?: number;
  /** Resident memory one process may use, in bytes. */
  readonly memoryBytes: number;
}

/** A process that kept more than this part of its limit is replaced before the next document. */
const RETIRE_SHARE = 0.5;

export class WorkerPool implements AsyncDisposable {
  readonly #slots: Slots;
  readonly #memoryBytes: number;
  readonly #idle: WorkerProcess[] = [];
  readonly #all = new Set<WorkerProcess>();
  readonly #closing = new AbortController();

  constructor({ size = 2, memoryBytes }: WorkerPoolOptions) {
    if (!Number.isInteger(size) || size < 1)
      throw new TypeError('A pool needs at least one worker.');
    this.#slots = new Slots(size);
    this.#memoryBytes = memoryBytes;
  }

  /** Process ids of the workers that run now, idle ones included. */
  get pids(): number[] {
    return [...this.#all].map((worker) => worker.pid);
  }

  /**
   * Converts one document as soon as a process is free.
   *
   * @throws {ConvertError} `cancelled` also while waiting; otherwise see {@link WorkerProcess}
   */
  async convert(task: WorkerTask): Promise<WorkerAnswer> {
    const signal = AbortSignal.any([task.signal, this.#closing.signal]);
    await this.#slots.take(signal);
    try {
      const worker = this.#takeWorker();
      const answer = await worker.convert({ ...task, signal });
      await this.#giveBack(worker, answer.rssBytes);
      return answer;
    } finally {
      this.#slots.give();
    }
  }

  /** Kills every process and waits until they are gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    const workers = [...this.#all];
    for (const worker of workers) worker.kill('cancelled');
    await Promise.all(workers.map((worker) => worker.exited));
  }

  #takeWorker(): WorkerProcess {
    const idle = this.#idle.pop();
    if (idle?.isAlive) return idle;
    const worker = new WorkerProcess(this.#memoryBytes);
    this.#all.add(worker);
    void worker.exited.then(() => this.#forget(worker));
    return worker;
  }

  async #giveBack(worker: WorkerProcess, rssBytes: number): Promise<void> {
    const isFull = rssBytes > this.#memoryBytes * RETIRE_SHARE;
    if (worker.isAlive && !isFull && !this.#closing.signal.aborted) {
      this.#idle.push(worker);
      return;
    }
    worker.kill('cancelled');
    await worker.exited;
  }

  #forget(worker: WorkerProcess): void {
    this.#all.delete(worker);
    const index = this.#idle.indexOf(worker);
    if (index >= 0) this.#idle.splice(index, 1);
  }
}
