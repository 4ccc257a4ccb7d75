import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { modernCall } from '../harness/mcp-request.ts';
import { RawConnection, rawRequest } from '../harness/raw-http.ts';
import { startVictim } from './support/victim.ts';

interface Network extends AsyncDisposable {
  readonly port: number;
  /** From now on nothing passes, and no end is told: what a network does that is split. */
  split(): void;
}

async function networkTo(port: number): Promise<Network> {
  const ends: Socket[] = [];
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const end of [near, far]) end.on('error', () => undefined);
    near.pipe(far);
    far.pipe(near);
    ends.push(near, far);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    split() {
      for (const end of ends) end.unpipe().pause();
    },
    async [Symbol.asyncDispose]() {
      for (const end of ends) end.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

describe('F11: a network that splits between client and server', () => {
  it('ends a call that nobody can hear any more, and holds up nobody else', async () => {
    await using server = await startVictim({ run: { stallTimeoutMs: 200 } });
    await using network = await networkTo(server.port);
    await using cut = await RawConnection.open(network.port);
    cut.write(rawRequest(server.port, modernCall('flood', {}, { progressToken: 'p' })));
    await cut.until((text) => text.includes('"progress":1'));
    network.split();
    await server.checkAlive();
    const reason = () => server.noted<string>('stopped');
    await expect.poll(reason, { timeout: 10_000 }).toBe('ERR_PEER_GONE');
  });

  it('ends the wait for a request of which only a part came through', async () => {
    const limits = { headersTimeoutMs: 300, requestTimeoutMs: 500 };
    await using server = await startVictim({ run: limits });
    await using network = await networkTo(server.port);
    await using cut = await RawConnection.open(network.port);
    cut.write(rawRequest(server.port, modernCall('tick')).subarray(0, -20));
    await server.checkAlive();
    network.split();
    // Its connection is closed on the side of the server, though the network tells nobody.
    expect(await server.harm()).toEqual([]);
    expect(await server.noted('tick')).toBe(0);
  });
});
