import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { strom } from './support/strom-command.ts';
import { openWorkshop } from './support/workshop.ts';

/** A proxy that tunnels every host to one port of loopback and remembers who was asked for. */
async function tunnelTo(port: number) {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer();
  server.on('connect', (request, client: Socket) => {
    asked.push(request.url ?? '');
    const target = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      target.pipe(client).pipe(target);
    });
    for (const socket of [client, target]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port: proxyPort } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${proxyPort}`,
    asked,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

describe('a proxy from the environment', () => {
  it('carries calls to hosts that NO_PROXY does not name', async () => {
    await using server = await openWorkshop({ run: { allowedHosts: ['strom.test'] } });
    await using proxy = await tunnelTo(server.port);
    const env = { HTTP_PROXY: proxy.url, NO_PROXY: '' };
    const args = ['call', 'http://strom.test/mcp', 'count', 'to=2', '-q'];
    expect((await strom(args, { env })).stdout).toBe('counted to 2\n');
    expect(new Set(proxy.asked)).toEqual(new Set(['strom.test:80']));
    const direct = await strom(args, { env: { ...env, NO_PROXY: 'strom.test' } });
    expect(direct.exitCode).toBe(4);
  });

  it('never sees what is meant for this machine', async () => {
    await using server = await openWorkshop();
    await using proxy = await tunnelTo(server.port);
    const env = { HTTP_PROXY: proxy.url, NO_PROXY: '' };
    const { stdout } = await strom(['call', server.url, 'count', 'to=1', '-q'], { env });
    expect(stdout).toBe('counted to 1\n');
    expect(proxy.asked).toEqual([]);
  });
});
