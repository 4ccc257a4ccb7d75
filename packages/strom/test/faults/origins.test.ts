import { describe, expect, it } from 'vitest';
import { modernCall } from '../harness/mcp-request.ts';
import { RawConnection, type RawRequest, rawRequest } from '../harness/raw-http.ts';
import { startStrom } from '../harness/start-strom.ts';
import { startVictim, type Victim } from './support/victim.ts';

type Line = readonly [string, string];

const ALLOWED = 'https://app.example.com:8443';
const CALL = modernCall('tick');
const HEADERS: readonly Line[] = CALL.headers ?? [];

const ENDPOINTS: readonly RawRequest[] = [
  { method: 'POST', target: '/mcp' },
  { method: 'GET', target: '/mcp' },
  { method: 'DELETE', target: '/mcp' },
  { method: 'OPTIONS', target: '/mcp' },
  { method: 'GET', target: '/sse' },
  { method: 'POST', target: '/messages?sessionId=x' },
  { method: 'POST', target: '/stream/tick' },
  { method: 'GET', target: '/healthz' },
  { method: 'GET', target: '/none' },
];

function start(run = {}): Promise<Victim> {
  return startVictim({ run: { allowedOrigins: [ALLOWED], legacySse: true, ...run } });
}

/** Sends to an endpoint with these headers; the body is that of a valid call. */
async function statusOf(server: Victim, request: RawRequest, extra: readonly Line[]) {
  await using connection = await RawConnection.open(server.port);
  const body = CALL.body ?? '';
  const length: Line = ['Content-Length', String(Buffer.byteLength(body))];
  connection.write(
    rawRequest(server.port, { ...request, headers: [...extra, ...HEADERS, length], body }),
  );
  const head = await connection.until((text) => text.includes('\r\n\r\n'));
  return Number(head.split(' ')[1]);
}

describe('O01: origins that are not allowed', () => {
  it.each([
    ['the host of an allowed one, another port', () => 'https://app.example.com'],
    ['the host of an allowed one, another scheme', () => 'http://app.example.com:8443'],
    ['an allowed one in upper case', () => ALLOWED.toUpperCase()],
    ['an allowed one with a path', () => `${ALLOWED}/`],
    ['an allowed one as a prefix', () => `${ALLOWED}.evil.test`],
    ['an allowed one as a user name', () => 'https://app.example.com:8443@evil.test'],
    ['an allowed one and another', () => `${ALLOWED}, http://evil.test`],
    ['null', () => 'null'],
    ['nothing', () => ''],
    ['a file', () => 'file://'],
    ['an extension called localhost', () => 'chrome-extension://localhost'],
    ['another scheme', () => 'ftp://localhost'],
    ['localhost as a label', () => 'https://localhost.evil.test'],
    ['localhost as a user name', () => 'http://localhost@evil.test'],
    ['an international name', () => 'http://xn--lcalhost-54a.test'],
    ['the own host, another port', () => 'http://127.0.0.1:1'],
    ['the own host, another scheme', (port: number) => `https://127.0.0.1:${port}`],
    ['another name of the own host', (port: number) => `http://localhost:${port}`],
    ['the own host in decimal', (port: number) => `http://2130706433:${port}`],
  ])('%s', async (_, origin) => {
    await using server = await start();
    const line: Line = ['Origin', origin(server.port)];
    for (const endpoint of ENDPOINTS) {
      expect(await statusOf(server, endpoint, [line])).toBe(403);
    }
    expect(await server.noted('tick')).toBe(0);
    await server.checkAlive();
  });

  it('two of them are refused, even when both are allowed', async () => {
    await using server = await start();
    const lines: Line[] = [
      ['Origin', ALLOWED],
      ['Origin', ALLOWED],
    ];
    expect(await statusOf(server, { target: '/mcp' }, lines)).toBe(400);
    expect(await server.noted('tick')).toBe(0);
  });

  it('are refused before the body is read', async () => {
    await using server = await start();
    await using connection = await RawConnection.open(server.port);
    const headers: Line[] = [...HEADERS, ['Origin', 'http://evil.test'], ['Content-Length', '100']];
    connection.write(rawRequest(server.port, { headers }));
    expect((await connection.answer()).status).toBe(403);
    await server.checkAlive();
  });

  it('a request of another page without an origin is refused by where it comes from', async () => {
    await using server = await start();
    for (const site of ['cross-site', 'same-site', 'Same-Origin', 'nonsense']) {
      for (const endpoint of ENDPOINTS) {
        expect(await statusOf(server, endpoint, [['Sec-Fetch-Site', site]])).toBe(403);
      }
    }
    expect(await server.noted('tick')).toBe(0);
  });

  it('none, the own one and an allowed one may call', async () => {
    await using server = await start();
    const own = `http://127.0.0.1:${server.port}`;
    for (const lines of [[], [['Origin', own]], [['Origin', ALLOWED]]] as Line[][]) {
      expect(await statusOf(server, { target: '/mcp' }, lines)).toBe(200);
    }
    expect(await server.noted('tick')).toBe(3);
  });
});

