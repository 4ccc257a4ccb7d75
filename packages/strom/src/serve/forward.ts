/**
 * Hands a request to another worker of the team over its local socket, and the answer back.
 *
 * @module
 */
import {
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http';
import { pipeline } from 'node:stream';

export interface ForwardOptions {
  readonly socket: string;
  /** Whether a session can be gone on with when the process that holds it dies. */
  readonly outlivesProcess: boolean;
  /** Called instead of an answer when nobody is there; the request is still whole. */
  readonly unreachable?: () => void;
  /** The other worker shall not hand the request on. */
  readonly isLast?: boolean;
}

/** Tells the owner where a request came from; believed over its local socket alone. */
const PEER_HEADER = 'x-strom-peer';
/** Tells that a request was on its way through two workers. */
const SECOND_HOP_HEADER = 'x-strom-second-hop';

/** What is said to the worker at the door, or by it, and means nothing on the next connection. */
const NOT_HANDED_ON = new Set([
  PEER_HEADER,
  SECOND_HOP_HEADER,
  'connection',
  'expect',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'upgrade',
]);

/**
 * Requests that came over the local socket. A socket does not tell for sure: one that has closed
 * meanwhile has no address either, and its client may have sent these headers itself.
 */
const fromWorkers = new WeakSet<IncomingMessage>();

export function forward(
  incoming: IncomingMessage,
  response: ServerResponse,
  options: ForwardOptions,
): void {
  const { method, url } = incoming;
  const peer = originOf(incoming);
  if (peer === undefined) {
    // The client has gone, and nobody could be told whose the request was.
    response.destroy();
    return;
  }
  const headers = pairs(incoming, peer);
  if (options.isLast === true) headers.push(SECOND_HOP_HEADER, '1');
  const outgoing = request({ socketPath: options.socket, method, path: url, headers });
  let isReached = false;
  outgoing.once('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers));
    response.flushHeaders();
    pipeline(answer, response, () => undefined);
  });
  outgoing.once('error', () => {
    if (isReached || options.unreachable === undefined) gone(response, options);
    else options.unreachable();
  });
  response.once('close', () => outgoing.destroy());
  whenReached(outgoing, () => {
    isReached = true;
    pipeline(incoming, outgoing, () => undefined);
  });
}

/** Nothing is read of a request before somebody is there to take it. */
function whenReached(outgoing: ClientRequest, reached: () => void): void {
  outgoing.once('socket', (socket) => {
    if (socket.connecting) socket.once('connect', reached);
    else reached();
  });
}

/**
 * Array form keeps repeated headers, which the owner refuses as this worker would. HTTP/2 names the
 * host in a pseudo header of its own.
 */
function pairs(incoming: IncomingMessage, peer: string): string[] {
  const { rawHeaders, headers } = incoming;
  const kept: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (isHandedOn(name)) kept.push(name, rawHeaders[index + 1] ?? '');
  }
  kept.push(PEER_HEADER, peer);
  const authority = headers[':authority'];
  if (typeof authority === 'string' && headers.host === undefined) kept.push('host', authority);
  // HTTP/2 frames a body whatever its headers say. On the local hop a body without either of these two
  // would run into the next request, and be read as one.
  if ('stream' in incoming && headers['content-length'] === undefined) {
    kept.push('transfer-encoding', 'chunked');
  }
  return kept;
}

function isHandedOn(name: string): boolean {
  return !name.startsWith(':') && !NOT_HANDED_ON.has(name.toLowerCase());
}

/**
 * Takes in a request that came over the local socket, and no other: what its headers tell about the hop
 * is believed from now on.
 *
 * @returns where it came from
 */
export function receiveFromWorker(request: IncomingMessage): string | undefined {
  fromWorkers.add(request);
  return originOf(request);
}

/** Where a request came from; `undefined` where that cannot be said any more. */
function originOf(request: IncomingMessage): string | undefined {
  if (!fromWorkers.has(request)) return request.socket.remoteAddress;
  const peer = request.headers[PEER_HEADER];
  return typeof peer === 'string' ? peer : undefined;
}

/** Whether a request must not be handed on any more. */
export function isOnSecondHop(request: IncomingMessage): boolean {
  return fromWorkers.has(request) && request.headers[SECOND_HOP_HEADER] !== undefined;
}

/** Headers of the local hop stay on it; HTTP/2 does not even have them. */
function endToEnd(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const {
    connection: _hop,
    'keep-alive': _alive,
    'transfer-encoding': _framing,
    ...rest
  } = headers;
  return rest;
}

/** The owner has died. The client opens a new session, or comes back to the one it has. */
function gone(response: ServerResponse, { outlivesProcess }: ForwardOptions): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const [status, code, message] = outlivesProcess
    ? [503, -32603, 'The process that ran the call has ended']
    : [404, -32600, 'Session not found'];
  response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    ...(outlivesProcess && { 'retry-after': '1' }),
  });
  response.end(JSON.stringify({ jsonrpc: '2.0', error: { code, message } }));
}
