import { describe, expect, it } from 'vitest';
import { connect } from '../../src/client/connect.ts';
import { BODY_HEADERS, modernCall } from '../harness/mcp-request.ts';
import { type RawAnswer, RawConnection, type RawRequest, rawRequest } from '../harness/raw-http.ts';
import { type Node, startNode } from './proxied.ts';
import { freePort, isInstalled, ProxyProcess } from './proxy-process.ts';
import '../faults/support/base-line.ts';

const ask = { progressToken: 'p' };
const HOST = ['Host', 'localhost'] as const;
const stepsCall = modernCall('steps', {}, ask);

/** A request under the name nginx serves. */
function named(request: RawRequest, ...lines: (readonly [string, string])[]): RawRequest {
  return { ...request, headers: [HOST, ...lines, ...(request.headers ?? [])] };
}

async function send(port: number, request: RawRequest): Promise<RawAnswer> {
  await using connection = await RawConnection.open(port);
  connection.write(rawRequest(port, request));
  return await connection.answer();
}

/** Calls `steps` and waits for its first event, while the tool still waits itself. */
async function firstEvent(proxy: ProxyProcess, ...lines: (readonly [string, string])[]) {
  const connection = await RawConnection.open(proxy.port);
  const startMs = performance.now();
  connection.write(rawRequest(proxy.port, named(stepsCall, ...lines)));
  await connection.until((text) => text.includes('\r\n\r\n') && text.includes('data: '));
  return { connection, tookMs: performance.now() - startMs };
}

/** The call goes through with its first event at once and its result in the end. */
async function checkStreams(node: Node, proxy: ProxyProcess): Promise<void> {
  const { connection, tookMs } = await firstEvent(proxy);
  await using open = connection;
  expect(tookMs).toBeLessThan(1000);
  node.step();
  await open.until((text) => text.includes('last'));
}

describe.skipIf(!isInstalled('nginx'))('N06: nginx as documented', () => {
  it('hands the first event on at once, although it buffers answers', async () => {
    await using node = await startNode();
    await using proxy = await ProxyProcess.nginx([node.port]);
    await checkStreams(node, proxy);
  });

  it('does so with HTTP/1.0 to the node', async () => {
    await using node = await startNode();
    await using proxy = await ProxyProcess.nginx([node.port], (documented) =>
      documented.replace('proxy_http_version 1.1;', '').replace('keepalive 32;', ''),
    );
    await checkStreams(node, proxy);
  });

  it('does so with gzip on, to a client that takes it', async () => {
    await using node = await startNode();
    await using proxy = await ProxyProcess.nginx([node.port], (documented) =>
      documented.replace('location /', 'gzip on; gzip_types *; gzip_proxied any; location /'),
    );
    const { headers = [], body } = stepsCall;
    const answer = await fetch(`${proxy.origin}/mcp`, {
      method: 'POST',
      headers: { ...Object.fromEntries(headers), 'Accept-Encoding': 'gzip' },
      body: String(body),
    });
    expect(answer.headers.get('content-encoding')).toBe('gzip');
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toContain('first');
    node.step();
    expect((await reader?.read())?.value).toContain('last');
  });

  it('does not time out a quiet stream, which says something more often', async () => {
    await using node = await startNode({ keepAliveMs: 200 });
    await using proxy = await ProxyProcess.nginx([node.port], (documented) =>
      documented.replace('proxy_read_timeout 60s', 'proxy_read_timeout 1s'),
    );
    const { connection } = await firstEvent(proxy);
    await using open = connection;
    // Twice as long as nginx waits for something to read.
    await open.until((text) => text.split('\n:').length > 10);
    node.step();
    await open.until((text) => text.includes('last'));
  });

  it('tells the node that a caller has gone, so that the call stops', async () => {
    await using node = await startNode();
    await using proxy = await ProxyProcess.nginx([node.port]);
    const { connection } = await firstEvent(proxy);
    connection.destroy();
    expect(await node.stopped).toMatchObject({ code: 'ERR_PEER_GONE' });
    expect((await send(proxy.port, named(modernCall('count')))).status).toBe(200);
  });

  it('tells the node the address of the caller, whatever the caller says', async () => {
    await using node = await startNode();
    await using proxy = await ProxyProcess.nginx([node.port]);
    const lies = [
      ['X-Forwarded-For', '6.6.6.6'],
      ['Forwarded', 'for=6.6.6.6'],
    ] as const;
    const { body } = await send(proxy.port, named(modernCall('whence'), ...lies));
    expect(body).toContain('from 127.0.0.1"');
  });

  it('hands on bodies up to maxBodyBytes, and its own refusals reach our client as errors', async () => {
    await using node = await startNode();
    await using proxy = await ProxyProcess.nginx([node.port]);
    await using client = await connect(`${proxy.origin}/mcp`);
    const text = (mebibytes: number) => ({ text: 'x'.repeat(mebibytes * 2 ** 20) });
    await client.call('echo', text(3));
    await expect(client.call('echo', text(5))).rejects.toMatchObject({
      code: 'ERR_HTTP_STATUS',
      data: { status: 413 },
    });
    await client.call('echo', text(0));
  });

  it('has its page about a node that is gone reach our client as an error', async () => {
    await using proxy = await ProxyProcess.nginx([await freePort()]);
    await expect(connect(`${proxy.origin}/mcp`)).rejects.toMatchObject({
      code: 'ERR_HTTP_STATUS',
      data: { status: 502 },
    });
  });
});

