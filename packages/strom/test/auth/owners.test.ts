import { describe, expect, it } from 'vitest';
import { createApiKey } from '../../src/auth/keys/api-key.ts';
import { apiKeys } from '../../src/auth/keys/api-keys.ts';
import { oauth } from '../../src/auth/oauth/oauth.ts';
import { initializeBody } from '../harness/mcp-request.ts';
import { HttpPeer } from '../harness/peers/http-peer.ts';
import { SseReader } from '../harness/sse-reader.ts';
import { doorWith, type Guarded, startGuarded } from './support/guarded-server.ts';
import { AUDIENCE, JwtIssuer } from './support/jwt-issuer.ts';
import '../faults/support/base-line.ts';

const SESSION = '2025-11-25';
const PING = '{"jsonrpc":"2.0","id":1,"method":"ping"}';
const JSON_TYPE = { 'content-type': 'application/json' };

const alice = createApiKey({ name: 'alice' });
const bob = createApiKey({ name: 'bob' });

function withKeys(): Promise<Guarded> {
  const auth = [apiKeys({ keys: [alice.record, bob.record] })];
  return startGuarded(auth, { run: { legacySse: true } });
}

const keyHeaders = (key: string) => ({ 'x-api-key': key });

/** Everything of an answer that could tell one case from the other. */
async function said(answer: Promise<Response>): Promise<string> {
  const { status, headers, ...rest } = await answer.then(async (response) => ({
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: await response.text(),
  }));
  const { date: _date, ...stable } = headers;
  return JSON.stringify({ status, stable, ...rest });
}

describe('I03: a session', () => {
  it('is for others just as if it were not there, whatever they try', async () => {
    await using server = await withKeys();
    const door = doorWith(server.url, () => keyHeaders(alice.key));
    await using owner = await HttpPeer.connect(SESSION, door);
    const stream = new SseReader(await owner.listen());
    await stream.readOn();
    const unknown = owner.sessionId.replace(/./g, (char) => (char === '0' ? '1' : '0'));
    const tries = (id: string): Promise<string>[] => {
      const headers = {
        ...keyHeaders(bob.key),
        'mcp-session-id': id,
        'mcp-protocol-version': SESSION,
      };
      const accept = { accept: 'text/event-stream' };
      const post = { method: 'POST', headers: { ...JSON_TYPE, ...headers }, body: PING };
      return [
        said(fetch(server.url, post)),
        said(fetch(server.url, { ...post, body: '{"jsonrpc":"2.0","method":"x"}' })),
        said(fetch(server.url, { headers: { ...headers, ...accept } })),
        said(fetch(server.url, { headers: { ...headers, ...accept, 'last-event-id': 'out-1' } })),
        said(fetch(server.url, { method: 'DELETE', headers })),
      ];
    };
    const foreign = await Promise.all(tries(owner.sessionId));
    expect(foreign).toEqual(await Promise.all(tries(unknown)));
    for (const answer of foreign) expect(answer).toContain('"status":404');
    expect(await owner.ping()).toBe(200);
    server.strom.tool('added', { description: 'Late' }, () => 'x');
    expect(await stream.data()).toContain('tools/list_changed');
    await stream.cancel();
  });

  it('never has the id a client proposes', async () => {
    await using server = await withKeys();
    const proposed = 'a'.repeat(48);
    const answer = await fetch(server.url, {
      method: 'POST',
      headers: {
        ...JSON_TYPE,
        ...keyHeaders(alice.key),
        accept: 'application/json',
        'mcp-session-id': proposed,
      },
      body: initializeBody(SESSION),
    });
    await answer.text();
    expect(answer.headers.get('mcp-session-id')).not.toBe(proposed);
  });

  it('is not the same subject of another issuer’s, nor a key of that name’s', async () => {
    await using one = await JwtIssuer.start();
    await using two = await JwtIssuer.start();
    const issuers = [{ issuer: one.issuer }, { issuer: two.issuer }];
    await using server = await startGuarded([
      oauth({ issuers, audience: AUDIENCE }),
      apiKeys({ keys: [alice.record] }),
    ]);
    const token = async (issuer: JwtIssuer, sub = 'alice') => ({
      authorization: `Bearer ${await issuer.token({ claims: { sub } })}`,
    });
    const mine = await token(one);
    await using owner = await HttpPeer.connect(
      SESSION,
      doorWith(server.url, () => mine),
    );
    const status = async (credentials: Record<string, string>): Promise<number> => {
      const headers = { ...JSON_TYPE, ...credentials, 'mcp-session-id': owner.sessionId };
      const answer = await fetch(server.url, { method: 'POST', headers, body: PING });
      await answer.text();
      return answer.status;
    };
    expect(await status(await token(one))).toBe(200);
    expect(await status(await token(two))).toBe(404);
    expect(await status(await token(one, 'bob'))).toBe(404);
    expect(await status(keyHeaders(alice.key))).toBe(404);
    expect(await status({})).toBe(401);
  });
});

describe('a connection of HTTP+SSE', () => {
  it('takes messages of its owner alone', async () => {
    await using server = await withKeys();
    const open = await fetch(`${server.origin}/sse`, { headers: keyHeaders(alice.key) });
    const stream = new SseReader(open);
    const endpoint = new URL(await stream.data(), server.origin);
    const post = (key: string, target = endpoint.href) =>
      said(
        fetch(target, {
          method: 'POST',
          headers: { ...JSON_TYPE, ...keyHeaders(key) },
          body: PING,
        }),
      );
    const foreign = await post(bob.key);
    expect(foreign).toContain('"status":404');
    const elsewhere = `${server.origin}/messages?sessionId=${'0'.repeat(48)}`;
    expect(foreign).toBe(await post(bob.key, elsewhere));
    expect(await post(alice.key)).toContain('"status":202');
    await stream.cancel();
  });
});
