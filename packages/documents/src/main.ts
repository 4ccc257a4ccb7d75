#!/usr/bin/env node
/**
 * `strom-documents`: the documents server on the command line.
 *
 * Standard output belongs to the protocol; everything else goes to standard error.
 *
 * @module
 */
import type { Store } from 'strom';
import { sqliteStore } from 'strom/sqlite';
import { type CommandOptions, HELP, parseOptions } from './cli/parse-options.ts';
import { stderrLogger } from './cli/stderr-logger.ts';
import { createDocumentsServer } from './server.ts';

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2), process.env);
  if (options === 'help') {
    process.stderr.write(HELP);
    return;
  }
  const store =
    options.store === undefined ? undefined : await sqliteStore({ file: options.store });
  try {
    await serve(options, store);
  } finally {
    await store?.close();
  }
}

async function serve({ server: settings, run }: CommandOptions, store?: Store): Promise<void> {
  const server = await createDocumentsServer({
    ...settings,
    logger: stderrLogger,
    ...(store && { store }),
  });
  try {
    const running = await server.strom.run(run);
    await running.closed;
  } finally {
    await server[Symbol.asyncDispose]();
  }
}

try {
  await main();
} catch (error) {
  const text = error instanceof Error ? error.message : String(error);
  process.stderr.write(`strom-documents: ${text}\n`);
  process.exitCode = 1;
}