describe.skipIf(!isInstalled('nginx'))('H07: hosts that are not served, through nginx', () => {
  const CHANGES = {
    $host: (documented: string) => documented,
    $http_host: (documented: string) =>
      documented.replace('proxy_set_header Host $host', 'proxy_set_header Host $http_host'),
  };

  it.each(['$host', '$http_host'] as const)('run nothing, with Host from %s', async (variable) => {
    await using node = await startNode();
    await using proxy = await ProxyProcess.nginx([node.port], CHANGES[variable]);
    const call = modernCall('count');
    const evil = ['Host', 'evil.example'] as const;
    const requests: RawRequest[] = [
      { ...call, headers: [evil, ...(call.headers ?? [])] },
      { ...named(call), target: 'http://evil.example/mcp' },
      { ...call, target: 'http://localhost/mcp', headers: [evil, ...(call.headers ?? [])] },
      { ...named(call, evil) },
      { ...call, headers: [['Host', 'localhost/evil'], ...(call.headers ?? [])] },
    ];
    const ran: unknown[] = [];
    for (const request of requests) {
      const { status, body } = await send(proxy.port, request);
      if (status < 400) ran.push([request, body]);
    }
    // nginx serves an absolute-form target under the name in it, which is then the name the node gets.
    const isServed = variable === '$host' ? 1 : 0;
    expect(ran).toHaveLength(isServed);
    expect(node.counted).toBe(isServed);
    expect((await send(proxy.port, named(call))).status).toBe(200);
  });
});

describe.skipIf(!isInstalled('nginx'))('H05: requests cut in two ways, through nginx', () => {
  it('run nothing that was hidden in a body', async () => {
    await using node = await startNode();
    await using proxy = await ProxyProcess.nginx([node.port]);
    const hidden = rawRequest(proxy.port, named(modernCall('count'))).toString();
    const head = [
      'POST /mcp HTTP/1.1',
      'Host: localhost',
      ...BODY_HEADERS.map(([n, v]) => `${n}: ${v}`),
    ];
    const framings: readonly (readonly string[])[] = [
      [`Content-Length: 4`, 'Transfer-Encoding: chunked'],
      ['Transfer-Encoding: chunked', 'Transfer-Encoding: identity', 'Content-Length: 4'],
      ['Transfer-Encoding: chunked, identity', 'Content-Length: 4'],
      ['Transfer-Encoding : chunked', 'Content-Length: 4'],
      ['Transfer-Encoding: xchunked', 'Content-Length: 4'],
      ['Content-Length: 4', `Content-Length: ${hidden.length}`],
      ['Content-Length: +4'],
      ['Content-Length: 4 4'],
      ['X: y\nTransfer-Encoding: chunked', 'Content-Length: 4'],
    ];
    for (const framing of framings) {
      const connection = await RawConnection.open(proxy.port);
      connection.write(`${[...head, ...framing].join('\r\n')}\r\n\r\n0\r\n\r\n${hidden}`);
      const first = await connection.answer();
      expect([framing, first.status]).toEqual([framing, expect.toSatisfy((s: number) => s >= 400)]);
      connection.destroy();
    }
    expect((await send(proxy.port, named(modernCall('echo', { text: 'x' })))).status).toBe(200);
    expect(node.counted).toBe(0);
  });
});
