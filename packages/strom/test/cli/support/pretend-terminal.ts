/** The command line in this process, at a terminal whose keys the test presses. */
import { PassThrough } from 'node:stream';
import { SYSTEM_CLOCK } from '../../../src/base/clock.ts';
import type { Host } from '../../../src/cli/host.ts';
import { runCli } from '../../../src/cli/run-cli.ts';

export interface Sitting {
  /** Settles with the exit code. */
  readonly ended: Promise<number>;
  /** What standard output has shown. */
  readonly stdout: () => string;
  /** What the terminal has shown of standard error. */
  readonly stderr: () => string;
  press(keys: string): void;
  /** As a terminal that is not in raw mode makes it of Ctrl-C. */
  interrupt(): void;
  /** Waits until the terminal has shown something. */
  shows(pattern: RegExp): Promise<void>;
}

/** A stream that remembers, as wide as a terminal. */
function screen() {
  let shown = '';
  let changed = (): void => undefined;
  const stream = Object.assign(new PassThrough(), {
    isTTY: true,
    columns: 100,
    hasColors: () => false,
  });
  stream.on('data', (bytes: Buffer) => {
    shown += bytes.toString();
    changed();
  });
  return {
    stream: stream as unknown as NodeJS.WriteStream,
    text: () => shown,
    async shows(pattern: RegExp): Promise<void> {
      while (!pattern.test(shown)) {
        await new Promise<void>((resolve) => {
          changed = resolve;
        });
      }
    },
  };
}

export function sitDown(args: readonly string[], env: NodeJS.ProcessEnv): Sitting {
  const out = screen();
  const err = screen();
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
  let interrupt = (): void => undefined;
  const host: Host = {
    stdin: input as unknown as NodeJS.ReadStream,
    stdout: out.stream,
    stderr: err.stream,
    env: { ...env, NO_COLOR: '1' },
    clock: SYSTEM_CLOCK,
    version: '0.0.0',
    onSignal(listener) {
      interrupt = () => listener('SIGINT');
      return () => undefined;
    },
    leave(exitCode) {
      throw new Error(`left with ${exitCode}`);
    },
  };
  return {
    ended: runCli(args, host),
    stdout: out.text,
    stderr: err.text,
    press: (keys) => void input.write(keys),
    interrupt: () => interrupt(),
    shows: err.shows,
  };
}
