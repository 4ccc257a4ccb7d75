import { describe, expect, it } from 'vitest';
import { createApiKey } from '../../src/auth/keys/api-key.ts';
import { apiKeys } from '../../src/auth/keys/api-keys.ts';
import type { RunOptions } from '../../src/serve/run-options.ts';
import type { ServerOptions } from '../../src/server/server-options.ts';
import { Disposables } from '../harness/disposables.ts';
import {
  BODY_HEADERS,
  initializeBody,
  modernBody,
  modernCall,
  modernHeaders,
  sessionBody,
} from '../harness/mcp-request.ts';
import { HttpPeer } from '../harness/peers/http-peer.ts';
import { RawConnection, type RawRequest, rawRequest } from '../harness/raw-http.ts';
import { type Started, startStrom } from '../harness/start-strom.ts';
import '../faults/support/base-line.ts';

const [ann, bob] = [createApiKey({ name: 'ann' }), createApiKey({ name: 'bob' })];

function as({ key }: { readonly key: string }, request: RawRequest): RawRequest {
  return { ...request, headers: [...(request.headers ?? []), ['Authorization', `Bearer ${key}`]] };
}

/** A server with a tool that stays until it is stopped. */
function start(server: Partial<ServerOptions>, run: RunOptions = {}): Promise<Started> {
  const auth = [apiKeys({ keys: [ann.record, bob.record] })];
  return startStrom(
    (strom) => {
      strom.tool('stay', { description: 'Stays' }, async (_, ctx) => {
        await ctx.progress(1);
        await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve));
      });
    },
    { server, run: { auth, ...run } },
  );
}

/** Starts a call that stays, and waits until it runs. */
async function stay(server: Started, key: { readonly key: string }): Promise<RawConnection> {
  const connection = await RawConnection.open(server.port);
  const call = modernCall('stay', {}, { progressToken: 'p' });
  connection.write(rawRequest(server.port, as(key, call)));
  await connection.until((text) => text.includes('"progress":1'));
  return connection;
}

/** A session of the holder of a key. */
function peerOf(server: Started, { key }: { readonly key: string }): Promise<HttpPeer> {
  return HttpPeer.connect('2025-11-25', {
    url: server.url,
    fetch: (target, init) =>
      fetch(target, { ...init, headers: { ...init.headers, 'X-API-Key': key } }),
    [Symbol.asyncDispose]: async () => undefined,
  });
}

const hello = modernCall('echo', { text: 'hello' });

describe('subscriptions of a session', () => {
  it('are refused where the caller has too many, and not accepted in silence', async () => {
    await using server = await start({ maxSubscriptionsPerCaller: 1 });
    await using peer = await peerOf(server, ann);
    const subscribe = (uri: string) => peer.post(sessionBody('resources/subscribe', { uri }));
    expect((await subscribe('memo://one')).status).toBe(200);
    expect((await subscribe('memo://two')).status).toBe(429);
  });
});

describe('calls that run at once', () => {
  it('are bounded for each caller, and others are served', async () => {
    await using server = await start({ maxCallsPerCaller: 2 });
    await using stack = new Disposables();
    const first = stack.use(await stay(server, ann));
    stack.use(await stay(server, ann));
    const refused = await server.send(as(ann, hello));
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await server.send(as(bob, hello))).status).toBe(200);
    first.destroy();
    await expect.poll(async () => (await server.send(as(ann, hello))).status).toBe(200);
  });

  it('are bounded for all together', async () => {
    await using server = await start({ maxCalls: 2 });
    await using stack = new Disposables();
    stack.use(await stay(server, ann));
    stack.use(await stay(server, bob));
    const refused = await server.send(as(bob, hello));
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  it('open no session for a handshake they refuse', async () => {
    await using server = await start({ maxCallsPerCaller: 1 }, { maxSessionsPerCaller: 1 });
    const staying = await stay(server, ann);
    const handshake = as(ann, { headers: BODY_HEADERS, body: initializeBody('2025-11-25') });
    const refused = await server.send(handshake);
    expect(refused.status).toBe(429);
    expect(refused.headers.has('mcp-session-id')).toBe(false);
    staying.destroy();
    await staying.closed();
    await expect.poll(async () => (await server.send(handshake)).status).toBe(200);
  });

  it('do not include subscriptions, which have limits of their own', async () => {
    await using server = await start({ maxCallsPerCaller: 1, maxSubscriptionsPerCaller: 1 });
    await using stack = new Disposables();
    const listen = as(ann, {
      headers: modernHeaders('subscriptions/listen'),
      body: modernBody('subscriptions/listen', { notifications: { toolsListChanged: true } }),
    });
    const open = stack.use(await RawConnection.open(server.port));
    open.write(rawRequest(server.port, listen));
    await open.until((text) => text.includes('acknowledged'));
    expect((await server.send(as(ann, hello))).status).toBe(200);
    expect((await server.send(listen)).status).toBe(429);
  });
});

describe('S06: streams that answer no call', () => {
  it('are bounded for each caller', async () => {
    await using server = await start({}, { maxStreamsPerCaller: 1 });
    const [one, other] = [await peerOf(server, ann), await peerOf(server, ann)];
    const first = await one.listen();
    expect(first.status).toBe(200);
    expect((await other.listen()).status).toBe(429);
    expect((await (await peerOf(server, bob)).listen()).status).toBe(200);
    await first.body?.cancel();
    await expect.poll(async () => (await other.listen()).status).toBe(200);
  });

  it('are bounded for all together, HTTP+SSE included', async () => {
    await using server = await start({}, { maxStreams: 2, legacySse: true });
    await using stack = new Disposables();
    expect((await (await peerOf(server, ann)).listen()).status).toBe(200);
    const sse = rawRequest(server.port, as(bob, { method: 'GET', target: '/sse' }));
    const open = stack.use(await RawConnection.open(server.port));
    open.write(sse);
    await open.until((text) => text.includes('event: endpoint'));
    expect((await (await peerOf(server, bob)).listen()).status).toBe(503);
    expect((await server.send(as(bob, { method: 'GET', target: '/sse' }))).status).toBe(503);
    expect((await server.send(as(bob, hello))).status).toBe(200);
    open.destroy();
    await expect.poll(async () => (await (await peerOf(server, bob)).listen()).status).toBe(200);
  });
});
