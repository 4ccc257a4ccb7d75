#!/usr/bin/env node
/**
 * `strom-documents`: the documents server on the command line.
 *
 * Standard output belongs to the protocol; everything else goes to standard error.
 *
 * @module
 */
import { HELP, parseOptions } from './cli/parse-options.ts';
import { stderrLogger } from './cli/stderr-logger.ts';
import { createDocumentsServer } from './server.ts';

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2), process.env);
  if (options === 'help') {
    process.stderr.write(HELP);
    return;
  }
  const server = await createDocumentsServer({ ...options.server, logger: stderrLogger });
  try {
    const running = await server.strom.run(options.run);
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
