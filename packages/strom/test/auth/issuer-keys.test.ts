import { describe, expect, it } from 'vitest';
import { oauth } from '../../src/auth/oauth/oauth.ts';
import { TestClock } from '../harness/test-clock.ts';
import { startGuarded } from './support/guarded-server.ts';
import { AUDIENCE, JwtIssuer } from './support/jwt-issuer.ts';
import '../faults/support/base-line.ts';

const COOL_DOWN_MS = 30_000;
const FRESH_MS = 10 * 60_000;

async function start() {
  const issuer = await JwtIssuer.start();
  const clock = new TestClock(Date.now());
  const server = await startGuarded([oauth({ issuer: issuer.issuer, audience: AUDIENCE, clock })]);
  let made = 0;
  return {
    issuer,
    clock,
    server,
    /** The status of a call with a token that was never seen, good for an hour from now. */
    async status(over: Parameters<JwtIssuer['token']>[0] = {}): Promise<number> {
      made += 1;
      const exp = Math.floor(clock.now() / 1000) + 3600;
      const claims = { exp, jti: `${made}`, ...over.claims };
      return (await server.callWith(await issuer.token({ ...over, claims }))).status;
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await issuer[Symbol.asyncDispose]();
    },
  };
}

describe('A06: the keys of an issuer', () => {
  it('are found by its metadata and asked for once', async () => {
    await using at = await start();
    expect([await at.status(), await at.status(), await at.status()]).toEqual([200, 200, 200]);
    expect(at.issuer.requests).toEqual(['/.well-known/oauth-authorization-server', '/jwks']);
  });

  it('are asked for once by callers that come at the same time', async () => {
    await using at = await start();
    const statuses = await Promise.all(Array.from({ length: 20 }, () => at.status()));
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(at.issuer.keyRequests).toBe(1);
  });

  it('are asked for again when one is new, and both count while both are there', async () => {
    await using at = await start();
    const old = at.issuer.key;
    expect(await at.status()).toBe(200);
    await at.issuer.rotate({ keepsOld: true });
    at.clock.advance(COOL_DOWN_MS);
    expect(await at.status()).toBe(200);
    expect(await at.status({ key: old })).toBe(200);
    expect(at.issuer.keyRequests).toBe(2);
  });

  it('stop to count when the issuer has withdrawn them', async () => {
    await using at = await start();
    const old = at.issuer.key;
    await at.status();
    await at.issuer.rotate({ keepsOld: false });
    at.clock.advance(COOL_DOWN_MS);
    expect(await at.status()).toBe(200);
    expect(await at.status({ key: old })).toBe(401);
  });

  it('are asked for once in a cool-down, however many tokens name others', async () => {
    await using at = await start();
    await at.status();
    at.clock.advance(COOL_DOWN_MS);
    const unknown = Array.from({ length: 200 }, (_, index) =>
      at.status({ header: { kid: `random-${index}` } }),
    );
    expect(new Set(await Promise.all(unknown))).toEqual(new Set([401]));
    expect(at.issuer.keyRequests).toBe(2);
    expect(await at.status()).toBe(200);
  });

  it.each([500, undefined])(
    'count on while the issuer answers %s, and are renewed when it is back',
    async (status) => {
      await using at = await start();
      expect(await at.status()).toBe(200);
      const { answerKeys } = at.issuer;
      at.issuer.answerKeys = (response) =>
        status === undefined ? response.destroy() : at.issuer.sendJson(response, {}, status);
      at.clock.advance(FRESH_MS + 1);
      expect([await at.status(), await at.status()]).toEqual([200, 200]);
      at.issuer.answerKeys = answerKeys;
      await at.issuer.rotate({ keepsOld: false });
      at.clock.advance(COOL_DOWN_MS);
      expect(await at.status()).toBe(200);
    },
  );

  it('that are unknown while the issuer is down leave the verdict open', async () => {
    await using at = await start();
    await at.status();
    at.issuer.answerKeys = (response) => at.issuer.sendJson(response, {}, 503);
    await at.issuer.rotate({ keepsOld: true });
    at.clock.advance(COOL_DOWN_MS);
    expect([await at.status(), await at.status()]).toEqual([503, 503]);
    expect(at.issuer.keyRequests).toBe(2);
  });

  it('count no longer than a day without a word of the issuer', async () => {
    await using at = await start();
    await at.status();
    at.issuer.answerKeys = (response) => response.destroy();
    at.clock.advance(25 * 3_600_000);
    expect(await at.status()).toBe(503);
  });
});

