import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createApiKey } from '../../src/auth/keys/api-key.ts';
import { apiKeys } from '../../src/auth/keys/api-keys.ts';
import { changeKeyFile } from '../../src/auth/keys/key-file.ts';
import { oauth } from '../../src/auth/oauth/oauth.ts';
import { HttpPeer } from '../harness/peers/http-peer.ts';
import { SseReader } from '../harness/sse-reader.ts';
import { TestClock } from '../harness/test-clock.ts';
import { doorWith, startGuarded } from './support/guarded-server.ts';
import { AUDIENCE, JwtIssuer } from './support/jwt-issuer.ts';
import '../faults/support/base-line.ts';

const MODERN = '2026-07-28';
const SESSION = '2025-11-25';
const LISTEN = { notifications: { toolsListChanged: true } };

/** A server whose time, and that of its tokens, is moved by hand. */
async function start() {
  const clock = new TestClock(Date.now());
  const issuer = await JwtIssuer.start();
  const auth = [
    oauth({ issuer: issuer.issuer, audience: AUDIENCE, clock, clockToleranceSeconds: 0 }),
  ];
  const server = await startGuarded(auth, { server: { clock }, run: { legacySse: true } });
  const token = (seconds: number) =>
    issuer.token({ claims: { exp: Math.floor(clock.now() / 1000) + seconds } });
  return {
    clock,
    server,
    token,
    /** A peer that brings the same token with every request. */
    async peer(revision: string, seconds = 60) {
      const authorization = `Bearer ${await token(seconds)}`;
      return HttpPeer.connect(
        revision,
        doorWith(server.url, () => ({ authorization })),
      );
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await issuer[Symbol.asyncDispose]();
    },
  };
}

