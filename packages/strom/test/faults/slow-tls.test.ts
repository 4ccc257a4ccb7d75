import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { describe, expect, it } from 'vitest';
import type { RunOptions } from '../../src/serve/run-options.ts';
import { askHttp2, openHttp2 } from '../harness/http2-client.ts';
import { modernBody, modernCall, modernHeaders } from '../harness/mcp-request.ts';
import { ownDataHome } from '../harness/own-data-home.ts';
import { rawRequest } from '../harness/raw-http.ts';
import { PREFACE } from './support/raw-http2.ts';
import { startVictim, type Victim } from './support/victim.ts';

const LIMITS = { headersTimeoutMs: 300, requestTimeoutMs: 500, connectionIdleMs: 300 };
const SETTINGS = [0, 0, 0, 4, 0, 0, 0, 0, 0];
/** HEADERS of stream 1 that say that more of them will follow. */
const HALF_HEADERS = [0, 0, 1, 1, 0, 0, 0, 0, 1, 0x82];
ownDataHome();

function start(run: RunOptions = LIMITS): Promise<Victim> {
  return startVictim({ run: { tls: 'dev', ...run } });
}

async function handshake({ port }: Victim, protocol: string): Promise<TLSSocket> {
  // A client that stays when it is told to leave.
  const socket = connectTls({
    socket: connectTcp({ port, host: '127.0.0.1', allowHalfOpen: true }),
    rejectUnauthorized: false,
    ALPNProtocols: [protocol],
  });
  socket.allowHalfOpen = true;
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  return socket;
}

/** What came; resolves when the server takes nothing any more, and does not only say so. */
async function untilCut(socket: TLSSocket): Promise<string> {
  let received = '';
  let timer: NodeJS.Timeout | undefined;
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    received += chunk;
  });
  socket.once('end', () => {
    timer = setInterval(() => socket.write('.'), 50);
  });
  // Not `once`, which would reject: being reset is one of the ways to be cut off.
  await new Promise((resolve) => socket.on('close', resolve));
  clearInterval(timer);
  return received;
}

describe('S05: clients that take their time, in HTTP/1.1 over TLS', () => {
  it('are cut off with the first byte, with their headers, and with their body', async () => {
    await using server = await start();
    const head = `POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n`;
    const body = 'Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{';
    const cut = ['', `${head}X-A`, `${head}${body}`].map(async (bytes) => {
      const socket = await handshake(server, 'http/1.1');
      socket.write(bytes);
      return (await untilCut(socket)).slice(0, 12);
    });
    expect(await Promise.all(cut)).toEqual(new Array(3).fill('HTTP/1.1 408'));
  });

  it('with the next request are cut off', async () => {
    await using server = await start();
    const socket = await handshake(server, 'http/1.1');
    socket.write(rawRequest(server.port, modernCall('echo', { text: 'hello' })));
    expect(await untilCut(socket)).toContain('echo: hello');
  });
});

describe('S05: a limit of the whole request alone', () => {
  it('bounds its headers as well, in HTTP/1.1 and in HTTP/2', async () => {
    await using server = await start({ requestTimeoutMs: 500, connectionIdleMs: 500 });
    const cut = ['http/1.1', 'h2'].map(async (protocol) =>
      untilCut(await handshake(server, protocol)),
    );
    await Promise.all(cut);
  });
});

describe('S05: clients that take their time, in HTTP/2', () => {
  it('are cut off with the first byte, with the first request, and with their headers', async () => {
    await using server = await start();
    const begun = [...PREFACE, ...SETTINGS];
    const cut = [[], begun, [...begun, ...HALF_HEADERS]].map(async (bytes) => {
      const socket = await handshake(server, 'h2');
      socket.write(Buffer.from(bytes));
      return untilCut(socket);
    });
    await Promise.all(cut);
  });

  it.each(['/mcp', '/stream/echo', '/none'])(
    'with their body, byte for byte, lose that stream alone: %s',
    async (target) => {
      await using server = await start({ ...LIMITS, connectionIdleMs: 60_000 });
      await using shared = await openHttp2(server);
      const slow = shared.request(
        { ':method': 'POST', ':path': target, 'content-type': 'application/json' },
        { endStream: false },
      );
      slow.on('error', () => undefined);
      const closed = once(slow, 'close');
      slow.write('{');
      const timer = setInterval(() => slow.write(' '), 50);
      const [headers] = await once(slow, 'response');
      expect(headers[':status']).toBe(target === '/none' ? 404 : 408);
      slow.resume();
      await closed;
      clearInterval(timer);
      const echo = askHttp2(shared, modernCall('echo', { text: 'hello' }));
      expect(await text(echo)).toContain('echo: hello');
    },
  );

  it('do not disturb a stream that lasts longer than a request may take to arrive', async () => {
    await using server = await start();
    await using shared = await openHttp2(server);
    const listen = askHttp2(shared, {
      headers: modernHeaders('subscriptions/listen'),
      body: modernBody('subscriptions/listen', { notifications: { toolsListChanged: true } }),
    });
    await once(listen, 'data');
    const late = await handshake(server, 'h2');
    await untilCut(late);
    expect(listen.closed).toBe(false);
    listen.close();
  });
});

describe('H06: headers over TLS', () => {
  it.each([
    ['16 KiB of one', 1, 17_000],
    ['two hundred', 200, 1],
    ['two thousand', 2000, 1],
  ])('are refused: %s', async (_, count, size) => {
    await using server = await start({});
    const socket = await handshake(server, 'http/1.1');
    const call = modernCall('echo', { text: 'hello' });
    const filler = Array.from({ length: count }, (_each, index): [string, string] => [
      `x${index}`,
      'x'.repeat(size),
    ]);
    const headers = [...filler, ...(call.headers ?? []), ['Connection', 'close'] as const];
    socket.write(rawRequest(server.port, { ...call, headers }));
    expect(await untilCut(socket)).toContain('HTTP/1.1 431');
  });
});
