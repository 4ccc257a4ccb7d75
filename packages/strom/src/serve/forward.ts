/**
 * Hands a request to another worker of the team over its local socket, and the answer back.
 *
 * @module
 */
import {
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request,
  type ServerResponse,
} from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
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
  const peer = originOf(incoming);
  if (peer === undefined) {
    // The client has gone, and nobody could be told whose the request was.
    response.destroy();
    return;
  }
  const outgoing = requestAgain(incoming, peer, options);
  if (outgoing === undefined) {
    refuse(response, { status: 400, code: -32600, message: 'The request cannot be handed on' });
    return;
  }
  let isReached = false;
  outgoing.once('response', (answer) => {
    // A client that took too long was told so at the door meanwhile.
    if (response.headersSent) {
      outgoing.destroy();
      return;
    }
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
    incoming.pipe(outgoing, { end: false });
    incoming.once('end', () => {
      if (isTakenBack(incoming)) outgoing.destroy();
      else outgoing.end();
    });
  });
}

/** A stream of HTTP/2 that its client has taken back ends as if its request were whole. */
function isTakenBack(incoming: IncomingMessage | Http2ServerRequest): boolean {
  return 'stream' in incoming && incoming.stream.closed;
}

/** @returns `undefined` for what Node does not write, though it has read it */
function requestAgain(
  incoming: IncomingMessage,
  peer: string,
  { socket: socketPath, isLast }: ForwardOptions,
): ClientRequest | undefined {
  const { method, url: path } = incoming;
  const headers = pairs(incoming, peer);
  if (isLast === true) headers.push(SECOND_HOP_HEADER, '1');
  try {
    return request({ socketPath, method, path, headers });
  } catch {
    // Its message names nothing but the character that is too much.
    return undefined;
  }
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
  // Where the two differ both are told, and the owner refuses a request with two hosts.
  if (typeof authority === 'string' && headers.host !== authority) kept.push('host', authority);
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
  if (outlivesProcess) {
    const message = 'The process that ran the call has ended';
    refuse(response, { status: 503, code: -32603, message, headers: { 'retry-after': '1' } });
  } else refuse(response, { status: 404, code: -32600, message: 'Session not found' });
}

interface Refusal {
  readonly status: number;
  readonly code: number;
  readonly message: string;
  readonly headers?: OutgoingHttpHeaders;
}

function refuse(response: ServerResponse, { status, code, message, headers }: Refusal): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(JSON.stringify({ jsonrpc: '2.0', error: { code, message } }));
}
