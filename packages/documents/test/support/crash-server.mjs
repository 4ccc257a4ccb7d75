/**
 * The documents server with a store, to be killed, and beside its own tools one that notes every
 * document it has converted in a ledger. Its arguments are a JSON object; it says its URL on standard
 * output.
 */

import { createRequire } from 'node:module';
import { sqliteStore } from 'strom/sqlite';
import { z } from 'zod';
import { createDocumentsServer } from '../../dist/entry/index.js';

const setting = JSON.parse(process.argv[2] ?? '{}');
const { DatabaseSync } = createRequire(import.meta.url)('@photostructure/sqlite');

const ledger = new DatabaseSync(setting.ledger);
ledger.exec('PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 5000');
// No UNIQUE: that a key comes only once is for the test to see.
ledger.exec('CREATE TABLE IF NOT EXISTS done (key TEXT, path TEXT)');
ledger.exec('CREATE TABLE IF NOT EXISTS effect (key TEXT PRIMARY KEY, path TEXT)');
const addDone = ledger.prepare('INSERT INTO done VALUES (?, ?)');
const addEffect = ledger.prepare('INSERT OR IGNORE INTO effect VALUES (?, ?)');

const store = await sqliteStore({ file: setting.store });
const { roots, output, limits, taskLeaseMs } = setting;
const options = { roots, output, limits, taskLeaseMs, store, workers: 2 };
const server = await createDocumentsServer(options);
const { engine, strom } = server;

strom.tool(
  'convert_with_ledger',
  {
    description: 'Converts a folder and notes every document elsewhere',
    input: z.object({ output: z.string() }),
    task: { resumable: true, maxAttempts: 100 },
  },
  async ({ output: subfolder }, ctx) => {
    const paths = (await engine.list('')).map(({ path }) => path);
    const remember = (path, work) =>
      ctx.step(path, async (key) => {
        const record = await work();
        addDone.run(key, path);
        addEffect.run(key, path);
        return record;
      });
    const { signal } = ctx;
    const manifest = await engine.convert({ paths, output: subfolder, remember, signal });
    return { structuredContent: { converted: manifest.converted, total: manifest.total } };
  },
);

const running = await strom.run({ port: 0, allowedHosts: setting.allowedHosts });
process.stdout.write(`${running.url}\n`);
await running.closed;
await server[Symbol.asyncDispose]();
await store.close();
