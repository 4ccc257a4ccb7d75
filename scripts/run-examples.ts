/**
 * Runs every example as a reader would: its server as one process, its client as another, which
 * asserts what it sees. Prints one line an example and, last, the counts.
 *
 * Usage: `npm run examples [NAME...]`
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';

const EXAMPLES = path.join(import.meta.dirname, '../examples');
const TIMEOUT_MS = 60_000;
/** The exit code of a client that lacks what it needs, such as curl. */
const SKIPPED = 77;

type Outcome = 'passed' | 'failed' | 'skipped';

function start(file: string, args: readonly string[] = []): ChildProcess {
  return spawn(process.execPath, ['--import', 'tsx', file, ...args], {
    env: { ...process.env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** The first line a server prints is its URL. */
async function urlOf(server: ChildProcess): Promise<string> {
  if (server.stdout === null) throw new Error('the server has no standard output');
  for await (const line of createInterface(server.stdout)) return line;
  throw new Error('the server ended before it said its URL');
}

async function exitCodeOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const [code] = (await once(child, 'exit', { signal })) as [number | null];
    return code;
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

async function run(name: string): Promise<Outcome> {
  const server = start(path.join(EXAMPLES, name, 'server.ts'));
  try {
    const client = start(path.join(EXAMPLES, name, 'client.ts'), [await urlOf(server)]);
    client.stdout?.resume();
    const code = await exitCodeOf(client);
    if (code === SKIPPED) return 'skipped';
    return code === 0 ? 'passed' : 'failed';
  } catch (error) {
    console.error(error);
    return 'failed';
  } finally {
    server.kill();
    await exitCodeOf(server);
  }
}

const wanted = process.argv.slice(2);
const names = wanted.length > 0 ? wanted : readdirSync(EXAMPLES);
const counts = { passed: 0, failed: 0, skipped: 0 };
for (const name of names) {
  const outcome = await run(name);
  counts[outcome] += 1;
  console.log(`${outcome} ${name}`);
}
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
if (counts.failed > 0 || counts.passed === 0) process.exitCode = 1;
