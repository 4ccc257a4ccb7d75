import { describe, expect, it } from 'vitest';
import { oauth } from '../../src/auth/oauth/oauth.ts';
import { ANONYMOUS, callingFrom } from '../../src/base/principal.ts';
import { publicError } from '../../src/base/strom-error.ts';
import type { RequestFacts } from '../../src/security/request-facts.ts';
import { RateGate } from '../../src/transports/http/rate-gate.ts';
import { makeGate } from '../harness/gate.ts';
import { modernCall } from '../harness/mcp-request.ts';
import { RawConnection, rawRequest } from '../harness/raw-http.ts';
import { TestClock } from '../harness/test-clock.ts';
import { bearer, startGuarded } from './support/guarded-server.ts';
import { AUDIENCE, JwtIssuer } from './support/jwt-issuer.ts';

const MAX_FAILURES = 3;
/** New tokens an issuer is asked about at once. */
const MAX_ASKED = 128;
const CACHE_MS = 10_000;

/** A server that asks an issuer about tokens, which knows some. */
async function start(...good: readonly string[]) {
  const clock = new TestClock(Date.now());
  const issuer = await JwtIssuer.start();
  const active = new Set(good);
  const asked: string[] = [];
  let held: Promise<void> | undefined;
  let tell = (): void => undefined;
  issuer.answerIntrospection = async (token) => {
    asked.push(token);
    tell();
    await held;
    return { active: active.has(token), aud: AUDIENCE, sub: token, exp: 9e9 };
  };
  const introspection = { clientId: 'rs', clientSecret: 'x', cacheMs: CACHE_MS };
  const server = await startGuarded(
    [oauth({ issuer: issuer.issuer, audience: AUDIENCE, clock, introspection })],
    { run: { rateLimits: { failedAuth: { requests: MAX_FAILURES, perMs: 3_600_000 } } } },
  );
  return {
    clock,
    active,
    asked,
    /** Answers nothing before. */
    holdUntil(gate: Promise<void>) {
      held = gate;
    },
    /** Resolves when the issuer has been asked about so many tokens. */
    async hasAsked(count: number) {
      while (asked.length < count) {
        await new Promise<void>((resolve) => {
          tell = resolve;
        });
      }
    },
    status: async (token: string) => (await server.callWith(token)).status,
    /** The same from an address of loopback. */
    async statusFrom(address: string, token: string) {
      await using connection = await RawConnection.open(server.port, '127.0.0.1', address);
      const { headers = [], ...call } = modernCall('whoami');
      connection.write(rawRequest(server.port, { ...call, headers: [...headers, bearer(token)] }));
      return (await connection.answer()).status;
    },
    async exhaust() {
      for (let count = 0; count < MAX_FAILURES; count += 1) {
        expect((await server.callWith(`guess-${count}`)).status).toBe(401);
      }
      asked.length = 0;
    },
    refuse: () => server.callWith('one-guess-more'),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await issuer[Symbol.asyncDispose]();
    },
  };
}

describe('an address from which too many tokens did not hold', () => {
  it('is refused without asking the issuer', async () => {
    await using at = await start();
    await at.exhaust();
    const refused = await at.refuse();
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(at.asked).toEqual([]);
  });

  it('keeps out no token that was found good, also when the issuer has to be asked again', async () => {
    await using at = await start('known');
    expect(await at.status('known')).toBe(200);
    await at.exhaust();
    expect(await at.status('known')).toBe(200);
    expect(at.asked).toEqual([]);
    at.clock.advance(CACHE_MS);
    expect(await at.status('known')).toBe(200);
    expect(at.asked).toEqual(['known']);
  });

  it('asks once more about a token that was good, and then takes it for any other', async () => {
    await using at = await start('known');
    await at.status('known');
    await at.exhaust();
    at.active.clear();
    at.clock.advance(CACHE_MS);
    expect(await at.status('known')).toBe(429);
    expect(await at.status('known')).toBe(429);
    expect(at.asked).toEqual(['known']);
  });

  it('has no say about other addresses', async () => {
    await using at = await start('new');
    await at.exhaust();
    expect(await at.status('new')).toBe(429);
    expect(await at.statusFrom('127.0.0.2', 'new')).toBe(200);
  });
});

describe('the default limit of failures', () => {
  it('refuses nobody unseen on this machine, where all may be behind one proxy', async () => {
    const gate = new RateGate({});
    const failure = publicError('ERR_INVALID_TOKEN', 'no');
    const addresses = ['127.0.0.1', '203.0.113.7'];
    for (let count = 0; count < 1000; count += 1) {
      for (const address of addresses)
        await gate.afterFailure(failure, { address, claim: undefined });
    }
    const [here, elsewhere] = addresses.map((address) => callingFrom(ANONYMOUS, address));
    await gate.beforeAsking(here ?? ANONYMOUS);
    await expect(gate.beforeAsking(elsewhere ?? ANONYMOUS)).rejects.toMatchObject({
      code: 'ERR_RATE_LIMITED',
    });
  });
});

describe('an issuer that takes its time', () => {
  it('is asked about so many new tokens at once, and about old ones all the same', async () => {
    await using at = await start('known');
    expect(await at.status('known')).toBe(200);
    at.clock.advance(CACHE_MS);
    const gate = makeGate();
    at.holdUntil(gate.promise);
    const waiting = Array.from({ length: MAX_ASKED }, (_, index) => at.status(`new-${index}`));
    await at.hasAsked(1 + MAX_ASKED);
    expect(await at.status('one-more')).toBe(503);
    const known = at.status('known');
    await at.hasAsked(1 + MAX_ASKED + 1);
    gate.open();
    expect(await known).toBe(200);
    expect(new Set(await Promise.all(waiting))).toEqual(new Set([401, 429]));
  });

  it('is asked once for all who come with one new token, however many', async () => {
    await using issuer = await JwtIssuer.start();
    let asked = 0;
    issuer.answerIntrospection = async (sub) => {
      asked += 1;
      return { active: true, aud: AUDIENCE, sub, exp: 9e9 };
    };
    const introspection = { clientId: 'rs', clientSecret: 'x' };
    const settings = { issuer: issuer.issuer, audience: AUDIENCE, introspection };
    const guard = oauth(settings).bind?.(undefined);
    const facts: RequestFacts = {
      method: 'POST',
      target: '/mcp',
      rawHeaders: bearer('shared'),
      header: (name) => (name === 'authorization' ? 'Bearer shared' : undefined),
      localPort: undefined,
      isEncrypted: true,
    };
    const callers = Array.from({ length: 2 * MAX_ASKED }, () => guard?.authenticate(facts));
    expect(new Set(await Promise.all(callers)).size).toBe(1);
    expect(asked).toBe(1);
  });
});
