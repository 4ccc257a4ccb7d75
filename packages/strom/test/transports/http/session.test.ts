import { describe, expect, it } from 'vitest';
import { initializeBody, sessionBody } from '../../harness/mcp-request.ts';
import { HttpPeer } from '../../harness/peers/http-peer.ts';
import { jsonOf, rpcCodeOf } from '../../harness/raw-http.ts';
import { SseReader } from '../../harness/sse-reader.ts';
import { startStrom } from '../../harness/start-strom.ts';
import { TestClock } from '../../harness/test-clock.ts';

const SESSIONS = ['2025-11-25', '2025-06-18', '2025-03-26'] as const;
const JSON_TYPE: [string, string] = ['Content-Type', 'application/json'];

describe.each(SESSIONS)('a session of %s', (revision) => {
  it('opens with an id nobody can guess, in visible ASCII', async () => {
    await using server = await startStrom();
    const ids = new Set<string>();
    for (let count = 0; count < 20; count += 1) {
      const answer = await server.send({ headers: [JSON_TYPE], body: initializeBody(revision) });
      expect(answer.status).toBe(200);
      expect(jsonOf(answer)).toMatchObject({
        id: 0,
        result: { protocolVersion: revision, serverInfo: { name: 'tested' } },
      });
      ids.add(answer.headers.get('mcp-session-id') ?? '');
    }
    expect(ids.size).toBe(20);
    for (const id of ids) expect(id).toMatch(/^[\x21-\x7e]{32,}$/);
  });

  it('answers 400 without its id, 404 with another, and 404 to everything once it was ended', async () => {
    await using server = await startStrom();
    const peer = await HttpPeer.at(server.url, revision);
    const without = await server.send({ headers: [JSON_TYPE], body: sessionBody('tools/list') });
    expect([without.status, rpcCodeOf(without)]).toEqual([400, -32600]);
    const foreign = await server.send({
      headers: [JSON_TYPE, ['Mcp-Session-Id', 'f'.repeat(48)]],
      body: sessionBody('tools/list'),
    });
    expect([foreign.status, rpcCodeOf(foreign)]).toEqual([404, -32600]);
    expect((await peer.terminate()).status).toBe(204);
    for (const late of [
      await peer.post(sessionBody('tools/list')),
      await peer.post('{"jsonrpc":"2.0","method":"notifications/initialized"}'),
      await peer.listen(),
      await peer.listen('1-1'),
      await peer.terminate(),
    ]) {
      expect(late.status).toBe(404);
    }
  });

  it('ends its calls and its streams when it is ended', async () => {
    const reasons: unknown[] = [];
    await using server = await startStrom((strom) => {
      strom.tool('wait', { description: 'Waits' }, async (_, ctx) => {
        await ctx.progress(1);
        await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve));
        reasons.push(ctx.signal.reason.code);
      });
    });
    const peer = await HttpPeer.at(server.url, revision);
    const listening = new SseReader(await peer.listen());
    const params = { name: 'wait', _meta: { progressToken: 1 } };
    const calling = new SseReader(await peer.post(sessionBody('tools/call', params)));
    while (!calling.text.includes('"progress":1')) await calling.readOn();
    await peer.terminate();
    await calling.rest();
    await listening.rest();
    expect(reasons).toEqual(['ERR_CANCELLED']);
    expect(calling.text).not.toContain('"result"');
  });

  it('tells the lists that change on its GET stream, and on no other', async () => {
    await using server = await startStrom();
    await using peer = await HttpPeer.at(server.url, revision);
    const listening = new SseReader(await peer.listen());
    await listening.readOn();
    const added = server.strom.tool('added', { description: 'Late' }, () => 'x');
    expect(await listening.data()).toBe(
      '{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}',
    );
    await (await peer.post(sessionBody('resources/subscribe', { uri: 'test://a' }))).text();
    server.strom.notify.resourceUpdated('test://b');
    server.strom.notify.resourceUpdated('test://a');
    expect(await listening.data()).toBe(
      '{"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"test://a"}}',
    );
    await (await peer.post(sessionBody('resources/unsubscribe', { uri: 'test://a' }, 2))).text();
    server.strom.notify.resourceUpdated('test://a');
    added.remove();
    expect(await listening.data()).toContain('tools/list_changed');
  });

  it('has one GET stream: a second is refused until the first has gone', async () => {
    await using server = await startStrom();
    await using peer = await HttpPeer.at(server.url, revision);
    const first = new SseReader(await peer.listen());
    await first.readOn();
    expect((await peer.listen()).status).toBe(409);
    server.strom.tool('added', { description: 'Late' }, () => 'x');
    expect(await first.data()).toContain('tools/list_changed');
    await first.cancel();
    let again = await peer.listen();
    while (again.status === 409) again = await peer.listen();
    expect(again.status).toBe(200);
  });

  it('refuses a GET that takes no event stream', async () => {
    await using server = await startStrom();
    await using peer = await HttpPeer.at(server.url, revision);
    const response = await fetch(server.url, {
      headers: { accept: 'application/json', 'mcp-session-id': peer.sessionId },
    });
    expect(response.status).toBe(406);
  });

  it('refuses a protocol version nobody speaks, whatever the message', async () => {
    await using server = await startStrom();
    await using peer = await HttpPeer.at(server.url, revision);
    const headers = { 'mcp-protocol-version': '1999-01-01' };
    for (const body of [
      sessionBody('ping'),
      '{"jsonrpc":"2.0","method":"notifications/initialized"}',
      '{"jsonrpc":"2.0","id":1,"result":{}}',
    ]) {
      expect((await peer.post(body, { headers })).status).toBe(400);
    }
  });

  it('refuses a second request under an id that is still running', async () => {
    await using server = await startStrom((strom) => {
      strom.tool(
        'wait',
        { description: 'Waits' },
        (_, ctx) =>
          new Promise((resolve) => ctx.signal.addEventListener('abort', () => resolve('x'))),
      );
    });
    await using peer = await HttpPeer.at(server.url, revision);
    const running = peer.post(sessionBody('tools/call', { name: 'wait' }, 'same'));
    await peer.ping();
    const second = await peer.post(sessionBody('tools/call', { name: 'echo' }, 'same'));
    expect(rpcCodeOf({ body: await second.text() })).toBe(-32600);
    const params = { requestId: 'same' };
    await peer.post(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/cancelled', params }));
    expect(await (await running).text()).toBe('');
  });

  it('is closed when nothing happened for the idle time, unless a stream is open', async () => {
    const clock = new TestClock();
    await using server = await startStrom(undefined, {
      server: { clock },
      run: { sessionIdleMs: 1000, keepAliveMs: 1_000_000 },
    });
    const idle = await HttpPeer.at(server.url, revision);
    const listener = await HttpPeer.at(server.url, revision);
    const listening = new SseReader(await listener.listen());
    await listening.readOn();
    clock.advance(900);
    expect(await idle.ping()).toBe(200);
    clock.advance(900);
    expect(await idle.ping()).toBe(200);
    clock.advance(1250);
    expect(await idle.ping()).toBe(404);
    expect(await listener.ping()).toBe(200);
  });

  it('is refused with 503 beyond the cap, and let in again once one has ended', async () => {
    await using server = await startStrom(undefined, { run: { maxSessions: 2 } });
    const first = await HttpPeer.at(server.url, revision);
    await HttpPeer.at(server.url, revision);
    const third = await server.send({ headers: [JSON_TYPE], body: initializeBody(revision) });
    expect([third.status, third.headers.get('retry-after')]).toEqual([503, '5']);
    await server.checkAlive();
    await first.terminate();
    await HttpPeer.at(server.url, revision);
  });

  it('is not opened by an initialize that is refused', async () => {
    await using server = await startStrom(undefined, { run: { maxSessions: 1 } });
    const params = { protocolVersion: revision, _meta: { progressToken: {} } };
    const refused = await server.send({
      headers: [JSON_TYPE],
      body: sessionBody('initialize', params),
    });
    expect(rpcCodeOf(refused)).toBe(-32602);
    expect(refused.headers.has('mcp-session-id')).toBe(false);
    await HttpPeer.at(server.url, revision);
  });
});