describe('an issuer that was never reached', () => {
  const json = (value: unknown, status = 200) => ({
    status,
    type: 'application/json',
    text: JSON.stringify(value),
  });
  const keys: [string, { status: number; type: string; text: string; location?: string }][] = [
    ['404', json({}, 404)],
    ['500', json({ keys: [] }, 500)],
    ['a page', { ...json({ keys: [] }), type: 'text/html' }],
    ['a list', json([])],
    ['no list of keys', json({ keys: 1 })],
    ['2 MB', json({ keys: [], more: 'x'.repeat(2 * 1024 * 1024) })],
    ['a redirect', { ...json({}, 302), location: '/elsewhere' }],
  ];

  async function expectOpen({ issuer, server }: Awaited<ReturnType<typeof start>>): Promise<void> {
    const answer = await server.callWith(await issuer.token());
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBeDefined();
    expect(answer.headers.get('www-authenticate')).toBeUndefined();
    expect(answer.body).not.toContain(issuer.issuer);
    expect(server.logs.at('error')).toHaveLength(1);
    expect(issuer.requests).not.toContain('/elsewhere');
  }

  it.each(keys)('leaves the verdict open when it answers %s', async (_, answer) => {
    await using at = await start();
    const { status, type, text, location = '' } = answer;
    at.issuer.answerKeys = (response) => {
      response.writeHead(status, { 'content-type': type, location }).end(text);
    };
    await expectOpen(at);
  });

  it('leaves the verdict open when it takes the question and says nothing', async () => {
    await using at = await start();
    at.issuer.answerKeys = () => undefined;
    await expectOpen(at);
  });

  it.each([
    ['of somebody else', { issuer: 'https://x.test' }],
    ['without keys', { jwks_uri: undefined }],
    ['with keys where others can change them', { jwks_uri: 'http://keys.example.test/jwks' }],
    ['with keys in a file', { jwks_uri: 'file:///etc/passwd' }],
  ])('leaves the verdict open when its metadata is that %s', async (_, over) => {
    await using at = await start();
    Object.assign(at.issuer.metadata, over);
    await expectOpen(at);
  });

  it('is asked once in a cool-down', async () => {
    await using at = await start();
    at.issuer.answerKeys = (response) => response.destroy();
    for (let call = 0; call < 5; call += 1) expect(await at.status()).toBe(503);
    expect(at.issuer.keyRequests).toBe(1);
  });
});

describe('A07: the clocks of issuer and server', () => {
  it.each([
    [-600, 401],
    [-61, 401],
    [-31, 401],
    [-29, 200],
    [0, 200],
    [29, 200],
    [600, 200],
  ])(
    'may differ by half a minute: an end %i s from now is answered %i',
    async (seconds, status) => {
      await using at = await start();
      const exp = Math.floor(at.clock.now() / 1000) + seconds;
      expect(await at.status({ claims: { exp } })).toBe(status);
    },
  );

  it.each([
    [29, 200],
    [31, 401],
    [600, 401],
  ])(
    'may differ by half a minute: a start %i s from now is answered %i',
    async (seconds, status) => {
      await using at = await start();
      const nbf = Math.floor(at.clock.now() / 1000) + seconds;
      expect(await at.status({ claims: { nbf } })).toBe(status);
    },
  );

  it.each([-1, 61, Number.NaN])('never may differ by %d s', (clockToleranceSeconds) => {
    const settings = { issuer: 'https://id.test', audience: AUDIENCE, clockToleranceSeconds };
    expect(() => oauth(settings)).toThrow(TypeError);
  });
});

describe('A08: tokens that were verified', () => {
  it('are remembered until their end and no longer', async () => {
    await using at = await start();
    const exp = Math.floor(at.clock.now() / 1000) + 60;
    const token = await at.issuer.token({ claims: { exp } });
    expect((await at.server.callWith(token)).status).toBe(200);
    at.clock.advance(89_000);
    expect((await at.server.callWith(token)).status).toBe(200);
    at.clock.advance(2_000);
    expect((await at.server.callWith(token)).status).toBe(401);
  });

  it('give everybody his own identity, however many come at once', async () => {
    await using at = await start();
    const users = Array.from({ length: 50 }, (_, index) => `user-${index}`);
    const good = await Promise.all(users.map((sub) => at.issuer.token({ claims: { sub } })));
    const calls = Array.from({ length: 1000 }, async (_, index) => {
      const user = (index * 7919) % users.length;
      const token = good[user] ?? '';
      // Every third one has the signature of somebody else's token.
      const isForged = index % 3 === 0;
      const [head, body] = token.split('.');
      const forged = `${head}.${body}.${good[(user + 1) % users.length]?.split('.')[2]}`;
      const answer = await at.server.callWith(isForged ? forged : token);
      expect(answer.status).toBe(isForged ? 401 : 200);
      if (!isForged) expect(answer.body).toContain(`\\"name\\":\\"${users[user]}\\"`);
    });
    await Promise.all(calls);
  });
});
