import { describe, expect, it } from 'vitest';
import { modernCall } from '../harness/mcp-request.ts';
import { RawConnection, rawRequest } from '../harness/raw-http.ts';
import { startVictim } from './support/victim.ts';

type Line = readonly [string, string];

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

describe('H05: requests that two readers would cut differently', () => {
  const call = modernCall('echo', { text: 'smuggled' });
  const body = String(call.body);
  const head = (port: number, lines: readonly string[], version = '1.1'): string =>
    [
      `POST /mcp HTTP/${version}`,
      `Host: 127.0.0.1:${port}`,
      ...(call.headers ?? []).map(([name, value]) => `${name}: ${value}`),
      ...lines,
      '',
      '',
    ].join('\r\n');
  const chunked = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
  const length = `Content-Length: ${body.length}`;

  it.each<[string, (port: number) => string]>([
    ['a length and chunks', (port) => head(port, [length, 'Transfer-Encoding: chunked']) + chunked],
    ['two lengths', (port) => head(port, [length, 'Content-Length: 0']) + body],
    ['chunked, identity', (port) => head(port, ['Transfer-Encoding: chunked, identity']) + chunked],
    ['a length with a sign', (port) => head(port, [`Content-Length: +${body.length}`]) + body],
    ['a length in hex', (port) => head(port, ['Content-Length: 0x10']) + body],
    ['a bare line feed', (port) => head(port, [`${length}\nX-A: b`]) + body],
    ['a folded header', (port) => head(port, [`${length}`, 'X-A: a\r\n b']) + body],
    ['a NUL in a value', (port) => head(port, [length, 'X-A: a\0b']) + body],
    ['a carriage return in a value', (port) => head(port, [length, 'X-A: a\rb']) + body],
    ['a blank before the colon', (port) => head(port, [`Content-Length : ${body.length}`]) + body],
    ['a chunk size that is none', (port) => `${head(port, ['Transfer-Encoding: chunked'])}zz\r\n`],
  ])('%s', async (_, bytes) => {
    await using server = await startVictim();
    await using connection = await RawConnection.open(server.port);
    connection.write(bytes(server.port));
    connection.write(rawRequest(server.port, modernCall('tick')));
    expect((await connection.answer()).status).toBe(400);
    await connection.closed();
    expect(await server.noted('tick')).toBe(0);
    await server.checkAlive();
  });

  it('a flood of chunk extensions', async () => {
    await using server = await startVictim();
    await using connection = await RawConnection.open(server.port);
    connection.write(`${head(server.port, ['Transfer-Encoding: chunked'])}1;${'x'.repeat(32_768)}`);
    expect([400, 413]).toContain((await connection.answer()).status);
    await connection.closed();
    await server.checkAlive();
  });

  it('two requests in one write are two requests', async () => {
    await using server = await startVictim();
    await using connection = await RawConnection.open(server.port);
    const bytes = rawRequest(server.port, call);
    connection.write(Buffer.concat([bytes, bytes]));
    expect((await connection.answer()).status).toBe(200);
    expect((await connection.answer()).status).toBe(200);
  });
});

describe('H06: too many headers', () => {
  it.each([129, 200, 1010, 2100])('%d of them, the ones that decide at the end', async (count) => {
    await using server = await startVictim();
    const filler = Array.from({ length: count }, (_, index): Line => [`x${index}`, '']);
    const { headers = [], body = '' } = modernCall('echo', { text: 'x' });
    for (const last of [
      ['Origin', 'http://evil.test'],
      ['Authorization', 'Bearer x'],
    ] as const) {
      const answer = await server.send({ headers: [...filler, ...headers, last], body });
      expect(answer.status).toBe(431);
      expect(answer.body).not.toContain('echo');
    }
    await server.checkAlive();
  });

  it('16 KiB of one', async () => {
    await using server = await startVictim();
    const { headers = [], body = '' } = modernCall('echo', { text: 'x' });
    await using connection = await RawConnection.open(server.port);
    const long = ['X-Long', 'x'.repeat(17_000)] as const;
    connection.write(rawRequest(server.port, { headers: [...headers, long], body }));
    expect((await connection.answer()).status).toBe(431);
    await server.checkAlive();
  });
});

describe('H09: credentials that are not sent as they should be', () => {
  it('two Authorization headers are refused', async () => {
    await using server = await startVictim();
    const { headers = [], body = '' } = modernCall('echo', { text: 'x' });
    const twice: Line[] = [
      ['Authorization', 'Bearer a'],
      ['Authorization', 'Bearer b'],
    ];
    expect((await server.send({ headers: [...headers, ...twice], body })).status).toBe(400);
    await server.checkAlive();
  });

  it('a token in the URL changes nothing and is not logged', async () => {
    await using server = await startVictim();
    const { headers = [], body = '' } = modernCall('echo', { text: 'x' });
    const target = '/mcp?access_token=CANARY-7f3a';
    expect((await server.send({ target, headers, body })).status).toBe(200);
    await server.send({ target: '/none?access_token=CANARY-7f3a', headers, body });
    await server.send({ target: '/stream/echo?access_token=CANARY-7f3a', body: '{' });
    const logged = await Promise.all(LEVELS.map((level) => server.logs(level)));
    expect(JSON.stringify(logged)).not.toContain('CANARY');
  });
});

describe('P03: codings of the transfer', () => {
  it.each(['gzip, chunked', 'deflate,chunked', 'chunked, chunked', 'identity, chunked', 'x'])(
    '%s is refused, and nothing is read as if it were none',
    async (coding) => {
      await using server = await startVictim();
      const { headers = [], body = '' } = modernCall('echo', { text: 'coded' });
      const text = String(body);
      const answer = await server.send({
        headers: [...headers, ['Transfer-Encoding', coding]],
        body: `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`,
      });
      expect(answer.status).toBe(400);
      await server.checkAlive();
    },
  );
});
