/** Servers to be attacked, in a process of their own; started and asked over the channel of messages. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import express from 'express';
import { apiKeys } from '../../../src/auth/keys/api-keys.ts';
import type { Running } from '../../../src/serve/run-options.ts';
import { Strom } from '../../../src/serve/strom.ts';
import { memoryStore } from '../../../src/stores/memory/memory-store.ts';
import { LogRecorder } from '../../harness/log-recorder.ts';
import type { VictimOptions } from './victim.ts';
import { addTools, Workbench } from './victim-tools.ts';

interface Request {
  readonly id: number;
  readonly command: string;
  readonly input: unknown;
}

interface Serving {
  readonly logs: LogRecorder;
  readonly bench: Workbench;
  readonly running: Running;
}

const NS_PER_MS = 1e6;
const delay = monitorEventLoopDelay({ resolution: 1 });
const servers = new Map<string, Serving>();

async function start(options: VictimOptions): Promise<string> {
  const { server, run, keys, hasStore = false, isEmbedded = false } = options;
  const logs = new LogRecorder();
  const bench = new Workbench();
  const store = hasStore ? { store: memoryStore() } : {};
  const strom = new Strom({ name: 'victim', version: '0.0.1', logger: logs, ...store, ...server });
  addTools(strom, bench);
  const auth = keys === undefined ? {} : { auth: [apiKeys({ keys })] };
  const running = isEmbedded
    ? await embed(strom)
    : await strom.run({ port: 0, handleSignals: false, ...auth, ...run });
  const url = running.url ?? '';
  servers.set(url, { logs, bench, running });
  return url;
}

/** Behind a framework that has parsed the body before. */
async function embed(strom: Strom): Promise<Running> {
  const app = express();
  app.use(express.json({ limit: '8mb' }));
  app.use(strom.listener());
  const http = createServer(app).listen(0, '127.0.0.1');
  await once(http, 'listening');
  const closed = once(http, 'close').then(() => undefined);
  const close = async (): Promise<void> => {
    http.close();
    http.closeAllConnections();
    await closed;
  };
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`;
  return { url, closed, close, drain: close, legacyUses: () => [] };
}

async function answer(command: string, input: unknown): Promise<unknown> {
  if (command === 'start') return start(input as VictimOptions);
  const { url, name = '' } = input as { url: string; name?: string };
  const serving = servers.get(url);
  if (serving === undefined) throw new Error(`there is no server at ${url}`);
  const { logs, bench, running } = serving;
  switch (command) {
    case 'stop':
      servers.delete(url);
      return running.close();
    case 'forget':
      logs.records.length = 0;
      return bench.forget();
    case 'logs':
      return logs.records;
    case 'noted':
      return bench.noted(name);
    case 'letGo':
      return bench.letGo();
    case 'watchDelay':
      delay.enable();
      return delay.reset();
    case 'delay':
      return delay.max / NS_PER_MS;
    default:
      throw new Error(`there is no command ${command}`);
  }
}

function forgetLogs(): void {
  for (const { logs } of servers.values()) logs.records.length = 0;
}

async function reply({ id, command, input }: Request): Promise<void> {
  // What a server has logged is kept by its recorder, and is no harm.
  if (command === 'vitals') return forgetLogs();
  try {
    process.send?.({ id, value: await answer(command, input) });
  } catch (error) {
    process.send?.({ id, error: String((error as Error).stack) });
  }
}

process.on('message', (message) => void reply(message as Request));
process.channel?.ref();
process.on('disconnect', () => process.exit());
process.stdout.write('ready\n');
