import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import {
  createServer as createLocal,
  type IncomingMessage,
  type Server as LocalServer,
  type ServerResponse,
} from 'node:http';
import { connect, createServer, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { forward } from '../../src/serve/forward.ts';
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
