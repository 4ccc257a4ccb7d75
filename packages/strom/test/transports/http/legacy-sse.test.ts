import { describe, expect, it } from 'vitest';
import { initializeBody, MODERN, sessionBody } from '../../harness/mcp-request.ts';
import { DuplexPeer } from '../../harness/peers/duplex-peer.ts';
import { SseDuplexLine } from '../../harness/peers/legacy-line.ts';
import { RawConnection, rawRequest } from '../../harness/raw-http.ts';
import { SseReader } from '../../harness/sse-reader.ts';
import { type Started, startStrom } from '../../harness/start-strom.ts';
import { TestClock } from '../../harness/test-clock.ts';

const JSON_TYPE: [string, string] = ['Content-Type', 'application/json'];
const RUN = { legacySse: true } as const;

async function openStream(server: Started): Promise<{ reader: SseReader; endpoint: string }> {
  const reader = new SseReader(await fetch(`${server.origin}/sse`));
  const first = await reader.next();
  expect(first?.event).toBe('endpoint');
  return { reader, endpoint: first?.data ?? '' };
}

describe('HTTP+SSE', () => {
  it('starts with the endpoint to post to, whose answers are 202', async () => {
    await using server = await startStrom(undefined, { run: RUN });
    const { reader, endpoint } = await openStream(server);
    expect(endpoint).toMatch(/^\/messages\?sessionId=[\x21-\x7e]{32,}$/);
    const body = initializeBody('2024-11-05');
    const answer = await server.send({ target: endpoint, headers: [JSON_TYPE], body });
    expect(answer.status).toBe(202);
    expect(JSON.parse(await reader.data())).toMatchObject({
      id: 0,
      result: { protocolVersion: '2024-11-05' },
    });
    await reader.cancel();
  });

  it('serves both eras on one stream', async () => {
    await using server = await startStrom(undefined, { run: RUN });
    for (const revision of ['2024-11-05', '2025-06-18', MODERN]) {
      await using peer = await DuplexPeer.connect(revision, (receive) =>
        SseDuplexLine.open(`${server.origin}/sse`, receive),
      );
      const params = { name: 'echo', arguments: { text: revision } };
      const { result } = await (await peer.request('tools/call', params)).answer();
      expect(result).toMatchObject({ content: [{ text: `echo: ${revision}` }] });
    }
  });

  it('counts who still uses it, and says so once per client name', async () => {
    await using server = await startStrom(undefined, { run: RUN });
    expect(server.running.legacyUses()).toEqual([]);
    for (let count = 0; count < 2; count += 1) {
      const peer = await DuplexPeer.connect('2024-11-05', (receive) =>
        SseDuplexLine.open(`${server.origin}/sse`, receive),
      );
      await peer[Symbol.asyncDispose]();
    }
    expect(server.running.legacyUses()).toEqual([{ clientName: 'test', connections: 2 }]);
    expect(server.logs.at('warn').map(({ fields }) => fields)).toEqual([{ client: 'test' }]);
  });

  it('is off unless it was switched on', async () => {
    await using server = await startStrom();
    for (const target of ['/sse', '/messages?sessionId=x']) {
      expect((await server.send({ method: 'GET', target })).status).toBe(404);
    }
  });

  it.each([
    ['POST', '/messages', 404],
    ['POST', '/messages?sessionId=', 404],
    ['POST', '/messages?sessionId=__proto__', 404],
    ['GET', '/messages?sessionId=x', 405],
    ['POST', '/sse', 405],
  ])('refuses %s %s with %d', async (method, target, status) => {
    await using server = await startStrom(undefined, { run: RUN });
    const answer = await server.send({ method, target, headers: [JSON_TYPE], body: '{}' });
    expect(answer.status).toBe(status);
  });

  it('refuses a body that is not JSON in UTF-8 before it is read', async () => {
    await using server = await startStrom(undefined, { run: RUN });
    const { reader, endpoint } = await openStream(server);
    const typed = {
      target: endpoint,
      headers: [['Content-Type', 'text/plain'] as const],
      body: '{}',
    };
    expect((await server.send(typed)).status).toBe(415);
    const broken = { target: endpoint, headers: [JSON_TYPE], body: Uint8Array.of(0xff) };
    expect((await server.send(broken)).status).toBe(400);
    await reader.cancel();
  });

  it('cancels what runs when the stream breaks, and knows its id no more', async () => {
    let stop = (_: unknown): void => undefined;
    const stopped = new Promise((resolve) => {
      stop = resolve;
    });
    await using server = await startStrom(
      (strom) => {
        strom.tool('wait', { description: 'Waits' }, async (_, ctx) => {
          await ctx.progress(1);
          await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve));
          stop(ctx.signal.reason.code);
        });
      },
      { run: RUN },
    );
    const { reader, endpoint } = await openStream(server);
    const send = (body: string) => server.send({ target: endpoint, headers: [JSON_TYPE], body });
    await send(initializeBody('2024-11-05'));
    await reader.data();
    await send(sessionBody('tools/call', { name: 'wait', _meta: { progressToken: 1 } }));
    await reader.data();
    await reader.cancel();
    expect(await stopped).toBe('ERR_PEER_GONE');
    expect((await send(sessionBody('ping'))).status).toBe(404);
  });

  it('starts nothing for a message that was still on its way when the stream broke', async () => {
    let calls = 0;
    await using server = await startStrom(
      (strom) => {
        strom.tool('count', { description: 'Counts' }, () => {
          calls += 1;
          return 'x';
        });
      },
      { run: RUN },
    );
    const { reader, endpoint } = await openStream(server);
    await server.send({
      target: endpoint,
      headers: [JSON_TYPE],
      body: initializeBody('2024-11-05'),
    });
    await reader.data();
    const body = sessionBody('tools/call', { name: 'count' });
    const bytes = rawRequest(server.port, { target: endpoint, headers: [JSON_TYPE], body });
    await using connection = await RawConnection.open(server.port);
    connection.write(bytes.subarray(0, -1));
    await server.checkAlive();
    await reader.cancel();
    while (
      (await server.send({ target: endpoint, headers: [JSON_TYPE], body: '{}' })).status === 202
    );
    connection.write(bytes.subarray(-1));
    expect((await connection.answer()).status).toBe(202);
    await server.checkAlive();
    expect(calls).toBe(0);
  });

  it('gets a comment every fifteen seconds, and leaves no timer behind', async () => {
    const clock = new TestClock();
    await using server = await startStrom(undefined, { run: RUN, server: { clock } });
    const { reader } = await openStream(server);
    clock.advance(15_000);
    while (reader.comments.length < 1) await reader.readOn();
    await server.running.close();
    expect(await reader.rest()).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it('lets no more clients in than sessions are allowed', async () => {
    await using server = await startStrom(undefined, { run: { ...RUN, maxSessions: 1 } });
    const { reader } = await openStream(server);
    const second = await server.send({ method: 'GET', target: '/sse' });
    expect(second.status).toBe(503);
    await reader.cancel();
    await server.checkAlive();
  });
});
