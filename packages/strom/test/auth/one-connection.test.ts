import { describe, expect, it } from 'vitest';
import { createApiKey } from '../../src/auth/keys/api-key.ts';
import { apiKeys } from '../../src/auth/keys/api-keys.ts';
import { oauth } from '../../src/auth/oauth/oauth.ts';
import type { Authenticator } from '../../src/security/authenticator.ts';
import { RawConnection, rawRequest } from '../harness/raw-http.ts';
import { TestClock } from '../harness/test-clock.ts';
import { bearer, startGuarded } from './support/guarded-server.ts';
import { AUDIENCE, JwtIssuer } from './support/jwt-issuer.ts';

/** Calls `whoami` once with each token, all over one connection. */
async function callerOnOneConnection(auth: Authenticator) {
  const server = await startGuarded([auth]);
  const connection = await RawConnection.open(server.port);
  const call = async (token: string): Promise<string> => {
    const headers = [bearer(token), ['Content-Type', 'application/json']] as const;
    const request = { target: '/stream/whoami', headers, body: '{}' };
    connection.write(rawRequest(server.port, request));
    const { status, body } = await connection.answer();
    return `${status} ${/"name\\*":\\*"(\w+)/.exec(body)?.[1] ?? ''}`;
  };
  return {
    call,
    async [Symbol.asyncDispose]() {
      await connection[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

describe('a connection that brings one credential after the other', () => {
  it('is heard by each of its keys', async () => {
    const [ann, ben] = [createApiKey({ name: 'ann' }), createApiKey({ name: 'ben' })];
    const wrong = `${ann.key.slice(0, -1)}${ann.key.endsWith('A') ? 'B' : 'A'}`;
    const mixed = `${ann.key.slice(0, 19)}${ben.key.slice(19)}`;
    const auth = apiKeys({ keys: [ann.record, ben.record] });
    await using caller = await callerOnOneConnection(auth);
    const heard: string[] = [];
    for (const key of [ann.key, ann.key, ben.key, mixed, mixed, wrong, wrong, ann.key]) {
      heard.push(await caller.call(key));
    }
    expect(heard).toEqual([
      '200 ann',
      '200 ann',
      '200 ben',
      '401 ',
      '401 ',
      '401 ',
      '401 ',
      '200 ann',
    ]);
  });

  it('is refused once its key has ended', async () => {
    const clock = new TestClock();
    const short = createApiKey({ name: 'short', expiresAtMs: clock.now() + 1000 });
    await using caller = await callerOnOneConnection(apiKeys({ keys: [short.record], clock }));
    expect(await caller.call(short.key)).toBe('200 short');
    clock.advance(1000);
    expect(await caller.call(short.key)).toBe('401 ');
  });

  it('is heard by each of its tokens, however long they are', async () => {
    await using issuer = await JwtIssuer.start('ES256');
    const auth = oauth({ issuers: [{ issuer: issuer.issuer }], audience: AUDIENCE });
    const ann = await issuer.token({ claims: { sub: 'ann' } });
    const ben = await issuer.token({ claims: { sub: 'ben', note: 'x'.repeat(3000) } });
    const forged = `${ann.slice(0, -10)}${'A'.repeat(10)}`;
    await using caller = await callerOnOneConnection(auth);
    const heard: string[] = [];
    for (const token of [ann, ann, forged, ben, ben, ann]) heard.push(await caller.call(token));
    expect(heard).toEqual(['200 ann', '200 ann', '401 ', '200 ben', '200 ben', '200 ann']);
  });
});
