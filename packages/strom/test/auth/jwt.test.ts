import { exportSPKI, importJWK, type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { oauth } from '../../src/auth/oauth/oauth.ts';
import { callerIn, challengeOf, type Guarded, startGuarded } from './support/guarded-server.ts';
import { AUDIENCE, JwtIssuer } from './support/jwt-issuer.ts';
import '../faults/support/base-line.ts';

const METADATA_URL = 'https://mcp.example.test/.well-known/oauth-protected-resource/mcp';
const nowSeconds = (): number => Math.floor(Date.now() / 1000);

let issuer: JwtIssuer;
let other: JwtIssuer;
let server: Guarded;

beforeAll(async () => {
  issuer = await JwtIssuer.start('RS256');
  other = await JwtIssuer.start('ES256');
  const issuers = [{ issuer: issuer.issuer }, { issuer: other.issuer, jwksUri: other.jwksUri }];
  server = await startGuarded([oauth({ issuers, audience: AUDIENCE })]);
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await issuer[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
});

async function expectRefused(token: string): Promise<void> {
  const answer = await server.callWith(token);
  expect(answer.status).toBe(401);
  expect(challengeOf(answer)).toBe(
    'Bearer error="invalid_token", error_description="The credentials are not valid here", ' +
      `resource_metadata="${METADATA_URL}"`,
  );
  expect(answer.body).not.toContain(token.slice(-20));
}

/** Puts a token together from parts that nobody signed that way. */
function assemble(header: object, payload: object, signature: string): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  return `${encode(header)}.${encode(payload)}.${signature}`;
}

const payload = (): JWTPayload => ({
  iss: issuer.issuer,
  aud: AUDIENCE,
  sub: 'alice',
  exp: nowSeconds() + 60,
});

describe('A01, A02: an access token', () => {
  it('lets its subject in', async () => {
    const answer = await server.callWith(await issuer.token());
    expect(answer.status).toBe(200);
    expect(callerIn(answer)).toMatchObject({ kind: 'oauth', name: 'alice' });
  });

  it.each([
    ['without a type', { typ: undefined }],
    ['of the common type', { typ: 'JWT' }],
    ['of the registered type, written out', { typ: 'application/at+jwt' }],
  ] as const)('is taken %s', async (_, header) => {
    const token = await issuer.token({ header: header as Partial<JWTHeaderParameters> });
    expect((await server.callWith(token)).status).toBe(200);
  });

  it('may be for several audiences', async () => {
    const token = await issuer.token({ claims: { aud: ['https://other.test', AUDIENCE] } });
    expect((await server.callWith(token)).status).toBe(200);
  });

  it('names one caller for each issuer and subject, and never the same for two', async () => {
    const tokens = await Promise.all([
      issuer.token(),
      issuer.token({ claims: { jti: 'another' } }),
      issuer.token({ claims: { sub: 'bob' } }),
      issuer.token({ claims: { sub: undefined, client_id: 'alice' } }),
      other.token(),
    ]);
    const ids: string[] = [];
    for (const token of tokens) ids.push(callerIn(await server.callWith(token)).id);
    expect(ids[1]).toBe(ids[0]);
    expect(new Set(ids)).toHaveLength(4);
  });

  it('asks for a token where there is none', async () => {
    const answer = await server.call('whoami');
    expect(answer.status).toBe(401);
    expect(challengeOf(answer)).toBe(`Bearer resource_metadata="${METADATA_URL}"`);
  });
});

const claims: [string, Record<string, unknown>][] = [
  ['expired', { exp: 1 }],
  ['expired by more than the leeway', { exp: Math.floor(Date.now() / 1000) - 40 }],
  ['not yet valid', { nbf: Math.floor(Date.now() / 1000) + 600 }],
  ['without an end', { exp: undefined }],
  ['with an end that is text', { exp: '9999999999' }],
  ['of nobody', { iss: undefined }],
  ['for nobody', { aud: undefined }],
  ['for nobody but an authorized party', { aud: undefined, azp: AUDIENCE }],
  ['for another server', { aud: 'https://other.test/mcp' }],
  ['for a server whose name begins the same', { aud: `${AUDIENCE}2` }],
  ['for the origin', { aud: 'https://mcp.example.test' }],
  ['for a name in upper case', { aud: 'https://MCP.example.test/mcp' }],
  ['for a path with a slash more', { aud: `${AUDIENCE}/` }],
  ['for other servers', { aud: ['https://a.test', 'https://b.test'] }],
  ['for nobody of a list', { aud: [] }],
  ['without a subject', { sub: undefined }],
  ['with an empty subject', { sub: '' }],
  ['with a number for a subject, and a client', { sub: 7, client_id: 'web' }],
  ['with an object for a subject, and a client', { sub: { id: 7 }, client_id: 'web' }],
  ['bound to a key of the client', { cnf: { jkt: 'x' } }],
  ['that is an event', { events: {}, typ: 'logout' }],
  ['that says it is an ID token', { typ: 'ID' }],
  ['that says it is a refresh token', { typ: 'Refresh' }],
];

describe('A01, A02, A03, A04: a token is refused', () => {
  it.each(claims)('when it is %s', async (_, over) => {
    await expectRefused(await issuer.token({ claims: over }));
  });

  it.each([
    ['an ID token', { typ: 'JWT' }, { nonce: 'n', at_hash: 'h' }],
    ['a logout token', { typ: 'logout+jwt' }, {}],
    ['a proof of possession', { typ: 'dpop+jwt' }, {}],
    ['a client assertion with a type of its own', { typ: 'client-authentication+jwt' }, {}],
  ])('when it is %s', async (_, header, over) => {
    await expectRefused(await issuer.token({ header, claims: over }));
  });

  it('when it has a critical header nobody here knows', async () => {
    const jwt = new SignJWT(payload()).setProtectedHeader({
      alg: 'RS256',
      kid: issuer.key.kid,
      crit: ['exp'],
      exp: 1,
    });
    await expectRefused(await jwt.sign(issuer.key.privateKey, { crit: { exp: true } }));
  });

  it('when another trusted issuer signed it', async () => {
    await expectRefused(await other.token({ claims: { iss: issuer.issuer } }));
    await expectRefused(await other.token({ key: issuer.key }));
  });

  it('when its issuer is spelled in another way', async () => {
    const { port } = new URL(issuer.issuer);
    for (const iss of [
      `${issuer.issuer}/`,
      `http://localhost:${port}`,
      issuer.issuer.toUpperCase(),
    ]) {
      await expectRefused(await issuer.token({ claims: { iss } }));
    }
  });

  it('when an issuer signed it that nobody trusts', async () => {
    await using stranger = await JwtIssuer.start();
    await expectRefused(await stranger.token());
    expect(stranger.requests).toEqual([]);
  });

  it('when nobody signed it', async () => {
    for (const alg of ['none', 'None', 'NONE', '']) {
      await expectRefused(assemble({ alg, typ: 'JWT' }, payload(), ''));
      await expectRefused(assemble({ alg, kid: issuer.key.kid }, payload(), 'AA'));
    }
  });

  it('when the public key was its secret', async () => {
    const publicKey = await importJWK(issuer.key.jwk, 'RS256', { extractable: true });
    const spki = await exportSPKI(publicKey as never);
    for (const secret of [spki, spki.trim(), JSON.stringify(issuer.key.jwk)]) {
      const jwt = new SignJWT(payload()).setProtectedHeader({ alg: 'HS256', kid: issuer.key.kid });
      await expectRefused(await jwt.sign(new TextEncoder().encode(secret)));
    }
  });

  it('when the algorithm is not that of the key', async () => {
    const [, body, signature] = (await issuer.token()).split('.');
    for (const alg of ['PS256', 'RS384', 'ES256', 'EdDSA']) {
      const header = Buffer.from(JSON.stringify({ alg, kid: issuer.key.kid })).toString(
        'base64url',
      );
      await expectRefused(`${header}.${body}.${signature}`);
    }
  });

  it('when its signature is all zero, cut, or that of another token', async () => {
    const zero = Buffer.alloc(64).toString('base64url');
    const header = { alg: 'ES256', kid: other.key.kid };
    await expectRefused(assemble(header, { ...payload(), iss: other.issuer }, zero));
    const token = await issuer.token();
    await expectRefused(token.slice(0, -4));
    const [head, , signature] = token.split('.');
    const [, body] = (await issuer.token({ claims: { sub: 'mallory' } })).split('.');
    await expectRefused(`${head}.${body}.${signature}`);
  });

  it('when its key is for something else than signing', async () => {
    await using encrypting = await JwtIssuer.start();
    encrypting.published = [{ ...encrypting.key.jwk, use: 'enc' }];
    await using guarded = await startGuarded([
      oauth({ issuer: encrypting.issuer, audience: AUDIENCE }),
    ]);
    expect((await guarded.callWith(await encrypting.token())).status).toBe(401);
  });

  it('when it brings its own key', async () => {
    const { jwk, privateKey, kid } = other.key;
    const header = { alg: 'ES256', kid, jwk, jku: other.jwksUri, x5u: other.jwksUri };
    const jwt = new SignJWT(payload()).setProtectedHeader(header as JWTHeaderParameters);
    await expectRefused(await jwt.sign(privateKey));
  });

  it.each([
    ['one part', 'abc'],
    ['two parts', 'a.b'],
    ['empty parts', '..'],
    ['five parts', 'a.b.c.d.e'],
    ['no JSON', `${btoa('x')}.${btoa('y')}.AA`.replaceAll('=', '')],
    ['a list for claims', assemble({ alg: 'RS256' }, [], 'AA')],
    ['8 kB', `${'a'.repeat(4000)}.${'b'.repeat(4000)}.c`],
  ])('when it is %s', async (_, token) => {
    await expectRefused(token);
  });

  it('and the next good one is let in', async () => {
    expect((await server.callWith(await issuer.token())).status).toBe(200);
    expect((await server.callWith(await other.token())).status).toBe(200);
  });
});

describe('A04: algorithms', () => {
  it('are those that the server names', async () => {
    const settings = { issuer: issuer.issuer, audience: AUDIENCE, algorithms: ['ES256'] };
    await using guarded = await startGuarded([oauth(settings)]);
    expect((await guarded.callWith(await issuer.token())).status).toBe(401);
  });

  it.each(['none', 'HS256', 'dir', ''])('never are %s', (algorithm) => {
    const settings = { issuer: 'https://id.test', audience: AUDIENCE, algorithms: [algorithm] };
    expect(() => oauth(settings)).toThrow(TypeError);
  });
});
