import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { forward } from '../../src/serve/forward.ts';
import { RawConnection, rawRequest } from '../harness/raw-http.ts';
import './support/base-line.ts';

async function stop(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
}

/** A worker at the door that hands everything on to another. */
async function startTeam() {
  const folder = await mkdtemp(path.join(tmpdir(), 'strom-hop-'));
  const socket = path.join(folder, '0.sock');
  const arrived: { readonly headers: IncomingHttpHeaders; readonly body: string }[] = [];
  const owner = createServer(async (request, response) => {
    arrived.push({ headers: request.headers, body: await text(request) });
    response.end('taken');
  });
  const door = createServer((incoming, response) => {
    forward(incoming, response, { socket, outlivesProcess: false });
  });
  await once(owner.listen(socket), 'listening');
  await once(door.listen(0, '127.0.0.1'), 'listening');
  return {
    arrived,
    port: (door.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      await stop(door);
      await stop(owner);
      await rm(folder, { recursive: true });
    },
  };
}

describe('H05: headers that are about one connection, on the way to another worker', () => {
  it.each([
    ['Trailer', 'X-Checksum'],
    ['TE', 'trailers'],
    ['Upgrade', 'websocket'],
    ['Expect', '100-continue'],
    ['Keep-Alive', 'timeout=1'],
    ['Proxy-Connection', 'close'],
  ])('stay behind, and the request is answered: %s', async (name, value) => {
    await using team = await startTeam();
    await using connection = await RawConnection.open(team.port);
    const headers = [
      [name, value],
      ['X-Stays', 'yes'],
      ['Connection', `close, ${name}`],
    ] as const;
    connection.write(rawRequest(team.port, { headers, body: '{}' }));
    const received = await connection.until((seen) => seen.includes('taken'));
    expect(received).toContain('HTTP/1.1 200');
    const [request] = team.arrived;
    expect(request).toMatchObject({ headers: { 'x-stays': 'yes' }, body: '{}' });
    expect(request?.headers).not.toHaveProperty(name.toLowerCase());
  });
});
