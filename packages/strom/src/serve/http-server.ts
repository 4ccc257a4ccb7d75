import { once } from 'node:events';
import { createServer, type Server as NodeServer, type ServerOptions } from 'node:http';
import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo, ListenOptions, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { SYSTEM_CLOCK } from '../base/clock.ts';
import { DEFAULT_STALL_TIMEOUT_MS } from '../transports/http/open-outbox.ts';
import type { Credentials } from './dev-certificate.ts';
import { limitHttp2 } from './http2-patience.ts';
import type { NodeListener, StreamListener } from './node-listener.ts';
import { TLS_BOUNDS } from './tls-credentials.ts';
import { cutUntaken } from './untaken-answers.ts';

const LINGER_MS = 2_000;

const MAX_HEADER_BYTES = 16 * 1024;
const DEFAULT_HEADERS_TIMEOUT_MS = 15_000;
const DEFAULT_REQUEST_TIMEOUT_MS = 60_000;
const DEFAULT_CONNECTION_IDLE_MS = 5_000;
/** Node looks for connections that are over their time now and then; they get that much more. */
const CHECKS_PER_TIMEOUT = 5;
const MIN_CHECK_PERIOD_MS = 50;
const MAX_CHECK_PERIOD_MS = 30_000;

/**
 * How long clients may take to say what they want; 0 is no limit. Answers may take as long as they need.
 */
export interface ArrivalLimits {
  /** Until the headers of a request have arrived, in milliseconds. Default 15 000. */
  readonly headersTimeoutMs?: number | undefined;
  /** Until a request has arrived whole, in milliseconds; 408 beyond. Default 60 000. */
  readonly requestTimeoutMs?: number | undefined;
  /** A connection on which nothing is asked for so long is closed, in milliseconds. Default 5000. */
  readonly connectionIdleMs?: number | undefined;
}

/** Where to listen, and how patiently. */
export interface DoorOptions extends ListenOptions, ArrivalLimits {
  /** A reader that takes nothing of an answer for so long is cut off, in milliseconds. Default 30 000. */
  readonly stallTimeoutMs?: number | undefined;
}

function arrivalBounds(limits: ArrivalLimits) {
  const {
    headersTimeoutMs = DEFAULT_HEADERS_TIMEOUT_MS,
    requestTimeoutMs = DEFAULT_REQUEST_TIMEOUT_MS,
    connectionIdleMs = DEFAULT_CONNECTION_IDLE_MS,
  } = limits;
  const timeoutsMs = [headersTimeoutMs, requestTimeoutMs].filter((ms) => ms > 0);
  const checkPeriodMs = Math.min(
    MAX_CHECK_PERIOD_MS,
    ...timeoutsMs.map((ms) => ms / CHECKS_PER_TIMEOUT),
  );
  return {
    // Node refuses to start where headers may take longer than the request they belong to.
    headersTimeout:
      requestTimeoutMs > 0 ? Math.min(headersTimeoutMs, requestTimeoutMs) : headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    connectionsCheckingInterval: Math.max(MIN_CHECK_PERIOD_MS, checkPeriodMs),
    maxHeaderSize: MAX_HEADER_BYTES,
    keepAliveTimeout: connectionIdleMs,
  } satisfies ServerOptions;
}

/** Bounds of one HTTP/2 connection: streams at once, resets, settings, frames that break rules. */
const HTTP2_BOUNDS = {
  allowHTTP1: true,
  maxSettings: 32,
  maxSessionInvalidFrames: 100,
  maxSessionRejectedStreams: 100,
  streamResetBurst: 200,
  streamResetRate: 20,
  settings: { maxConcurrentStreams: 128, maxHeaderListSize: 16 * 1024 },
} as const;

/** A listening server, whatever it speaks. */
export interface ListeningServer {
  readonly server: NodeServer | Http2SecureServer;
  readonly origin: string;
  /** Lets answers that are being written leave, then closes every connection. */
  close(): Promise<void>;
}

/** Serves HTTP/1.1 in the clear. */
export async function listenHttp(
  listener: NodeListener,
  options: DoorOptions,
): Promise<ListeningServer> {
  const server = createServer(arrivalBounds(options));
  const open = keepOpen<Socket>(server, 'connection');
  limitAnswers(server, open, options);
  // 0 keeps every header, so that too many can be counted and refused instead of dropped.
  server.maxHeadersCount = 0;
  server.on('request', listener);
  server.listen(options);
  await once(server, 'listening');
  return { server, origin: `http://${authorityOf(server)}`, close: () => closeHttp1(server, open) };
}

