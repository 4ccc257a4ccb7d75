/** HTTP+SSE of 2024-11-05: a stream and its posts, cut, flooded, mixed up, and taken by others. */
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import type { RunOptions } from '../../src/serve/run-options.ts';
import { askHttp2, openHttp2 } from '../harness/http2-client.ts';
import { BODY_HEADERS, initializeBody, sessionBody } from '../harness/mcp-request.ts';
import { ownDataHome } from '../harness/own-data-home.ts';
import { RawConnection, type RawRequest, rawRequest } from '../harness/raw-http.ts';
import { startVictim, type Victim } from './support/victim.ts';

const REVISION = '2024-11-05';
ownDataHome();

const start = (run: RunOptions = {}): Promise<Victim> =>
  startVictim({ run: { legacySse: true, ...run } });

/** A stream that is open, and where to post. */
async function openStream({ port }: Victim) {
  const connection = await RawConnection.open(port);
  connection.write(rawRequest(port, { method: 'GET', target: '/sse' }));
  const received = await connection.until((text) => /data: \S+\n/.test(text));
  const target = /data: (\S+)\n/.exec(received)?.[1] ?? '';
  return { connection, target, [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose]() };
}

const post = (target: string, body: string): RawRequest => ({
  target,
  headers: BODY_HEADERS,
  body,
});

const call = (name: string, id: number, args = {}): string =>
  sessionBody('tools/call', { name, arguments: args }, id);

/** What a client had said when it was cut off. */
const STATES: readonly [string, readonly string[]][] = [
  ['before it said anything', []],
  ['behind its handshake', [initializeBody(REVISION)]],
  ['while a call runs', [initializeBody(REVISION), call('stay', 1)]],
  ['while a call speaks', [initializeBody(REVISION), call('flood', 1)]],
  [
    'with many calls',
    [initializeBody(REVISION), ...Array.from({ length: 20 }, (_, id) => call('stay', id))],
  ],
];

describe('S07: a client over HTTP+SSE that is cut off', () => {
  it.each(STATES)('leaves nothing behind: %s', async (_, messages) => {
    await using server = await start();
    for (let round = 0; round < 5; round += 1) {
      await using stream = await openStream(server);
      for (const message of messages) {
        expect((await server.send(post(stream.target, message))).status).toBe(202);
      }
      stream.connection.socket.resetAndDestroy();
    }
    await server.letGo();
    expect(await server.harm()).toEqual([]);
  });

  it('leaves nothing behind: at every byte of a message it posts', async () => {
    await using server = await start();
    await using stream = await openStream(server);
    const bytes = rawRequest(server.port, post(stream.target, initializeBody(REVISION)));
    for (let end = 1; end < bytes.length; end += 7) {
      await using half = await RawConnection.open(server.port);
      half.write(bytes.slice(0, end));
    }
    expect((await server.send(post(stream.target, initializeBody(REVISION)))).status).toBe(202);
    await stream.connection.until((text) => text.includes('protocolVersion'));
  });

  it('is told that its stream is over where it posts afterwards', async () => {
    await using server = await start();
    const stream = await openStream(server);
    await stream[Symbol.asyncDispose]();
    await expect
      .poll(async () => (await server.send(post(stream.target, initializeBody(REVISION)))).status)
      .toBe(404);
  });
});

describe('I02, P07: ids of streams', () => {
  it('that are none lead nowhere', async () => {
    await using server = await start();
    await using stream = await openStream(server);
    const [path = '', id = ''] = stream.target.split('?sessionId=');
    const odd = [
      path,
      `${path}?`,
      `${path}?sessionId`,
      `${path}?sessionId=`,
      `${path}?sessionid=${id}`,
      `${path}?sessionId=${id}x`,
      `${path}?sessionId=${id.slice(0, -1)}`,
      `${path}?sessionId=${id.toUpperCase()}`,
      `${path}?sessionId=${id}%00`,
      `${path}?sessionId=%${id}`,
      `${path}?sessionId=__proto__`,
      `${path}?sessionId=constructor`,
      `${path}?sessionId=w1-${id}`,
      `${path}?sessionId=x&sessionId=${id}`,
      `${path}?sessionId=${'x'.repeat(8000)}`,
      `${path}?session_id=${id}`,
    ];
    for (const target of odd) {
      const answer = await server.send(post(target, initializeBody(REVISION)));
      expect([target, answer.status]).toEqual([target, 404]);
    }
    const headers = [...BODY_HEADERS, ['Mcp-Session-Id', id] as const];
    for (const target of [path, '/mcp']) {
      const answer = await server.send({ target, headers, body: sessionBody('ping', {}) });
      expect([target, answer.status]).toEqual([target, 404]);
    }
    expect(stream.connection.pending).not.toContain('protocolVersion');
  });

  it('keep apart what is said on two', async () => {
    await using server = await start();
    await using one = await openStream(server);
    await using two = await openStream(server);
    for (const { target } of [one, two]) {
      await server.send(post(target, initializeBody(REVISION)));
    }
    await server.send(post(one.target, call('echo', 7, { text: 'for one' })));
    await server.send(post(two.target, call('echo', 7, { text: 'for two' })));
    await one.connection.until((text) => text.includes('for one'));
    await two.connection.until((text) => text.includes('for two'));
    expect(one.connection.pending).not.toContain('for two');
    expect(two.connection.pending).not.toContain('for one');
  });
});

describe('S01: a stream of HTTP+SSE that nobody reads', () => {
  it('takes no more when too much waits, and is cut with its calls', async () => {
    await using server = await start({ stallTimeoutMs: 1000 });
    await using stream = await openStream(server);
    stream.connection.socket.pause();
    await server.send(post(stream.target, initializeBody(REVISION)));
    const before = server.startPeak();
    const statuses = new Set<number>();
    const text = 'x'.repeat(500_000);
    for (let id = 1; id < 300 && !statuses.has(404); id += 1) {
      statuses.add((await server.send(post(stream.target, call('echo', id, { text })))).status);
    }
    expect([...statuses].filter((status) => ![202, 404, 429, 503].includes(status))).toEqual([]);
    expect(statuses.size).toBeGreaterThan(1);
    expect(server.process.memoryMb('VmHWM') - before).toBeLessThan(150);
    expect(await server.harm()).toEqual([]);
  });
});

describe('N04: HTTP+SSE over HTTP/2', () => {
  it('serves a stream and its posts, and forgets them with the connection', async () => {
    await using server = await start({ tls: 'dev' });
    await using client = await openHttp2(server);
    const stream = askHttp2(client, { method: 'GET', target: '/sse' });
    let received = '';
    stream.setEncoding('utf8').on('data', (text: string) => {
      received += text;
    });
    await once(stream, 'data');
    const target = /data: (\S+)\n/.exec(received)?.[1] ?? '';
    for (const body of [initializeBody(REVISION), call('echo', 1, { text: 'hello' })]) {
      const posted = askHttp2(client, post(target, body));
      const [headers] = await once(posted, 'response');
      expect(headers[':status']).toBe(202);
      posted.resume();
    }
    await expect.poll(() => received).toContain('echo: hello');
    askHttp2(client, post(target, call('stay', 2))).resume();
    await expect.poll(() => server.noted('waiting')).toBe(1);
    client.destroy();
    await server.letGo();
    expect(await server.harm()).toEqual([]);
  });
});
