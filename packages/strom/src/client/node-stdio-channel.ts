/**
 * A server started as a child process, spoken to over its standard streams, one message a line.
 *
 * The command is started without a shell: no argument is ever interpreted.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/stdio
 * @module
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import type { Readable, Writable } from 'node:stream';
import type { Clock } from '../base/clock.ts';
import { StromError } from '../base/strom-error.ts';
import { LineDecoder } from '../protocol/line-decode.ts';
import type { Channel, ChannelEvents, OpenChannel } from './channel.ts';
import { messageLines } from './message-lines.ts';
import type { CommandTarget } from './target.ts';

const EXIT_GRACE_MS = 2_000;
const MAX_STDERR_LINE_CHARS = 64 * 1024;

/** What a child inherits unless told otherwise: nothing that usually holds a secret. */
const INHERITED = [
  'HOME',
  'LANG',
  'LC_ALL',
  'LOGNAME',
  'PATH',
  'SHELL',
  'TERM',
  'TMPDIR',
  'TZ',
  'USER',
  // Windows
  'APPDATA',
  'HOMEDRIVE',
  'HOMEPATH',
  'LOCALAPPDATA',
  'PATHEXT',
  'PROCESSOR_ARCHITECTURE',
  'SYSTEMDRIVE',
  'SYSTEMROOT',
  'TEMP',
  'USERNAME',
  'USERPROFILE',
];

type Child = ChildProcessByStdio<Writable, Readable, Readable | null>;

function environment(own: CommandTarget['env']): Record<string, string> {
  const inherited = INHERITED.map((name) => [name, process.env[name]] as const);
  const present = inherited.filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { ...Object.fromEntries(present), ...own };
}

function start(target: CommandTarget): Child {
  const { stderr = 'inherit' } = target;
  return spawn(target.command, [...(target.args ?? [])], {
    stdio: ['pipe', 'pipe', typeof stderr === 'function' ? 'pipe' : stderr],
    env: environment(target.env),
    ...(target.cwd !== undefined && { cwd: target.cwd }),
    shell: false,
    // On Windows this would open a window instead.
    detached: target.ownProcessGroup === true && process.platform !== 'win32',
    windowsHide: true,
  }) as Child;
}

/** Reads the child's messages as fast as they are taken. */
class MessageReader {
  readonly #stdout: Readable;
  readonly #events: ChannelEvents;
  #chunks = 0;
  #isTaking = false;

  constructor(stdout: Readable, events: ChannelEvents) {
    this.#stdout = stdout;
    this.#events = events;
  }

  async run(maxMessageChars: number): Promise<void> {
    const lines = messageLines(this.#events, maxMessageChars);
    this.#stdout.setEncoding('utf8');
    for await (const chunk of this.#stdout) {
      this.#chunks += 1;
      this.#isTaking = true;
      lines.push(String(chunk));
      await this.#events.whenRoom();
      this.#isTaking = false;
    }
    lines.end();
  }

  /**
   * Stops once nothing more has come for a while. What a process that is gone has left in the pipe comes
   * at once, but the pipe does not end before every process that inherited it.
   */
  async stopWhenSilent(read: Promise<void>, clock: Clock): Promise<void> {
    for (let seen = -1; this.#isTaking || seen !== this.#chunks; ) {
      seen = this.#chunks;
      if (await isInTime(read, clock)) return;
    }
    this.#stdout.destroy();
  }
}

/** Waits, but no longer than a peer is given to leave. */
async function isInTime(wait: Promise<void>, clock: Clock): Promise<boolean> {
  let timer = { cancel: (): void => undefined };
  const late = new Promise<false>((resolve) => {
    timer = clock.after(EXIT_GRACE_MS, () => resolve(false));
  });
  return Promise.race([wait.then(() => true), late]).finally(() => timer.cancel());
}

/** Lets go of the pipes, which would hold this process while any other has their other ends. */
function letGo({ stdin, stdout, stderr }: Child): void {
  stdin.destroy();
  stdout.destroy();
  stderr?.destroy();
}

async function readStderr(stderr: Readable, onLine: (line: string) => void): Promise<void> {
  const lines = new LineDecoder({
    onLine,
    onOverlong: () => undefined,
    maxLineChars: MAX_STDERR_LINE_CHARS,
  });
  stderr.setEncoding('utf8');
  for await (const chunk of stderr) lines.push(String(chunk));
  lines.end();
}

function exitReason(child: Child): string {
  if (child.exitCode === null && child.signalCode === null) return 'the server closed its output';
  if (child.signalCode !== null) return `the server was ended by ${child.signalCode}`;
  return `the server exited with code ${child.exitCode}`;
}

class StdioChannel implements Channel {
  readonly transport = 'stdio';
  readonly #child: Child;
  readonly #clock: Clock;
  readonly #exited: Promise<void>;

