import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

export type Child = ChildProcessByStdio<Writable, Readable, Readable>;

export interface TestProcessOptions {
  /** Flags of Node, before its others. */
  readonly flags?: readonly string[];
  /** Added to the environment of the tests. */
  readonly env?: NodeJS.ProcessEnv;
  /** The URL of a module that is loaded first and talks to this process over a channel of messages. */
  readonly preload?: string;
}

/** A module of the tests as a process of its own, with pipes; `.mjs` ones start without a compiler. */
export class TestProcess implements AsyncDisposable {
  readonly child: Child;
  /** Everything the process wrote to standard error. */
  stderr = '';
  readonly #lines: AsyncIterator<string>;
  /** Resolves with the exit code; `null` when a signal ended the process. */
  readonly exited: Promise<number | null>;

  constructor(module: string, args: readonly string[] = [], options: TestProcessOptions = {}) {
    const { env = {}, flags = [], preload } = options;
    const script = pathOf(module);
    const loader = script.endsWith('.mjs') ? [] : ['--import', 'tsx'];
    if (preload !== undefined) loader.push('--import', preload);
    this.child = spawn(process.execPath, [...flags, ...loader, script, ...args], {
      stdio: ['pipe', 'pipe', 'pipe', ...(preload === undefined ? [] : ['ipc' as const])],
      env: { ...process.env, ...env },
    }) as Child;
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    const lines = createInterface({ input: this.child.stdout });
    this.#lines = lines[Symbol.asyncIterator]();
    // Writing to a process that has gone is part of what is tested.
    this.child.stdin.on('error', () => undefined);
    this.exited = once(this.child, 'exit').then(([code]) => code as number | null);
  }

  write(bytes: string | Uint8Array): void {
    this.child.stdin.write(bytes);
  }

  /** The next line on standard output; `undefined` at its end. */
  async line(): Promise<string | undefined> {
    const { done, value } = await this.#lines.next();
    return done === true ? undefined : value;
  }

  /** The next line on standard output, as JSON. */
  async message(): Promise<Record<string, unknown>> {
    const line = await this.line();
    if (line === undefined) throw new Error(`no more output; stderr: ${this.stderr}`);
    return JSON.parse(line) as Record<string, unknown>;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
  }
}

function pathOf(module: string): string {
  return new URL(module, import.meta.url).pathname;
}
