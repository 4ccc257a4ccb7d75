/**
 * Answers that nobody takes, where the door is not the usual one: handed on from another worker, or on a
 * server that somebody else has made.
 */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createSecureServer } from 'node:http2';
import type { AddressInfo, Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { SILENT_LOGGER } from '../../src/base/logger.ts';
import { forward } from '../../src/serve/forward.ts';
import { listenHttp, listenHttps } from '../../src/serve/http-server.ts';
import type { NodeListener } from '../../src/serve/node-listener.ts';
import { Strom } from '../../src/serve/strom.ts';
import { resolveTls } from '../../src/serve/tls-options.ts';
import { askHttp2, openHttp2 } from '../harness/http2-client.ts';
import { modernCall } from '../harness/mcp-request.ts';
import { ownDataHome } from '../harness/own-data-home.ts';
import { RawConnection, rawRequest } from '../harness/raw-http.ts';
import './support/base-line.ts';

const STALL_MS = 300;
/** More than the buffers on the way take. */
const LONG = Buffer.alloc(32 * 1024 * 1024, 'x');
const CALL = modernCall('long');
ownDataHome();

async function credentials() {
  return (await resolveTls('dev', SILENT_LOGGER)).credentials;
}

/** Another worker, which answers at length; tells when it has lost the reader of an answer. */
async function startOwner() {
  const folder = await mkdtemp(path.join(tmpdir(), 'strom-untaken-'));
  const socket = path.join(folder, '0.sock');
  let tellLost = (): void => undefined;
  const lost = new Promise<void>((resolve) => {
    tellLost = resolve;
  });
  const owner = createServer((request, response) => {
    request.resume();
    response.once('close', tellLost);
    response.end(LONG);
  });
  await once(owner.listen(socket), 'listening');
  const handOn: NodeListener = (incoming, response) => {
    forward(incoming, response, { socket, outlivesProcess: false });
  };
  return {
    handOn,
    lost,
    async [Symbol.asyncDispose]() {
      owner.closeAllConnections();
      await new Promise((resolve) => owner.close(resolve));
      await rm(folder, { recursive: true });
    },
  };
}

describe('S01: answers of another worker that nobody takes', () => {
  it('are given up with their stream: HTTP/2', async () => {
    await using owner = await startOwner();
    const at = { port: 0, host: '127.0.0.1', stallTimeoutMs: STALL_MS };
    const door = await listenHttps({ request: owner.handOn }, at, await credentials());
    await using session = await openHttp2(door, { initialWindowSize: 0 });
    const stream = askHttp2(session, CALL);
    await once(stream, 'close');
    await owner.lost;
    expect(session.destroyed).toBe(false);
    session.destroy();
    await door.close();
  });

  it('are given up with their connection: HTTP/1.1', async () => {
    await using owner = await startOwner();
    const at = { port: 0, host: '127.0.0.1', stallTimeoutMs: STALL_MS };
    const door = await listenHttp(owner.handOn, at);
    const port = Number(new URL(door.origin).port);
    await using connection = await RawConnection.open(port);
    connection.socket.pause();
    connection.write(rawRequest(port, CALL));
    await owner.lost;
    await door.close();
  });
});

/** A program that answers at length, with the server it has made around the listener. */
async function mount(serverOf: (listener: NodeListener) => Server) {
  const strom = new Strom({ name: 'mounted', version: '1.0.0' });
  const piece = 'x'.repeat(200_000);
  strom.tool('long', { description: 'Answers at length' }, () => piece);
  strom.tool('short', { description: 'Answers in a word' }, () => 'short');
  const server = serverOf(strom.listener({ stallTimeoutMs: STALL_MS }));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const lost = once(server, 'connection').then(([socket]) => once(socket, 'close'));
  const sockets: Socket[] = [];
  server.on('connection', (socket) => sockets.push(socket));
  const closed = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
  return { port, lost, sockets, closed };
}

describe('S01: whole answers on a server that somebody else has made, which nobody takes', () => {
  it('are given up with their connection: HTTP/1.1', async () => {
    const { port, lost, closed } = await mount((listener) => createServer(listener));
    await using connection = await RawConnection.open(port);
    connection.socket.pause();
    for (let count = 0; count < 100; count += 1) connection.write(rawRequest(port, CALL));
    await lost;
    await closed();
  });

  it('are given up, each by itself: HTTP/2', async () => {
    const keys = await credentials();
    const { port, closed } = await mount((listener) =>
      createSecureServer(keys, (request, response) => {
        const incoming = request as unknown as IncomingMessage;
        listener(incoming, response as unknown as ServerResponse);
      }),
    );
    await using session = await openHttp2(
      { origin: `https://127.0.0.1:${port}` },
      { initialWindowSize: 0 },
    );
    const streams = Array.from({ length: 10 }, () => askHttp2(session, CALL));
    await Promise.all(
      streams.map((stream) => new Promise((resolve) => stream.on('close', resolve))),
    );
    expect(session.destroyed).toBe(false);
    session.destroy();
    await closed();
  });

  it('are alone in that: what others answer on the same connections is let be', async () => {
    const { port, sockets, closed } = await mount((listener) =>
      createServer((request, response) => {
        if (request.url === '/mcp') listener(request, response);
        else response.end(LONG);
      }),
    );
    await using older = await RawConnection.open(port);
    await using younger = await RawConnection.open(port);
    for (const each of [older, younger]) {
      each.write(rawRequest(port, modernCall('short')));
      expect((await each.answer()).status).toBe(200);
      each.socket.pause();
    }
    const lost = once(sockets[1] as Socket, 'close');
    older.write(rawRequest(port, { method: 'GET', target: '/theirs' }));
    for (let count = 0; count < 100; count += 1) younger.write(rawRequest(port, CALL));
    await lost;
    expect(sockets[0]?.destroyed).toBe(false);
    older.destroy();
    await closed();
  });
});
