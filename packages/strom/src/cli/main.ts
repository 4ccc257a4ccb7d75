#!/usr/bin/env node
/**
 * `strom` on the command line. Standard output carries data only; everything that is said to the
 * person goes to standard error.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { SYSTEM_CLOCK } from '../base/clock.ts';
import type { Host } from './host.ts';
import { runCli } from './run-cli.ts';

const HOLD_MS = 3_600_000;

function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(text) as { version: string };
  return version;
}

const host: Host = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  clock: SYSTEM_CLOCK,
  version: readVersion(),
  onSignal(listener) {
    const onInterrupt = (): void => listener('SIGINT');
    const onTerminate = (): void => listener('SIGTERM');
    process.on('SIGINT', onInterrupt);
    process.on('SIGTERM', onTerminate);
    return () => {
      process.off('SIGINT', onInterrupt);
      process.off('SIGTERM', onTerminate);
    };
  },
  leave: (exitCode) => process.exit(exitCode),
};

// A person who can no longer be told anything is no reason to fail; who writes data learns of a
// failure from the write itself.
process.stderr.on('error', () => undefined);
process.stdout.on('error', () => undefined);
// The library's timers do not keep a process alive, and a command may wait for nothing else.
const hold = setInterval(() => undefined, HOLD_MS);
try {
  process.exitCode = await runCli(process.argv.slice(2), host);
} finally {
  clearInterval(hold);
  // A worker that could not open its door has nothing more to hear from the first process.
  if (process.connected) process.disconnect();
}
