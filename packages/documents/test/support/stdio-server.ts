import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import {
  LoggingMessageNotificationSchema,
  ProgressNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';

const MAIN = join(import.meta.dirname, '../../dist/main.js');

export interface Heard {
  readonly progress: number;
  readonly message: string;
}

export interface StdioServer extends AsyncDisposable {
  readonly client: Client;
  /** Log lines in the order of their arrival, as `level: text`. */
  readonly logs: string[];
  /** Progress in the order of its arrival, of every call. */
  readonly progress: Heard[];
  /** Called on arrival, before the client itself sees the message. */
  onProgress: ((heard: Heard) => void) | undefined;
  /** Process id of the server. */
  readonly pid: number;
  /** Process ids of its conversion processes that run now. */
  workerPids(): number[];
}

/** The built command, spoken to by the official client of the 2025 protocol. */
export async function stdioServer(root: string, output: string): Promise<StdioServer> {
  const args = [MAIN, '--root', root, '--output', output];
  const transport = new StdioClientTransport({ command: process.execPath, args, stderr: 'pipe' });
  const client = new Client({ name: 'documents-test', version: '1.0.0' });
  const logs: string[] = [];
  client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => {
    logs.push(`${params.level}: ${String(params.data)}`);
  });
  await client.connect(transport);
  const pid = transport.pid ?? 0;
  const server: StdioServer = {
    client,
    logs,
    progress: [],
    onProgress: undefined,
    pid,
    workerPids: () => childrenOf(pid),
    [Symbol.asyncDispose]: () => client.close(),
  };
  listenIn(transport, server);
  return server;
}

/**
 * Notes progress on its way in.
 *
 * The official client forgets the listener of a call when its result arrives, so it loses a last
 * notification that shares a packet with the result.
 */
function listenIn(transport: StdioClientTransport, server: StdioServer): void {
  const deliver = transport.onmessage;
  transport.onmessage = (message) => {
    const notification = ProgressNotificationSchema.safeParse(message);
    if (notification.success) {
      const { progress, message: text = '' } = notification.data.params;
      server.progress.push({ progress, message: text });
      server.onProgress?.({ progress, message: text });
    }
    deliver?.(message);
  };
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}
