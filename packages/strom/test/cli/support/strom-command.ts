/** The built command line as a process of its own, its streams kept byte for byte. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const MAIN = path.join(import.meta.dirname, '../../../dist/cli/main.js');

/** An official server on the standard streams, as words after `--`. */
export const SDK_SERVER = [
  process.execPath,
  '--import',
  import.meta.resolve('tsx'),
  fileURLToPath(import.meta.resolve('./sdk-server.ts')),
];

export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** What stands on standard input. Default: nothing. */
  readonly input?: string;
  readonly cwd?: string;
  /** Makes it the head of a group of processes, as a shell does. */
  readonly ownGroup?: boolean;
}

/** Variables of the machine that would change what is printed. */
const NEUTRAL = { CI: '', NO_COLOR: '', FORCE_COLOR: '', HTTP_PROXY: '', HTTPS_PROXY: '' };

type StreamName = 'stdout' | 'stderr';

/** One run of `strom`. */
export class StromCommand implements AsyncDisposable {
  readonly child: ChildProcessWithoutNullStreams;
  readonly #closed: Promise<number | null>;
  readonly #bytes: Record<StreamName, Buffer[]> = { stdout: [], stderr: [] };
  #changed: (() => void)[] = [];

  constructor(args: readonly string[], options: CommandOptions = {}) {
    const env = { ...process.env, ...NEUTRAL, ...options.env };
    this.child = spawn(process.execPath, [MAIN, ...args], {
      env,
      cwd: options.cwd,
      detached: options.ownGroup ?? false,
    });
    // A command that ends before it has read its input breaks the pipe.
    this.child.stdin.on('error', () => undefined);
    this.child.stdin.end(options.input ?? '');
    for (const name of ['stdout', 'stderr'] as const) {
      this.child[name].on('data', (bytes: Buffer) => {
        this.#bytes[name].push(bytes);
        this.#announce();
      });
    }
    this.#closed = once(this.child, 'close').then(([code]) => {
      this.#announce();
      return code as number | null;
    });
  }

  get stdout(): string {
    return this.bytes('stdout').toString();
  }

  get stderr(): string {
    return this.bytes('stderr').toString();
  }

  bytes(name: StreamName): Buffer {
    return Buffer.concat(this.#bytes[name]);
  }

  /** Waits until a stream has shown something; throws when the command ends without. */
  async shows(name: StreamName, pattern: RegExp): Promise<RegExpMatchArray> {
    for (;;) {
      const match = this[name].match(pattern);
      if (match !== null) return match;
      if (this.child.exitCode !== null || this.child.signalCode !== null) {
        await this.#closed;
        const late = this[name].match(pattern);
        if (late !== null) return late;
        throw new Error(`${name} ended without ${pattern}: ${this.stdout}${this.stderr}`);
      }
      await new Promise<void>((resolve) => this.#changed.push(resolve));
    }
  }

  /** What the command was when it had ended. */
  async ended(): Promise<Ended> {
    const exitCode = await this.#closed;
    return { exitCode, stdout: this.stdout, stderr: this.stderr };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGKILL');
    await this.#closed;
  }

  #announce(): void {
    const waiters = this.#changed;
    this.#changed = [];
    for (const resolve of waiters) resolve();
  }
}

/** Runs a command to its end. */
export async function strom(args: readonly string[], options: CommandOptions = {}): Promise<Ended> {
  await using command = new StromCommand(args, options);
  return await command.ended();
}

/** The lines of a text, each read as JSON. */
export function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** The JSON error that stands on the last line. */
export function lastError(stderr: string): Record<string, unknown> {
  const { error } = jsonLines(stderr.trimEnd().split('\n').at(-1) ?? '')[0] ?? {};
  return error as Record<string, unknown>;
}
