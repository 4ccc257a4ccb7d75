import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildSync } from 'esbuild';
import { TestProcess, type TestProcessOptions } from '../../harness/child-process.ts';
import type { Vitals } from './probe.ts';

interface Reply {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** The probe as one script, for processes that start without a compiler, too. */
function bundleProbe(): string {
  const { outputFiles } = buildSync({
    entryPoints: [path.join(import.meta.dirname, 'probe.ts')],
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    write: false,
  });
  const script = Buffer.from(outputFiles[0]?.contents ?? []).toString('base64');
  return `data:text/javascript;base64,${script}`;
}

const PROBE = bundleProbe();

/** A process that can be asked what it holds, and for whatever else it answers to. */
export class ProbedProcess extends TestProcess {
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #hasExited = false;

  constructor(
    module: string,
    args: readonly string[] = [],
    options: Pick<TestProcessOptions, 'env'> = {},
  ) {
    super(module, args, { ...options, preload: PROBE });
    this.child.on('message', (message) => this.#take(message as Reply));
    void this.exited.then((code) => {
      this.#hasExited = true;
      const error = new Error(`the process has ended with ${code}: ${this.stderr}`);
      for (const { reject } of this.#waiting.values()) reject(error);
    });
  }

  get isAlive(): boolean {
    return !this.#hasExited;
  }

  async ask<Value>(command: string, input?: unknown): Promise<Value> {
    if (this.#hasExited) throw new Error(`the process has ended: ${this.stderr}`);
    this.#lastId += 1;
    const id = this.#lastId;
    const reply = new Promise<unknown>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
    });
    this.child.send({ id, command, input }, () => undefined);
    return (await reply) as Value;
  }

  vitals(): Promise<Vitals> {
    return this.ask('vitals');
  }

  /** How many files and sockets are open, those of the event loop included. */
  openDescriptors(): number {
    return readdirSync(`/proc/${this.child.pid}/fd`).length;
  }

  /** Resident memory in MB: `VmRSS` now, `VmHWM` at its highest since {@link resetPeak}. */
  memoryMb(field: 'VmRSS' | 'VmHWM'): number {
    const status = readFileSync(`/proc/${this.child.pid}/status`, 'utf8');
    return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024;
  }

  resetPeak(): void {
    // See proc_pid_clear_refs(5).
    writeFileSync(`/proc/${this.child.pid}/clear_refs`, '5');
  }

  #take({ id, value, error }: Reply): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(value);
    else waiting?.reject(new Error(error));
  }
}
