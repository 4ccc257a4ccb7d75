import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import {
  createServer as createLocal,
  type IncomingMessage,
  type Server as LocalServer,
  request,
  type ServerResponse,
} from 'node:http';
import {
  connect,
  constants,
  createServer,
  type Http2Server,
  type Http2ServerResponse,
} from 'node:http2';
import { type AddressInfo, connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { forward, isOnSecondHop, receiveFromWorker } from '../../src/serve/forward.ts';
import './support/base-line.ts';
import {
  FLAGS,
  FRAMES,
  frame,
  headerBlock,
  PREFACE,
  pseudoHeaders,
  uint32,
} from './support/raw-http2.ts';

interface Arrived {
  readonly method: string | undefined;
  readonly peer: unknown;
  readonly body: string;
}

/** What a door does with a request before and after it hands it on. */
interface Door {
  readonly before?: (request: IncomingMessage) => void;
  readonly after?: (response: ServerResponse) => void;
}

async function stop(server: LocalServer | Http2Server): Promise<void> {
  server.close();
  if ('closeAllConnections' in server) server.closeAllConnections();
  await once(server, 'close');
}

/** A door that speaks HTTP/2, and hands everything on to a worker, which writes down what it gets. */
async function startTeam({ before, after }: Door = {}) {
  const folder = await mkdtemp(path.join(tmpdir(), 'strom-forward-'));
  const socket = path.join(folder, '0.sock');
  const arrived: Arrived[] = [];
  const hosts: (readonly string[] | undefined)[] = [];
  const owner = createLocal(async (request, response) => {
    const { method, headers, headersDistinct } = request;
    hosts.push(headersDistinct['host']);
    const body = await text(request).catch(() => undefined);
    if (body === undefined) return;
    arrived.push({ method, peer: headers['x-strom-peer'], body });
    response.end(`answer ${arrived.length}`);
  });
  owner.listen(socket);
  await once(owner, 'listening');
  const door = createServer((request, response) => {
    const incoming = request as unknown as IncomingMessage;
    const answer = response as unknown as ServerResponse;
    before?.(incoming);
    forward(incoming, answer, { socket, outlivesProcess: false });
    after?.(answer);
  });
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  const { port } = door.address() as AddressInfo;
  const authority = `127.0.0.1:${port}`;
  const session = connect(`http://${authority}`);
  await once(session, 'connect');
  const open = (method: string, body: string, headers: Record<string, string>) =>
    session
      .request({ ':method': method, ':path': '/mcp', ...headers }, { endStream: false })
      .end(body);
  return {
    arrived,
    authority,
    hosts,
    /** Sends a body and takes its stream back before the end, as if nothing was wrong. */
    async takeBack(body: string): Promise<void> {
      // Node ends a stream before it takes it back, and this one is not to be whole.
      const socket = connectTcp(port, '127.0.0.1');
      const asked = once(owner, 'request');
      const { settings, headers, data, reset } = FRAMES;
      const payload = headerBlock(pseudoHeaders(port));
      socket.write(PREFACE);
      socket.write(frame(settings));
      socket.write(frame(headers, { flags: FLAGS.endHeaders, stream: 1, payload }));
      socket.write(frame(data, { stream: 1, payload: Buffer.from(body) }));
      const [request] = (await asked) as [IncomingMessage];
      const ended = new Promise((resolve) => request.once('close', resolve));
      socket.write(frame(reset, { stream: 1, payload: uint32(constants.NGHTTP2_NO_ERROR) }));
      await ended;
      socket.destroy();
    },
    async status(): Promise<unknown> {
      const stream = open('POST', '{}', {});
      const [headers] = await once(stream, 'response');
      await text(stream);
      return headers[':status'];
    },
    async ask(method: string, body: string, headers: Record<string, string> = {}): Promise<string> {
      return await text(open(method, body, headers));
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

describe('H07: the host of a request of HTTP/2 that another worker reads over HTTP/1.1', () => {
  it.each<[string, (authority: string) => Record<string, string>, readonly string[]]>([
    ['is told where it is the authority', () => ({}), ['authority']],
    ['is told once where both say it', (host) => ({ host }), ['authority']],
    [
      'is told twice, which is refused there, where the two differ',
      () => ({ host: 'other.test' }),
      ['other.test', 'authority'],
    ],
  ])('%s', async (_, headersOf, expected) => {
    await using team = await startTeam();
    await team.ask('POST', '{}', { ':authority': team.authority, ...headersOf(team.authority) });
    const told = expected.map((each) => (each === 'authority' ? team.authority : each));
    expect(team.hosts).toEqual([told]);
  });
});

describe('H05: a request that cannot be handed on as it is', () => {
  it('is refused, and the process lives, where Node does not write what it has read', async () => {
    const before = (request: IncomingMessage): void => {
      request.url = '/mcp?\u4e16';
    };
    await using team = await startTeam({ before });
    expect(await team.status()).toBe(400);
    expect(team.arrived).toEqual([]);
  });
});

describe('P01: a request of HTTP/2 that is taken back before its end', () => {
  it('is not whole for another worker', async () => {
    await using team = await startTeam();
    await team.takeBack('{}');
    expect(await team.ask('POST', 'mine')).toBe('answer 1');
    expect(team.arrived.map(({ body }) => body)).toEqual(['mine']);
  });
});

describe('S05: the answer of another worker to a client that was told already it is too late', () => {
  it('is dropped', async () => {
    const after = (response: ServerResponse): void => {
      const { stream } = response as unknown as Http2ServerResponse;
      stream.respond({ ':status': 408 });
      // The stream is open for as long as its client has not taken all of that.
      setTimeout(() => stream.end(), 200);
    };
    await using team = await startTeam({ after });
    expect(await team.status()).toBe(408);
    expect(team.arrived).toHaveLength(1);
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
