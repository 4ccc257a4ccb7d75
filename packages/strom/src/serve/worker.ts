/**
 * A worker's part in a team: sessions live in the worker that opened them, their ids name it, and
 * a request that reaches another worker is handed to the owner over a local socket.
 *
 * @module
 */
import cluster from 'node:cluster';
import {
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream';
import { type ListeningServer, listenHttp } from './http-server.ts';
import type { NodeListener } from './node-listener.ts';
import type { Strom } from './strom.ts';

export const WORKER_ENV = 'STROM_WORKER';

/** What the primary tells a worker. */
export interface WorkerSetup {
  readonly index: number;
  /** Holds the local sockets; readable by this user alone. */
  readonly directory: string;
  /** Base64 of the key that seals states between rounds, shared by all workers. */
  readonly stateKey: string;
}

export interface WorkerMembership {
  readonly sessionIdPrefix: string;
  /**
   * Sends requests of other workers' sessions to them, the others to `own`.
   *
   * @param handedOver - serves what other workers send here
   */
  route(own: NodeListener, handedOver: NodeListener): NodeListener;
  /** Tells the primary where this worker can be reached. */
  announce(url: string): void;
  close(): Promise<void>;
}

/** Tells the owner where a request came from; no client can reach the socket it counts on. */
const PEER_HEADER = 'x-strom-peer';
const OWNER = /^w(\d{1,4})-/;

/** Joins the team, if this process is a worker of one. */
export function joinWorkers(strom: Strom): WorkerMembership | undefined {
  const text = process.env[WORKER_ENV];
  if (!cluster.isWorker || text === undefined) return undefined;
  const setup = JSON.parse(text) as WorkerSetup;
  strom.shareStateKey(Buffer.from(setup.stateKey, 'base64'));
  let local: Promise<ListeningServer> | undefined;
  return {
    sessionIdPrefix: `w${setup.index}-`,
    route(own, handedOver) {
      local = listenLocally(handedOver, setup);
      return (incoming, response, next) => {
        const owner = ownerOf(incoming);
        if (owner === undefined || owner === setup.index) own(incoming, response, next);
        else forward(incoming, response, socketPath(setup.directory, owner));
      };
    },
    announce: (url) => process.send?.({ url }),
    close: async () => {
      await (await local)?.close();
      // The channel to the primary would keep the process alive.
      if (process.connected) process.disconnect();
    },
  };
}

/** Not through the primary: `exclusive` keeps the socket this worker's own. */
function listenLocally(own: NodeListener, setup: WorkerSetup): Promise<ListeningServer> {
  return listenHttp(own, { path: socketPath(setup.directory, setup.index), exclusive: true });
}

function socketPath(directory: string, index: number): string {
  return path.join(directory, `${index}.sock`);
}

/** The worker whose session a request names, in its header or in the query of HTTP+SSE. */
function ownerOf(incoming: IncomingMessage): number | undefined {
  const header = incoming.headers['mcp-session-id'];
  const id = typeof header === 'string' ? header : queryId(incoming.url ?? '');
  const match = id === undefined ? null : OWNER.exec(id);
  return match === null ? undefined : Number(match[1]);
}

function queryId(target: string): string | undefined {
  const at = target.indexOf('?sessionId=');
  return at === -1 ? undefined : target.slice(at + '?sessionId='.length);
}

function forward(incoming: IncomingMessage, response: ServerResponse, socket: string): void {
  const { method, url } = incoming;
  const outgoing = request({ socketPath: socket, method, path: url, headers: pairs(incoming) });
  outgoing.once('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers));
    response.flushHeaders();
    pipeline(answer, response, () => undefined);
  });
  outgoing.once('error', () => gone(response));
  response.once('close', () => outgoing.destroy());
  pipeline(incoming, outgoing, () => undefined);
}

/**
 * Array form keeps repeated headers, which the owner refuses as this worker would. HTTP/2 names the
 * host in a pseudo header of its own.
 */
function pairs({ rawHeaders, headers, socket }: IncomingMessage): string[] {
  const kept: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (name.startsWith(':') || name.toLowerCase() === PEER_HEADER) continue;
    kept.push(name, rawHeaders[index + 1] ?? '');
  }
  if (socket.remoteAddress !== undefined) kept.push(PEER_HEADER, socket.remoteAddress);
  const authority = headers[':authority'];
  if (typeof authority === 'string' && headers.host === undefined) kept.push('host', authority);
  return kept;
}

/** Where a request came from that another worker has handed on. */
export function peerOf({ headers }: IncomingMessage): string | undefined {
  const peer = headers[PEER_HEADER];
  return typeof peer === 'string' ? peer : undefined;
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

/** The owner has died, and its sessions with it: the client opens a new one. */
function gone(response: ServerResponse): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = '{"jsonrpc":"2.0","error":{"code":-32600,"message":"Session not found"}}';
  response.writeHead(404, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(body);
}
