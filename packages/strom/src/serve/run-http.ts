import { once } from 'node:events';
import { createServer, type Server as NodeServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HttpHost } from '../transports/http/http-host.ts';
import { nodeListener } from './node-listener.ts';
import type { Running, RunOptions } from './run-options.ts';
import { onSignal } from './signals.ts';
import type { Strom } from './strom.ts';

const DEFAULT_PORT = 3000;
const DEFAULT_HOST = '127.0.0.1';
const REQUEST_TIMEOUT_MS = 60_000;
const HEADERS_TIMEOUT_MS = 15_000;
const MAX_HEADER_BYTES = 16 * 1024;

/** Listens on a port until told to leave. */
export async function runHttp(strom: Strom, options: RunOptions): Promise<Running> {
  const host = new HttpHost(
    { dispatcher: strom, tools: strom, clock: strom.clock, logger: strom.logger },
    options,
  );
  const server = createNodeServer();
  server.on('request', nodeListener(host, strom.logger));
  server.listen(options.port ?? DEFAULT_PORT, options.host ?? DEFAULT_HOST);
  await once(server, 'listening');
  const done = new AbortController();
  const close = (): Promise<void> => {
    strom.shutDown();
    host.close();
    return closeServer(server);
  };
  if (options.handleSignals !== false) onSignal(close, done.signal);
  const closed = once(server, 'close').then(() => done.abort());
  const url = `${originOf(server)}${options.path ?? '/mcp'}`;
  strom.logger.info({ url }, 'listening');
  return { url, closed, legacyUses: () => host.legacyUses(), close };
}

function createNodeServer(): NodeServer {
  const server = createServer({
    requestTimeout: REQUEST_TIMEOUT_MS,
    headersTimeout: HEADERS_TIMEOUT_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
  });
  // 0 keeps every header, so that too many can be counted and refused instead of dropped.
  server.maxHeadersCount = 0;
  return server;
}

function closeServer(server: NodeServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function originOf(server: NodeServer): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