  constructor(child: Child, clock: Clock) {
    this.#child = child;
    this.#clock = clock;
    this.#exited = new Promise((resolve) => child.once('exit', () => resolve()));
  }

  async send(text: string): Promise<void> {
    const { stdin } = this.#child;
    if (!stdin.writable) throw new StromError('ERR_PEER_GONE', exitReason(this.#child));
    if (stdin.write(`${text}\n`)) return;
    // A pipe that is gone never drains; its `close` is what ends this wait then.
    const waiting = new AbortController();
    const { signal } = waiting;
    const ended = [once(stdin, 'drain', { signal }), once(stdin, 'close', { signal })];
    await Promise.race(ended).finally(() => {
      for (const wait of ended) void wait.catch(() => undefined);
      waiting.abort();
    });
  }

  settle(): void {
    // There are no headers to repeat it in.
  }

  /** Asks the server to leave by closing its input, then less and less politely. */
  async close(): Promise<void> {
    await this.#end();
    letGo(this.#child);
  }

  async #end(): Promise<void> {
    if (this.#hasExited()) return;
    this.#child.stdin.end();
    if (await this.#exitsInTime()) return;
    this.#child.kill('SIGTERM');
    if (await this.#exitsInTime()) return;
    this.#child.kill('SIGKILL');
    await this.#exited;
  }

  #hasExited(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  #exitsInTime(): Promise<boolean> {
    return isInTime(this.#exited, this.#clock);
  }
}

export interface StdioOptions {
  readonly clock: Clock;
  readonly maxMessageChars: number;
}

/** Starts the command. */
export function stdioChannel(target: CommandTarget, options: StdioOptions): OpenChannel {
  return async (events) => {
    const child = start(target);
    const channel = new StdioChannel(child, options.clock);
    // `error` comes instead of `spawn` when the command cannot be started.
    await once(child, 'spawn').catch((cause: unknown) => {
      throw new StromError('ERR_CONNECT', `cannot start ${target.command}`, { cause });
    });
    child.on('error', (error: Error) => events.onWarning('the server process failed', { error }));
    // EPIPE: the exit that caused it is reported below.
    child.stdin.on('error', () => undefined);
    if (child.stderr !== null && typeof target.stderr === 'function') {
      // A broken stderr loses log lines, nothing else.
      void readStderr(child.stderr, target.stderr).catch(() => undefined);
    }
    // Never rejects.
    void watchEnd(child, events, options);
    return channel;
  };
}

/** Reads to the end of the output, and tells how it came. */
async function watchEnd(
  child: Child,
  events: ChannelEvents,
  { clock, maxMessageChars }: StdioOptions,
): Promise<void> {
  const reader = new MessageReader(child.stdout, events);
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  // What breaks the reading shows in how the process ends.
  const read = reader.run(maxMessageChars).catch(() => undefined);
  await Promise.race([read, exited.then(() => reader.stopWhenSilent(read, clock))]);
  // A process that has closed its output says nothing more, whether it goes or not.
  await isInTime(exited, clock);
  events.onClosed(new StromError('ERR_PEER_GONE', exitReason(child)));
}
