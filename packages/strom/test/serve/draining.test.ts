import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { memoryStore } from '../../src/stores/memory/memory-store.ts';
import { makeGate } from '../harness/gate.ts';
import {
  BODY_HEADERS,
  initializeBody,
  modernBody,
  modernHeaders,
  sessionBody,
} from '../harness/mcp-request.ts';
import { HttpPeer } from '../harness/peers/http-peer.ts';
import type { RawRequest } from '../harness/raw-http.ts';
import { SseReader } from '../harness/sse-reader.ts';
import { type Started, startStrom } from '../harness/start-strom.ts';

const SESSION = '2025-11-25';
const DRAIN_MS = 60_000;

function start(): Promise<Started> {
  const configure = (strom: Started['strom']): void => {
    strom.resource('memo://one', { name: 'one' }, () => 'text');
  };
  return startStrom(configure, { run: { legacySse: true } });
}

const modern = (method: string, params = {}, name?: string): RawRequest => ({
  headers: modernHeaders(method, name),
  body: modernBody(method, params),
});

/** Requests that would begin something, with the session they belong to. */
const BEGINNINGS: readonly [string, (sessionId: string) => RawRequest][] = [
  ['initialize', () => ({ headers: BODY_HEADERS, body: initializeBody(SESSION) })],
  [
    'initialize under the id of a session',
    (id) => ({
      headers: [...BODY_HEADERS, ['Mcp-Session-Id', id]],
      body: initializeBody(SESSION),
    }),
  ],
  [
    'the stream of a session',
    (id) => ({
      method: 'GET',
      headers: [
        ['Accept', 'text/event-stream'],
        ['Mcp-Session-Id', id],
      ],
    }),
  ],
  ['a call in a session', (id) => inSession(id, 'tools/call', { name: 'echo' })],
  [
    'a subscription of a session',
    (id) => inSession(id, 'resources/subscribe', { uri: 'memo://one' }),
  ],
  ['a stateless call', () => modern('tools/call', { name: 'echo' }, 'echo')],
  ['discovery', () => modern('server/discover')],
  ['a subscription', () => modern('subscriptions/listen', { notifications: {} })],
  ['a question about a task', () => modern('tasks/get', { taskId: 'x' }, 'x')],
  ['a connection over HTTP+SSE', () => ({ method: 'GET', target: '/sse' })],
  [
    'a plain stream',
    () => ({ target: '/stream/echo', headers: [BODY_HEADERS[0]], body: '{"text":"x"}' }),
  ],
];

function inSession(id: string, method: string, params: Record<string, unknown>): RawRequest {
  return {
    headers: [...BODY_HEADERS, ['Mcp-Session-Id', id]],
    body: sessionBody(method, params),
  };
}

describe('a server that drains', () => {
  it.each(BEGINNINGS)('refuses %s, and says when to come back', async (_, requestOf) => {
    await using server = await start();
    await using peer = await HttpPeer.at(server.url, SESSION);
    await server.strom.drain(DRAIN_MS);
    const answer = await server.send(requestOf(peer.sessionId));
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(answer.headers.has('mcp-session-id')).toBe(false);
    expect(answer.body).toContain('shutting down');
  });

  it('refuses a handshake on a connection that was open before', async () => {
    await using server = await start();
    const reader = new SseReader(await fetch(`${server.origin}/sse`));
    const target = (await reader.next())?.data ?? '';
    await server.strom.drain(DRAIN_MS);
    await server.send({ target, headers: BODY_HEADERS, body: initializeBody('2024-11-05') });
    expect(JSON.parse(await reader.data())).toMatchObject({ id: 0, error: { code: -32603 } });
    expect(server.running.legacyUses()).toEqual([]);
    await reader.cancel();
  });

  it('lets a client go on with the stream of a call that still runs', async () => {
    const gate = makeGate();
    await using server = await startStrom((strom) => {
      strom.tool('finish', { description: 'Ends when told' }, async (_, ctx) => {
        await ctx.progress(1);
        await gate.promise;
        return 'finished in peace';
      });
    });
    await using peer = await HttpPeer.at(server.url, SESSION);
    const params = { name: 'finish', _meta: { progressToken: 1 } };
    const calling = new SseReader(await peer.post(sessionBody('tools/call', params)));
    const opening = await calling.next();
    await calling.cancel();
    const drained = server.strom.drain(DRAIN_MS);
    const resumed = new SseReader(await peer.listen(opening?.id));
    gate.open();
    await drained;
    while (!resumed.text.includes('finished in peace')) await resumed.readOn();
  });

  it('lets callers answer the questions of calls that run, and cancel them', async () => {
    await using server = await startStrom((strom) => {
      strom.tool('ask', { description: 'Asks' }, async (_, ctx) => {
        const form = { type: 'object', properties: { name: { type: 'string' } } } as const;
        const answer = await ctx.ask('Who?', form);
        return answer.action === 'accept' ? `hello ${answer.content['name']}` : answer.action;
      });
      strom.tool('stay', { description: 'Stays' }, async (_, ctx) => {
        await ctx.progress(1);
        await once(ctx.signal, 'abort');
      });
    });
    const clientInfo = { name: 'test', version: '1' };
    const capabilities = { elicitation: {} };
    const opened = await server.send({
      headers: BODY_HEADERS,
      body: sessionBody('initialize', { protocolVersion: SESSION, capabilities, clientInfo }),
    });
    const id = opened.headers.get('mcp-session-id') ?? '';
    const post = (body: string): Promise<Response> =>
      fetch(server.url, {
        method: 'POST',
        headers: { ...Object.fromEntries(BODY_HEADERS), 'mcp-session-id': id },
        body,
      });
    const asking = new SseReader(await post(sessionBody('tools/call', { name: 'ask' }, 'ask')));
    const question = JSON.parse(await asking.data()) as { id: string };
    const params = { name: 'stay', _meta: { progressToken: 1 } };
    const staying = new SseReader(await post(sessionBody('tools/call', params, 'stay')));
    await staying.data();
    const drained = server.strom.drain(DRAIN_MS);
    const result = { action: 'accept', content: { name: 'Ada' } };
    await post(JSON.stringify({ jsonrpc: '2.0', id: question.id, result }));
    expect(await asking.data()).toContain('hello Ada');
    const method = 'notifications/cancelled';
    await post(JSON.stringify({ jsonrpc: '2.0', method, params: { requestId: 'stay' } }));
    await drained;
  });

  it('takes up no session from a store, so that another process can', async () => {
    await using store = memoryStore();
    const first = await startStrom(undefined, { server: { store } });
    await using peer = await HttpPeer.at(first.url, SESSION);
    await first.running.close();
    await using second = await startStrom(undefined, { server: { store } });
    await second.strom.drain(DRAIN_MS);
    const late = await second.send(inSession(peer.sessionId, 'ping', {}));
    expect([late.status, late.headers.get('retry-after')]).toEqual([503, '5']);
    await using third = await startStrom(undefined, { server: { store } });
    const now = await third.send(inSession(peer.sessionId, 'ping', {}));
    expect(now.status).toBe(200);
  });
});
