import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import {
  createServer as createLocal,
  type IncomingMessage,
  type Server as LocalServer,
  request,
  type ServerResponse,
} from 'node:http';
import { connect, createServer, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { forward, isOnSecondHop, receiveFromWorker } from '../../src/serve/forward.ts';
import './support/base-line.ts';

interface Arrived {
  readonly method: string | undefined;
  readonly peer: unknown;
  readonly body: string;
}

async function stop(server: LocalServer | Http2Server): Promise<void> {
  server.close();
  if ('closeAllConnections' in server) server.closeAllConnections();
  await once(server, 'close');
}

/** A door that speaks HTTP/2, and hands everything on to a worker, which writes down what it gets. */
async function startTeam() {
  const folder = await mkdtemp(path.join(tmpdir(), 'strom-forward-'));
  const socket = path.join(folder, '0.sock');
  const arrived: Arrived[] = [];
  const owner = createLocal(async (request, response) => {
    const { method, headers } = request;
    arrived.push({ method, peer: headers['x-strom-peer'], body: await text(request) });
    response.end(`answer ${arrived.length}`);
  });
  owner.listen(socket);
  await once(owner, 'listening');
  const door = createServer((request, response) => {
    const incoming = request as unknown as IncomingMessage;
    const answer = response as unknown as ServerResponse;
    forward(incoming, answer, { socket, outlivesProcess: false });
  });
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  const session = connect(`http://127.0.0.1:${(door.address() as AddressInfo).port}`);
  await once(session, 'connect');
  return {
    arrived,
    async ask(method: string, body: string, headers: Record<string, string> = {}): Promise<string> {
      const stream = session.request(
        { ':method': method, ':path': '/mcp', ...headers },
        { endStream: false },
      );
      stream.end(body);
      return await text(stream);
    },
    async [Symbol.asyncDispose]() {
      session.destroy();
      await stop(door);
      await stop(owner);
      await rm(folder, { recursive: true });
    },
  };
}

const SMUGGLED = [
  'POST /mcp HTTP/1.1',
  'Host: localhost',
  'X-Strom-Peer: 192.0.2.1',
  'Content-Length: 2',
  '',
  '{}',
].join('\r\n');

describe('H05: a body of HTTP/2 that another worker reads over HTTP/1.1', () => {
  it.each(['GET', 'DELETE', 'OPTIONS', 'POST', 'PURGE'])(
    'of %s is a body there, and no second request',
    async (method) => {
      await using team = await startTeam();
      expect(await team.ask(method, SMUGGLED)).toBe('answer 1');
      // Whoever comes next over the same local connection gets the answer to what they asked.
      expect(await team.ask('POST', 'mine')).toBe('answer 2');
      expect(team.arrived).toEqual([
        { method, peer: '127.0.0.1', body: SMUGGLED },
        { method: 'POST', peer: '127.0.0.1', body: 'mine' },
      ]);
    },
  );

  it('keeps the length it was sent with', async () => {
    await using team = await startTeam();
    const length = { 'content-length': String(SMUGGLED.length) };
    expect(await team.ask('DELETE', SMUGGLED, length)).toBe('answer 1');
    expect(await team.ask('GET', '')).toBe('answer 2');
    expect(team.arrived.map(({ body }) => body)).toEqual([SMUGGLED, '']);
  });
});

/** A door that tells no address of its clients, as one does whose client has gone meanwhile. */
async function askWithoutAddress(take: (request: IncomingMessage) => void) {
  const folder = await mkdtemp(path.join(tmpdir(), 'strom-forward-'));
  const [socketPath, doorPath] = ['0.sock', 'door.sock'].map((name) => path.join(folder, name));
  const peers: unknown[] = [];
  const hops: boolean[] = [];
  const owner = createLocal(({ headers }, response) => {
    peers.push(headers['x-strom-peer']);
    response.end();
  });
  const door = createLocal((incoming, response) => {
    take(incoming);
    hops.push(isOnSecondHop(incoming));
    forward(incoming, response, { socket: socketPath ?? '', outlivesProcess: false });
  });
  await Promise.all([
    once(owner.listen(socketPath), 'listening'),
    once(door.listen(doorPath), 'listening'),
  ]);
  const headers = { 'X-Strom-Peer': '192.0.2.1', 'X-Strom-Second-Hop': '1', Connection: 'close' };
  const asked = request({ socketPath: doorPath, headers }).end();
  const status = await once(asked, 'response').then(
    ([answer]: IncomingMessage[]) => answer?.resume().statusCode,
    (error: { code?: unknown }) => error.code,
  );
  await Promise.all([stop(door), stop(owner)]);
  await rm(folder, { recursive: true });
  return { status, peers, hops };
}

describe('N03: what a request says of its way through the workers', () => {
  it('is not believed of a client, whether or not the socket tells an address', async () => {
    expect(await askWithoutAddress(() => undefined)).toEqual({
      status: 'ECONNRESET',
      peers: [],
      hops: [false],
    });
  });

  it('is believed of a worker', async () => {
    expect(await askWithoutAddress(receiveFromWorker)).toEqual({
      status: 200,
      peers: ['192.0.2.1'],
      hops: [true],
    });
  });
});
