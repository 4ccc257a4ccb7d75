/** What a client says once and the server keeps, repeats or writes down. */
import { describe, expect, it } from 'vitest';
import {
  BODY_HEADERS,
  initializeBody,
  META_PREFIX,
  modernBody,
  modernHeaders,
  modernMeta,
  sessionBody,
} from '../harness/mcp-request.ts';
import { rpcCodeOf } from '../harness/raw-http.ts';
import { SseReader } from '../harness/sse-reader.ts';
import { endSession, openSession } from './support/session.ts';
import { startVictim } from './support/victim.ts';

const LONG = 'x'.repeat(1_000_000);
const HEADERS = BODY_HEADERS.map(([name, value]) => [name, value] as const);

/** The text of `initialize` with other words about the client. */
function initialize(over: Record<string, unknown>): string {
  const message = JSON.parse(initializeBody('2025-11-25'));
  return JSON.stringify({ ...message, params: { ...message.params, ...over } });
}

describe('P08: tokens of progress', () => {
  it('are refused when they are long, for every notification repeats them', async () => {
    await using server = await startVictim();
    const body = (progressToken: unknown): string =>
      modernBody('tools/call', { name: 'steps', arguments: {}, _meta: { progressToken } });
    const headers = modernHeaders('tools/call', 'steps');
    for (const token of [LONG, 'x'.repeat(1023)]) {
      const answer = await server.send({ headers, body: body(token) });
      expect([answer.status, rpcCodeOf(answer)]).toEqual([400, -32602]);
    }
    const answer = await server.send({ headers, body: body('x'.repeat(1022)) });
    expect(answer.body).toContain('"result"');
    await using peer = await openSession(server, '2025-11-25');
    const params = { name: 'steps', _meta: { progressToken: LONG } };
    const refused = await peer.post(sessionBody('tools/call', params));
    expect(await refused.text()).toContain('-32602');
  });
});

describe('L04: names that clients give themselves', () => {
  const FORGED = 'a\u0085b\u2028c\u202ed';

  it('are not known where they are too long to be a name', async () => {
    await using server = await startVictim({ run: { metrics: true } });
    const meta = modernMeta({ [`${META_PREFIX}clientInfo`]: { name: LONG, version: LONG } });
    const body = modernBody('tools/call', { name: 'steps', arguments: {}, _meta: meta });
    const answer = await server.send({ headers: modernHeaders('tools/call', 'steps'), body });
    expect(answer.body).toContain('called by undefined');
    const clientInfo = { name: LONG, version: '1' };
    const opened = await server.send({ headers: HEADERS, body: initialize({ clientInfo }) });
    expect(opened.status).toBe(200);
    await endSession(server, opened);
    expect(
      (await server.logs('info')).map((line) => JSON.stringify(line)).join('').length,
    ).toBeLessThan(10_000);
  });

  it('reach no log over HTTP+SSE as they are', async () => {
    await using server = await startVictim({ run: { transport: 'sse' } });
    const reader = new SseReader(await fetch(`${server.origin}/sse`));
    const { data: target } = (await reader.next()) ?? { data: '' };
    const clientInfo = { name: FORGED, version: '1' };
    const body = initialize({ clientInfo, protocolVersion: '2024-11-05' });
    expect((await server.send({ target, headers: HEADERS, body })).status).toBe(202);
    await reader.data();
    const [line] = await server.logs('warn');
    expect(line?.fields['client']).toBe('a\\u0085b\\u2028c\\u202ed');
    await reader.cancel();
  });
});

describe('S06: what a session keeps of its client', () => {
  it('is refused over a bound of capabilities', async () => {
    await using server = await startVictim();
    const capabilities = { experimental: { x: { y: 'x'.repeat(70_000) } } };
    const answer = await server.send({ headers: HEADERS, body: initialize({ capabilities }) });
    expect([rpcCodeOf(answer), answer.headers.has('mcp-session-id')]).toEqual([-32602, false]);
    await server.checkAlive();
  });

  it('is refused over a bound of URIs, in a session and of a subscription', async () => {
    await using server = await startVictim();
    await using peer = await openSession(server, '2025-11-25');
    const uri = (length: number, at = 0): string => `test://item/${at}-${'x'.repeat(length)}`;
    const subscribe = async (wanted: string): Promise<string> =>
      (await peer.post(sessionBody('resources/subscribe', { uri: wanted }))).text();
    expect(await subscribe(uri(300_000))).toContain('-32602');
    expect(await subscribe(uri(200_000))).toContain('"result":{}');
    expect(await subscribe(uri(100_000))).toContain('-32602');
    const resourceSubscriptions = Array.from({ length: 10 }, (_, at) => uri(30_000, at));
    const body = modernBody('subscriptions/listen', { notifications: { resourceSubscriptions } });
    const listened = await server.send({ headers: modernHeaders('subscriptions/listen'), body });
    expect(rpcCodeOf(listened)).toBe(-32602);
  });
});

describe('L04: names that callers make up', () => {
  const SECRET = 'sk-made-up-name';

  it('are in no log and no metric, however early the call is refused', async () => {
    await using server = await startVictim({ run: { metrics: true } });
    const call = (name: string, params: Record<string, unknown>, id: unknown = 1) =>
      server.send({
        headers: modernHeaders('tools/call', name),
        body: modernBody('tools/call', { name, ...params }, id),
      });
    for (const params of [{}, { inputResponses: 5 }, { _meta: { progressToken: {} } }]) {
      expect(rpcCodeOf(await call(SECRET, params))).toBe(-32602);
    }
    const noVersion = JSON.stringify({ jsonrpc: '2.0', id: 1, method: SECRET, params: {} });
    await server.send({ headers: modernHeaders(SECRET), body: noVersion });
    const note = JSON.stringify({ jsonrpc: '2.0', method: SECRET });
    await server.send({ headers: HEADERS, body: note });
    const metrics = await fetch(`${server.origin}/metrics`);
    expect(await metrics.text()).not.toContain(SECRET);
    expect(JSON.stringify(await server.logs('info'))).not.toContain(SECRET);
  });

  it('leave the labels to what there is', async () => {
    await using server = await startVictim({ run: { metrics: true } });
    const refused = { inputResponses: 5 };
    for (let made = 0; made < 300; made += 1) {
      const name = `made-up-${made}`;
      const body = modernBody('tools/call', { name, ...refused });
      await server.send({ headers: modernHeaders('tools/call', name), body });
      const method = `made/up/${made}`;
      const early = modernBody(method, { _meta: { [`${META_PREFIX}clientCapabilities`]: 5 } });
      await server.send({ headers: modernHeaders(method), body: early });
    }
    await server.checkAlive();
    const text = await (await fetch(`${server.origin}/metrics`)).text();
    expect(text).toContain('mcp_method_name="tools/call",gen_ai_tool_name="echo"');
    expect(text).not.toContain('made');
  });
});
