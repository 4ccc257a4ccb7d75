import { describe, expect, it } from 'vitest';
import { modernCall } from '../harness/mcp-request.ts';
import { type RawAnswer, RawConnection, type RawRequest, rawRequest } from '../harness/raw-http.ts';
import { startNode } from './proxied.ts';
import { isInstalled, ProxyProcess } from './proxy-process.ts';
import '../faults/support/base-line.ts';

type Lines = readonly (readonly [string, string])[];

function named({ headers = [], ...call }: RawRequest, lines: Lines = []): RawRequest {
  return { ...call, headers: [['Host', 'localhost'], ...lines, ...headers] };
}

async function send(port: number, request: RawRequest): Promise<RawAnswer> {
  await using connection = await RawConnection.open(port);
  connection.write(rawRequest(port, request));
  return await connection.answer();
}

describe.skipIf(!isInstalled('caddy'))('N06: Caddy as documented', () => {
  it('hands the first event on at once, and the result in the end', async () => {
    await using node = await startNode();
    await using proxy = await ProxyProcess.caddy([node.port]);
    await using connection = await RawConnection.open(proxy.port);
    const startMs = performance.now();
    const call = named(modernCall('steps', {}, { progressToken: 'p' }));
    connection.write(rawRequest(proxy.port, call));
    await connection.until((text) => text.includes('first'));
    expect(performance.now() - startMs).toBeLessThan(1000);
    node.step();
    await connection.until((text) => text.includes('last'));
  });

  it('tells the node the address of the caller, whatever the caller says', async () => {
    await using node = await startNode();
    await using proxy = await ProxyProcess.caddy([node.port]);
    const lies: Lines = [
      ['X-Forwarded-For', '6.6.6.6'],
      ['Forwarded', 'for=6.6.6.6'],
    ];
    const { body } = await send(proxy.port, named(modernCall('whence'), lies));
    expect(body).toContain('from 127.0.0.1"');
  });

  it('hands on bodies up to maxBodyBytes; larger ones are refused', async () => {
    await using node = await startNode();
    await using proxy = await ProxyProcess.caddy([node.port]);
    const echo = (mebibytes: number): RawRequest =>
      named(modernCall('echo', { text: 'x'.repeat(mebibytes * 2 ** 20) }));
    expect((await send(proxy.port, echo(3))).status).toBe(200);
    // The node answers before it has read all; Caddy may see the answer or the end of the connection.
    expect([413, 502]).toContain((await send(proxy.port, echo(5))).status);
    expect((await send(proxy.port, echo(0))).status).toBe(200);
  });

  it('tells the node that a caller has gone, so that the call stops', async () => {
    await using node = await startNode();
    await using proxy = await ProxyProcess.caddy([node.port]);
    const connection = await RawConnection.open(proxy.port);
    const call = named(modernCall('steps', {}, { progressToken: 'p' }));
    connection.write(rawRequest(proxy.port, call));
    await connection.until((text) => text.includes('first'));
    connection.destroy();
    expect(await node.stopped).toMatchObject({ code: 'ERR_PEER_GONE' });
  });
});
