import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { finished } from 'node:stream/promises';

export const ROOT = path.join(import.meta.dirname, '../..');
/** Where results, logs and the bundled client go; not committed. */
export const OUT = path.join(ROOT, '.conformance');
export const SUITE_FOLDER = path.join(ROOT, 'node_modules/@modelcontextprotocol/conformance');

const HOOKS = path.join(ROOT, 'packages/strom/test/conformance/node20-hooks.mjs');

/**
 * Runs the official suite once.
 *
 * @param logName - the file in the output folder that gets what the suite prints
 * @returns its exit code
 */
export async function runSuite(args: readonly string[], logName: string): Promise<number> {
  const main = path.join(SUITE_FOLDER, 'dist/index.js');
  const suite = spawn(process.execPath, ['--import', HOOKS, main, ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = createWriteStream(path.join(OUT, logName));
  suite.stdout.pipe(log, { end: false });
  suite.stderr.pipe(log, { end: false });
  const [code] = (await once(suite, 'close')) as [number | null];
  log.end();
  await finished(log);
  return code ?? 1;
}