describe('H07, O02: hosts that are not served', () => {
  it.each([
    ['another name', 'evil.test', 403],
    ['another name, the right port', 'evil.test:|', 403],
    ['the right name, another port', '127.0.0.1:1', 403],
    ['the right name, no port', '127.0.0.1', 403],
    ['another address', '10.0.0.1:|', 403],
    ['loopback in short', '127.1:|', 403],
    ['loopback in decimal', '2130706433:|', 403],
    ['loopback in hex', '0x7f.1:|', 403],
    ['any address', '0.0.0.0:|', 403],
    ['a mapped address', '[::ffff:127.0.0.1]:|', 403],
    ['localhost with a dot', 'localhost.:|', 400],
    ['localhost with a path', 'localhost/x', 400],
    ['localhost with a path and a port', 'localhost:|/evil.test', 400],
    ['localhost behind a user', 'evil.test@localhost:|', 400],
    ['localhost with a fragment', 'localhost#x', 400],
    ['localhost with a query', 'localhost?x', 400],
    ['localhost with a backslash', 'localhost\\x', 400],
    ['a blank inside', 'local host', 400],
    ['a comma', 'localhost:|, evil.test', 400],
    ['a port that is none', 'localhost:x', 400],
    ['a port beyond all', 'localhost:99999', 400],
    ['an open bracket', '[::1', 400],
    ['nothing', '', 400],
  ])('%s', async (_, host, status) => {
    await using server = await start();
    const line: Line = ['Host', host.replace('|', String(server.port))];
    for (const endpoint of ENDPOINTS) {
      expect(await statusOf(server, endpoint, [line])).toBe(status);
    }
    expect(await server.noted('tick')).toBe(0);
    await server.checkAlive();
  });

  it('two of them are refused, even when they are equal', async () => {
    await using server = await start();
    const host: Line = ['Host', `127.0.0.1:${server.port}`];
    expect(await statusOf(server, { target: '/mcp' }, [host, host])).toBe(400);
    await server.checkAlive();
  });

  it('none is refused, also in HTTP/1.0', async () => {
    await using server = await start();
    for (const version of ['1.0', '1.1']) {
      await using connection = await RawConnection.open(server.port);
      connection.write(`GET /healthz HTTP/${version}\r\n\r\n`);
      expect((await connection.answer()).status).toBe(400);
    }
    await server.checkAlive();
  });

  it('a target with a host of its own must name the same one', async () => {
    await using server = await start();
    const own = `127.0.0.1:${server.port}`;
    for (const [target, status] of [
      [`http://${own}/mcp`, 200],
      ['http://evil.test/mcp', 400],
      [`http://evil.test@${own}/mcp`, 400],
      [`http://localhost:${server.port}/mcp`, 400],
      [`ftp://${own}/mcp`, 400],
      ['http://[/mcp', 400],
      ['http:///mcp', 400],
    ] as const) {
      expect(await statusOf(server, { target }, [])).toBe(status);
    }
    await server.checkAlive();
  });

  it('every name of this machine is served on the port that was reached', async () => {
    await using server = await start({ allowedHosts: ['mcp.example.com'] });
    for (const host of [
      'localhost:|',
      'LOCALHOST:|',
      '127.0.0.1:|',
      '[::1]:|',
      'mcp.example.com',
    ]) {
      const line: Line = ['Host', host.replace('|', String(server.port))];
      expect(await statusOf(server, { target: '/mcp' }, [line])).toBe(200);
    }
    expect(await statusOf(server, { target: '/mcp' }, [['Host', 'mcp.example.com:81']])).toBe(403);
  });

  it.each(['evil test', 'https://x', 'a/b', ''])(
    '%j is refused as an allowed host',
    async (host) => {
      await expect(startStrom(undefined, { run: { allowedHosts: [host] } })).rejects.toThrow(
        TypeError,
      );
    },
  );

  it.each(['example.com', 'https://x/', '*', 'null', 'ftp://x'])(
    '%j is refused as an allowed origin',
    async (origin) => {
      await expect(startStrom(undefined, { run: { allowedOrigins: [origin] } })).rejects.toThrow(
        TypeError,
      );
    },
  );
});

describe('O05: bodies a page can send without asking first', () => {
  it.each([
    'text/plain',
    'text/plain; application/json',
    'multipart/form-data; boundary=x',
    'application/x-www-form-urlencoded',
    '',
  ])('Content-Type %j runs nothing', async (type) => {
    await using server = await start();
    const headers = HEADERS.filter(([name]) => name !== 'Content-Type');
    const body = CALL.body ?? '';
    const typed: Line[] = type === '' ? [...headers] : [...headers, ['Content-Type', type]];
    for (const target of ['/mcp', '/stream/tick']) {
      expect((await server.send({ target, headers: typed, body })).status).toBe(415);
    }
    expect(await server.noted('tick')).toBe(0);
    await server.checkAlive();
  });
});
