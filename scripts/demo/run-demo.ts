import { type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { constants } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { createDocumentsServer } from '@strom/documents';

const ROOT = path.join(import.meta.dirname, '../..');
const SAMPLES = path.join(ROOT, 'packages/documents/samples');
const STROM = path.join(ROOT, 'packages/strom/dist/cli/main.js');
/** Relative, so that it reads well in the picture. */
export const OUTPUT = 'out/demo';

export interface DemoTerminal {
  /** What becomes of the standard streams of the command. */
  readonly stdio: StdioOptions;
  readonly env?: Readonly<Record<string, string>>;
  /** Options of Node for the command. */
  readonly nodeOptions?: readonly string[];
  /** Told the command line, as a person would type it. */
  onCommand(command: string): void;
  /** Given the streams of the command that are pipes. */
  onStart?(stdout: Readable | null, stderr: Readable | null): void;
}

/**
 * Starts the documents server on this machine and has the command line call it over HTTP.
 *
 * @returns the exit code of the command, as a shell would tell it
 */
export async function runDemo(terminal: DemoTerminal): Promise<number> {
  const output = path.join(ROOT, OUTPUT);
  // What an earlier run has converted would be skipped, and there would be little to see.
  await rm(output, { recursive: true, force: true });
  await using server = await createDocumentsServer({ roots: [SAMPLES], output });
  const running = await server.strom.run({ port: 0, handleSignals: false });
  try {
    const words = ['call', String(running.url), 'convert_folder'];
    terminal.onCommand(`strom ${words.join(' ')}`);
    const command = spawn(process.execPath, [...(terminal.nodeOptions ?? []), STROM, ...words], {
      cwd: ROOT,
      env: { ...process.env, ...terminal.env },
      stdio: terminal.stdio,
    });
    const closed = once(command, 'close');
    terminal.onStart?.(command.stdout, command.stderr);
    const [code, signal] = (await closed) as [number, null] | [null, NodeJS.Signals];
    return code ?? 128 + constants.signals[signal];
  } finally {
    await running.close();
  }
}
