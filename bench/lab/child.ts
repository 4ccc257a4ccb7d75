import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { pinned } from './pin.ts';

interface Pending {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

interface Answer {
  readonly ready?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: string;
}

export interface ChildOptions {
  /** `undefined` for any. */
  readonly core: number | undefined;
  /** Arguments to Node: its own options, the script, the script's arguments. */
  readonly args: readonly string[];
  readonly cwd: string;
}

const START_TIMEOUT_MS = 30_000;
const LEAVE_TIMEOUT_MS = 2000;

/** A Node process on one core that answers questions over IPC. */
export class Child implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;
  #port = 0;
  #headers: Readonly<Record<string, string>> = {};

  private constructor(process: ChildProcess) {
    this.#process = process;
    process.on('exit', (code, signal) => this.#failAll(`the process ended: ${code ?? signal}`));
  }

  /** Starts a process and waits until it says that it is ready. */
  static async start({ core, args, cwd }: ChildOptions): Promise<Child> {
    const [command = '', ...rest] = pinned(core, [process.execPath, ...args]);
    const child = new Child(
      spawn(command, rest, {
        cwd,
        // The certificate of the bench is made in its own folder, not in the user's.
        env: { ...process.env, NODE_ENV: 'production', XDG_DATA_HOME: `${cwd}/out/data` },
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      }),
    );
    await child.#started(args.join(' '));
    return child;
  }

  /** The port a server said it listens on. */
  get port(): number {
    return this.#port;
  }

  /** What a server wants every request to carry. */
  get headers(): Readonly<Record<string, string>> {
    return this.#headers;
  }

  /** Asks a question; rejects when the process fails to answer it, or ends. */
  ask<Result>(method: string, params?: unknown): Promise<Result> {
    const id = this.#nextId++;
    return new Promise<Result>((resolve, reject) => {
      this.#pending.set(id, { resolve: resolve as Pending['resolve'], reject });
      this.#process.send({ id, method, params });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = once(this.#process, 'exit');
    this.#process.kill('SIGTERM');
    const impatience = setTimeout(() => this.#process.kill('SIGKILL'), LEAVE_TIMEOUT_MS);
    await gone;
    clearTimeout(impatience);
  }

  async #started(name: string): Promise<void> {
    const signal = AbortSignal.timeout(START_TIMEOUT_MS);
    const exited = once(this.#process, 'exit', { signal }).then(() => {
      throw new Error(`${name} ended before it was ready`);
    });
    const [message] = (await Promise.race([
      once(this.#process, 'message', { signal }),
      exited,
    ])) as [Answer];
    this.#port = message.ready ?? 0;
    this.#headers = message.headers ?? {};
    exited.catch(() => undefined);
    this.#process.on('message', (answer: Answer) => this.#settle(answer));
  }

  #settle({ id = 0, result, error }: Answer): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (error === undefined) pending?.resolve(result);
    else pending?.reject(new Error(error));
  }

  #failAll(reason: string): void {
    for (const { reject } of this.#pending.values()) reject(new Error(reason));
    this.#pending.clear();
  }
}