/** Who serves what comes over TLS. */
export interface TlsListeners {
  readonly request: NodeListener;
  /** Serves the streams of HTTP/2 in its place, where nobody needs them in the shape of HTTP/1.1. */
  readonly stream?: StreamListener | undefined;
}

/** Serves HTTP/2 and HTTP/1.1 over TLS on one port. */
export async function listenHttps(
  listeners: TlsListeners,
  options: DoorOptions,
  credentials: Credentials,
): Promise<ListeningServer> {
  const arrival = arrivalBounds(options);
  const bounds = {
    ...arrival,
    ...HTTP2_BOUNDS,
    ...TLS_BOUNDS,
    handshakeTimeout: arrival.headersTimeout,
  };
  const server = createSecureServer({ ...bounds, ...credentials });
  const open: OpenConnections = {
    sessions: keepOpen(server, 'session'),
    sockets: keepOpen(server, 'secureConnection'),
    connections: keepOpen(server, 'connection'),
  };
  // Node takes these for HTTP/1.1 over TLS from the server alone, and not from its options.
  Object.assign(server, arrival, { maxHeadersCount: 0 });
  limitHttp2(server, {
    requestTimeoutMs: arrival.requestTimeout,
    idleMs: arrival.keepAliveTimeout,
    stallTimeoutMs: options.stallTimeoutMs ?? DEFAULT_STALL_TIMEOUT_MS,
    clock: SYSTEM_CLOCK,
  });
  limitAnswers(server, open.sockets, options);
  // The compatibility layer gives HTTP/2 requests the shape of HTTP/1.1 ones.
  server.on('request', listeners.request as unknown as Parameters<typeof server.on>[1]);
  // It listens for streams itself, and does that for as long as it is let.
  if (listeners.stream !== undefined) {
    server.removeAllListeners('stream').on('stream', listeners.stream);
  }
  server.listen(options);
  await once(server, 'listening');
  return {
    server,
    origin: `https://${authorityOf(server)}`,
    close: () => closeHttp2(server, open),
  };
}

function limitAnswers(
  server: NodeServer | Http2SecureServer,
  open: ReadonlySet<Socket>,
  { stallTimeoutMs = DEFAULT_STALL_TIMEOUT_MS }: DoorOptions,
): void {
  const looks = cutUntaken(open, { stallTimeoutMs, clock: SYSTEM_CLOCK });
  server.once('close', () => looks?.cancel());
}

function closeHttp1(server: NodeServer, open: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    const linger = setTimeout(() => server.closeAllConnections(), LINGER_MS);
    // Connections that fall idle from now on must not wait for another request.
    server.keepAliveTimeout = 1;
    server.close(() => {
      clearTimeout(linger);
      resolve();
    });
    server.closeIdleConnections();
    endUnused(open);
  });
}

/** Clients open connections ahead of need; one without a first byte counts as idle only for us. */
function endUnused(sockets: Iterable<Socket>): void {
  for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
}

interface OpenConnections {
  readonly sessions: ReadonlySet<ServerHttp2Session>;
  /** Over TLS, as soon as both sides have agreed on it. */
  readonly sockets: ReadonlySet<TLSSocket>;
  /** Below TLS. */
  readonly connections: ReadonlySet<Socket>;
}

interface Closable {
  on(event: 'close', listener: () => void): unknown;
}

/** What an event of the server has opened and what has not closed since. */
function keepOpen<Connection extends Closable>(
  server: NodeServer | Http2SecureServer,
  event: 'connection' | 'session' | 'secureConnection',
): ReadonlySet<Connection> {
  const open = new Set<Connection>();
  // One for all connections: each of its own, with `once` around it, would take 250 bytes.
  function forget(this: Connection): void {
    open.delete(this);
  }
  server.on(event, (connection: Connection) => {
    open.add(connection);
    connection.on('close', forget);
  });
  return open;
}

function closeHttp2(server: Http2SecureServer, open: OpenConnections): Promise<void> {
  return new Promise((resolve) => {
    const linger = setTimeout(() => {
      // A session that closes gracefully waits for its peer, and TLS for a peer that never agreed on it.
      for (const connection of open.connections) connection.destroy();
    }, LINGER_MS);
    server.close(() => {
      clearTimeout(linger);
      resolve();
    });
    for (const session of open.sessions) session.close();
    endUnused(open.sockets);
    endUnused(open.connections);
  });
}

function authorityOf(server: NodeServer | Http2SecureServer): string {
  const address = server.address();
  // A local socket has a path for an address, and no URL.
  if (address === null || typeof address === 'string') return '';
  const { address: host, family, port } = address as AddressInfo;
  return `${family === 'IPv6' ? `[${host}]` : host}:${port}`;
}
