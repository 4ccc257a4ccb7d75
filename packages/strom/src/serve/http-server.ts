import { once } from 'node:events';
import { createServer, type Server as NodeServer } from 'node:http';
import type { AddressInfo, ListenOptions } from 'node:net';
import type { NodeListener } from './node-listener.ts';

const REQUEST_TIMEOUT_MS = 60_000;
const HEADERS_TIMEOUT_MS = 15_000;
const MAX_HEADER_BYTES = 16 * 1024;
const LINGER_MS = 2_000;

/** Makes a Node server with the library's bounds and waits until it listens. */
export async function listenHttp(
  listener: NodeListener,
  options: ListenOptions,
): Promise<NodeServer> {
  const server = createServer({
    requestTimeout: REQUEST_TIMEOUT_MS,
    headersTimeout: HEADERS_TIMEOUT_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
  });
  // 0 keeps every header, so that too many can be counted and refused instead of dropped.
  server.maxHeadersCount = 0;
  server.on('request', listener);
  server.listen(options);
  await once(server, 'listening');
  return server;
}

/** Lets answers that are being written leave, then closes every connection. */
export function closeHttp(server: NodeServer): Promise<void> {
  return new Promise((resolve) => {
    const linger = setTimeout(() => server.closeAllConnections(), LINGER_MS);
    // Connections that fall idle from now on must not wait for another request.
    server.keepAliveTimeout = 1;
    server.close(() => {
      clearTimeout(linger);
      resolve();
    });
    server.closeIdleConnections();
  });
}

/** Where a listening server can be reached, without a path. */
export function originOf(server: NodeServer): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
