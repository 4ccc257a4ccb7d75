/** The official 2.x server over HTTP, without sessions. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { createSdk2Server } from './sdk2-server.ts';

export interface Sdk2Http extends AsyncDisposable {
  readonly url: string;
}

export async function startSdk2Http(): Promise<Sdk2Http> {
  const handle = toNodeHandler(createMcpHandler(createSdk2Server));
  // The SDK's own types disagree under exactOptionalPropertyTypes.
  const server = createServer((req, res) => void handle(req as never, res)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
