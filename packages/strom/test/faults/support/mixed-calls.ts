/**
 * What clients of many kinds do to one server, each again and again: they call, listen and converse, come
 * and go, and vanish in the middle.
 *
 * @module
 */
import { once } from 'node:events';
import type { ClientHttp2Session } from 'node:http2';
import { text } from 'node:stream/consumers';
import { expect } from 'vitest';
import { askHttp2, openHttp2 } from '../../harness/http2-client.ts';
import {
  BODY_HEADERS,
  initializeBody,
  modernBody,
  modernCall,
  modernHeaders,
  sessionBody,
} from '../../harness/mcp-request.ts';
import { RawConnection, type RawRequest, rawRequest } from '../../harness/raw-http.ts';
import { SseReader } from '../../harness/sse-reader.ts';
import { openSession } from './session.ts';
import { hello, type StdioServer } from './stdio-server.ts';
import type { Target } from './victim.ts';

/** What one client does once. */
export type Visit<Server> = (server: Server, round: number) => Promise<unknown>;

const NOTES = { count: 1000, isAwaited: true };
const ASK = { progressToken: 'p' };
const AT_ONCE = 10;

const listen: RawRequest = {
  headers: modernHeaders('subscriptions/listen'),
  body: modernBody('subscriptions/listen', { notifications: { resourcesListChanged: true } }),
};
const plainStream: RawRequest = {
  target: '/stream/notes',
  headers: BODY_HEADERS,
  body: JSON.stringify({ count: 100, isAwaited: true }),
};

/** Begins a request and is gone before its answer is there, in one of two ways. */
async function vanish(server: Target, request: RawRequest, isReset: boolean): Promise<void> {
  await using connection = await RawConnection.open(server.port);
  connection.write(rawRequest(server.port, request));
  await connection.until((text) => text.length > 0);
  if (isReset) connection.socket.resetAndDestroy();
}

async function converse(server: Target, revision: string): Promise<void> {
  await using peer = await openSession(server, revision);
  const params = { name: 'tell', arguments: { canary: 'x' }, _meta: ASK };
  expect(await (await peer.post(sessionBody('tools/call', params))).text()).toContain('"result"');
  expect(await peer.ping()).toBe(200);
}

async function converseOverSse(server: Target): Promise<void> {
  const reader = new SseReader(await fetch(`${server.origin}/sse`));
  const { data: target } = (await reader.next()) ?? { data: '' };
  const post = (body: string) => server.send({ target, headers: BODY_HEADERS, body });
  expect((await post(initializeBody('2024-11-05'))).status).toBe(202);
  await reader.data();
  expect((await post(sessionBody('tools/call', { name: 'tick' }))).status).toBe(202);
  await reader.data();
  await reader.cancel();
}

/** Over HTTP/1.1, and over HTTP+SSE. */
export const HTTP1_VISITS: readonly Visit<Target>[] = [
  (server) => server.checkAlive(),
  (server) => server.send(modernCall('notes', { count: 200 }, ASK)),
  (server) => server.send(plainStream),
  (server) => server.send(modernCall('throws')),
  (server) => server.send(modernCall('broadcast')),
  (server, round) => vanish(server, modernCall('notes', NOTES, ASK), round % 2 === 0),
  (server, round) => vanish(server, listen, round % 2 === 0),
  (server, round) => converse(server, round % 2 === 0 ? '2025-11-25' : '2025-03-26'),
  (server) => converseOverSse(server),
];

/** Reads an answer to its end. */
async function read(session: ClientHttp2Session, request: RawRequest): Promise<void> {
  expect(await text(askHttp2(session, request))).not.toBe('');
}

async function visit(
  server: Target,
  work: (session: ClientHttp2Session) => Promise<unknown>,
): Promise<void> {
  await using session = await openHttp2(server);
  await work(session);
}

/** Begins a call and is gone before its answer is there, in one of three ways. */
async function vanishOverHttp2(session: ClientHttp2Session, round: number): Promise<void> {
  const stream = askHttp2(session, modernCall('notes', NOTES, ASK));
  await once(stream, 'data');
  if (round % 3 === 0) stream.close();
  if (round % 3 === 1) session.goaway();
}

async function listenOverHttp2(session: ClientHttp2Session): Promise<void> {
  const stream = askHttp2(session, listen);
  await once(stream, 'data');
  const told = once(stream, 'data');
  await read(session, modernCall('broadcast'));
  await told;
  const closed = once(session, 'close');
  stream.close();
  session.close();
  await closed;
}

/** Over HTTP/2. */
export const HTTP2_VISITS: readonly Visit<Target>[] = [
  (server) => server.checkAlive(),
  (server) =>
    visit(server, (session) => {
      const calls = Array.from({ length: AT_ONCE }, () =>
        read(session, modernCall('echo', { text: 'hello' })),
      );
      return Promise.all(calls);
    }),
  (server) =>
    visit(server, async (session) => {
      await read(session, modernCall('notes', { count: 200 }, ASK));
      await read(session, plainStream);
      await read(session, modernCall('throws'));
    }),
  (server, round) => visit(server, (session) => vanishOverHttp2(session, round)),
  (server) => visit(server, listenOverHttp2),
];

/** Writes lines and reads until a request among them is answered. */
async function speak(server: StdioServer, lines: readonly string[], lastId: unknown) {
  server.write(lines.map((line) => `${line}\n`).join(''));
  const ids: unknown[] = [];
  while (!ids.includes(lastId)) ids.push((await server.message())['id']);
  return ids;
}

function line(name: string, args: object, id: unknown): string {
  return modernBody('tools/call', { name, arguments: args, _meta: ASK }, id);
}

function cancelled(requestId: unknown): string {
  return JSON.stringify({
    jsonrpc: '2.0',
    method: 'notifications/cancelled',
    params: { requestId },
  });
}

/** Over the standard streams, of which there is one pair: not at the same time. */
export const STDIO_VISITS: readonly Visit<StdioServer>[] = [
  async (server) => {
    const calls = Array.from({ length: AT_ONCE }, (_, id) => hello(id).trim());
    expect(await speak(server, [...calls, hello('last').trim()], 'last')).toHaveLength(AT_ONCE + 1);
  },
  (server) => speak(server, [line('count', { to: 50 }, 'count')], 'count'),
  (server) => speak(server, [line('flood', { to: 200 }, 'flood')], 'flood'),
  (server) => speak(server, ['{', '[]', '', line('crash', {}, 1), line('refuse', {}, 2)], 2),
  async (server) => {
    await speak(server, [line('wait', {}, 'wait')], undefined);
    await speak(server, [cancelled('wait'), line('why', {}, 'why')], 'why');
  },
];