describe('A14: when a token ends', () => {
  it('so does a call that runs with it, and its handler is told', async () => {
    await using at = await start();
    await using peer = await at.peer(MODERN);
    const waiting = await peer.request('tools/call', { name: 'wait', arguments: {} });
    await waiting.next();
    at.clock.advance(61_000);
    expect(await at.server.stopped()).toBe('ERR_INVALID_TOKEN');
    expect((await waiting.answer()).error).toBeDefined();
  });

  it('so does a subscription, with a last message', async () => {
    await using at = await start();
    await using peer = await at.peer(MODERN);
    const listening = await peer.request('subscriptions/listen', LISTEN);
    await listening.next();
    at.clock.advance(61_000);
    expect((await listening.answer()).error).toBeDefined();
  });

  it('a call that said nothing yet is answered 401', async () => {
    await using at = await start();
    at.server.strom.tool('silent', { description: 'Waits' }, async (_, ctx) => {
      await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve));
      return '';
    });
    const began = new Promise<void>((resolve) => {
      at.server.strom.tool('began', { description: 'Tells' }, () => resolve());
    });
    // Shorter than the time after which a quiet call gets a stream to be kept alive on.
    const token = await at.token(10);
    const answer = at.server.callWith(token, 'silent');
    await at.server.callWith(token, 'began');
    await began;
    at.clock.advance(11_000);
    expect((await answer).status).toBe(401);
    expect((await answer).headers.get('www-authenticate')).toContain('error="invalid_token"');
  });

  it('so does the stream of a session, and the session goes on with a newer one', async () => {
    await using at = await start();
    let token = await at.token(60);
    const door = doorWith(at.server.url, () => ({ authorization: `Bearer ${token}` }));
    await using peer = await HttpPeer.connect(SESSION, door);
    const stream = new SseReader(await peer.listen());
    at.clock.advance(61_000);
    expect(await stream.rest()).toHaveLength(1);
    expect(await peer.ping()).toBe(401);
    token = await at.token(60);
    expect(await peer.ping()).toBe(200);
    const again = new SseReader(await peer.listen());
    await again.readOn();
    at.server.strom.tool('added', { description: 'Late' }, () => 'x');
    expect(await again.data()).toContain('tools/list_changed');
    await again.cancel();
  });

  it('so does a call of a session that began with it, not one that began with a newer', async () => {
    await using at = await start();
    let token = await at.token(60);
    const door = doorWith(at.server.url, () => ({ authorization: `Bearer ${token}` }));
    await using peer = await HttpPeer.connect(SESSION, door);
    const older = await peer.request('tools/call', { name: 'wait', arguments: {} });
    await older.next();
    token = await at.token(600);
    const newer = await peer.request('tools/call', { name: 'wait', arguments: {} });
    await newer.next();
    at.clock.advance(61_000);
    expect((await older.answer()).error).toBeDefined();
    expect(await peer.ping()).toBe(200);
    at.clock.advance(600_000);
    expect((await newer.answer()).error).toBeDefined();
  });

  it('so does the connection of HTTP+SSE', async () => {
    await using at = await start();
    const headers = { authorization: `Bearer ${await at.token(60)}` };
    const stream = new SseReader(await fetch(`${at.server.origin}/sse`, { headers }));
    const endpoint = new URL(await stream.data(), at.server.origin);
    at.clock.advance(61_000);
    expect(await stream.rest()).toEqual([]);
    const late = await fetch(endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${await at.token(60)}`,
      },
      body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
    });
    expect(late.status).toBe(404);
    await late.text();
  });

  it('nothing is left behind', async () => {
    await using at = await start();
    const before = at.clock.pending;
    const peer = await at.peer(MODERN);
    for (let call = 0; call < 5; call += 1) {
      await (await peer.request('tools/call', { name: 'whoami', arguments: {} })).answer();
    }
    const listening = await peer.request('subscriptions/listen', LISTEN);
    await listening.next();
    at.clock.advance(61_000);
    await listening.all();
    expect(at.clock.pending).toBe(before);
  });
});

describe('A14: when an API key is revoked', () => {
  async function withKey() {
    const folder = await mkdtemp(path.join(tmpdir(), 'strom-keys-'));
    const file = path.join(folder, 'keys.json');
    const { key, record } = createApiKey({ name: 'x', scopes: ['files:read'] });
    const kept = createApiKey({ name: 'kept' });
    await changeKeyFile(file, () => [record, kept.record]);
    const clock = new TestClock(Date.now());
    const server = await startGuarded([apiKeys({ file, clock })], { server: { clock } });
    return {
      file,
      record,
      kept,
      clock,
      server,
      peer: (with_ = key) =>
        HttpPeer.connect(
          MODERN,
          doorWith(server.url, () => ({ 'x-api-key': with_ })),
        ),
      async [Symbol.asyncDispose]() {
        await server[Symbol.asyncDispose]();
        await rm(folder, { recursive: true });
      },
    };
  }

  it('what runs with it ends within a second, though nobody calls, and nothing else ends', async () => {
    await using at = await withKey();
    await using peer = await at.peer();
    await using other = await at.peer(at.kept.key);
    const waiting = await peer.request('tools/call', { name: 'wait', arguments: {} });
    const listening = await other.request('subscriptions/listen', LISTEN);
    await Promise.all([waiting.next(), listening.next()]);
    const revokedAt = new Date().toISOString();
    await changeKeyFile(at.file, ([first, ...rest]) => [
      { ...(first ?? at.record), revokedAt },
      ...rest,
    ]);
    at.clock.advance(1000);
    expect((await waiting.answer()).error).toBeDefined();
    at.server.strom.tool('added', { description: 'Late' }, () => 'x');
    expect(await listening.next()).toContain('list_changed');
  });

  it.each([
    ['loses a scope', { scopes: [] }],
    ['gets another secret', { sha256: 'ab'.repeat(32) }],
  ])('or %s, what runs with it ends as well', async (_, change) => {
    await using at = await withKey();
    await using peer = await at.peer();
    const listening = await peer.request('subscriptions/listen', LISTEN);
    await listening.next();
    await changeKeyFile(at.file, ([, ...rest]) => [{ ...at.record, ...change }, ...rest]);
    at.clock.advance(1000);
    expect((await listening.answer()).error).toBeDefined();
  });

  it('and the file is looked at no longer once nothing runs', async () => {
    await using at = await withKey();
    const before = at.clock.pending;
    const peer = await at.peer();
    const listening = await peer.request('subscriptions/listen', LISTEN);
    await listening.next();
    await peer[Symbol.asyncDispose]();
    await listening.all();
    await at.server.callWith(at.kept.key);
    at.clock.advance(1000);
    expect(at.clock.pending).toBe(before);
  });
});

describe('when an issuer that is asked takes a token back', () => {
  async function withIntrospection() {
    const clock = new TestClock(Date.now());
    const issuer = await JwtIssuer.start();
    const claims = { active: true, aud: AUDIENCE, sub: 'alice', scope: 'files:read', exp: 9e9 };
    issuer.answerIntrospection = () => claims;
    const introspection = { clientId: 'rs', clientSecret: 'x', cacheMs: 10_000 };
    const auth = [oauth({ issuer: issuer.issuer, audience: AUDIENCE, clock, introspection })];
    const server = await startGuarded(auth, { server: { clock } });
    const door = doorWith(server.url, () => ({ authorization: 'Bearer opaque' }));
    const peer = await HttpPeer.connect(MODERN, door);
    const listening = await peer.request('subscriptions/listen', LISTEN);
    await listening.next();
    return {
      clock,
      issuer,
      claims,
      server,
      listening,
      async [Symbol.asyncDispose]() {
        await peer[Symbol.asyncDispose]();
        await server[Symbol.asyncDispose]();
        await issuer[Symbol.asyncDispose]();
      },
    };
  }

  it.each([
    ['it is no longer active', { active: false }],
    ['it has fewer scopes', { scope: '' }],
    ['it is for somebody else', { sub: 'bob' }],
    ['it is for another server', { aud: 'https://other.test' }],
  ])('what runs with it ends: %s', async (_, change) => {
    await using at = await withIntrospection();
    Object.assign(at.claims, change);
    at.clock.advance(10_000);
    expect((await at.listening.answer()).error).toBeDefined();
  });

  it('what runs goes on while the issuer does not answer', async () => {
    await using at = await withIntrospection();
    at.issuer.answerIntrospection = () => {
      throw new Error('down');
    };
    at.clock.advance(10_000);
    at.server.strom.tool('added', { description: 'Late' }, () => 'x');
    expect(await at.listening.next()).toContain('list_changed');
  });
});
