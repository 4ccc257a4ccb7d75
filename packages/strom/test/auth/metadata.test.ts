import { describe, expect, it } from 'vitest';
import { createApiKey } from '../../src/auth/keys/api-key.ts';
import { apiKeys } from '../../src/auth/keys/api-keys.ts';
import { oauth } from '../../src/auth/oauth/oauth.ts';
import { Strom } from '../../src/serve/strom.ts';
import { jsonOf } from '../harness/raw-http.ts';
import { startStrom } from '../harness/start-strom.ts';
import { challengeOf, startGuarded } from './support/guarded-server.ts';
import { AUDIENCE } from './support/jwt-issuer.ts';

const ROOT = '/.well-known/oauth-protected-resource';
const ISSUERS = [{ issuer: 'https://a.example.test' }, { issuer: 'https://b.example.test/tenant' }];
const { record } = createApiKey({ name: 'x' });

describe('the metadata of a protected resource', () => {
  it('is told to everybody, at both places', async () => {
    await using server = await startGuarded([
      oauth({ issuers: ISSUERS, audience: AUDIENCE, requiredScopes: ['mcp'] }),
    ]);
    for (const target of [ROOT, `${ROOT}/mcp`]) {
      const answer = await server.send({ method: 'GET', target });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBe('application/json');
      expect(jsonOf(answer)).toEqual({
        resource: AUDIENCE,
        authorization_servers: ISSUERS.map(({ issuer }) => issuer),
        bearer_methods_supported: ['header'],
        scopes_supported: ['mcp'],
      });
    }
  });

  it.each([
    [undefined, '/mcp', '/mcp'],
    ['https://mcp.example.test', '/mcp', '/mcp'],
    ['https://mcp.example.test/', '/other', '/other'],
    ['https://mcp.example.test:8443/public/mcp', '/mcp', '/public/mcp'],
  ])('follows publicUrl %s', async (publicUrl, path, place) => {
    const issuer = 'https://a.example.test';
    const auth =
      publicUrl === undefined ? oauth({ issuer, audience: AUDIENCE }) : oauth({ issuer });
    const run = { path, ...(publicUrl !== undefined && { publicUrl }) };
    await using server = await startGuarded([auth], { run });
    const answer = await server.send({ method: 'GET', target: ROOT + place });
    const { origin } = new URL(publicUrl ?? AUDIENCE);
    expect(jsonOf(answer)).toMatchObject({ resource: origin + place });
    const refused = await server.send({ target: path });
    expect(challengeOf(refused)).toBe(`Bearer resource_metadata="${origin}${ROOT}${place}"`);
  });

  it('can be read by pages of allowed origins, and by no others', async () => {
    await using server = await startGuarded([oauth({ issuers: ISSUERS, audience: AUDIENCE })], {
      run: { allowedOrigins: ['https://app.example.test'] },
    });
    const get = (origin: string) =>
      server.send({ method: 'GET', target: ROOT, headers: [['Origin', origin]] });
    const allowed = await get('https://app.example.test');
    expect(allowed.status).toBe(200);
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://app.example.test');
    expect((await get('https://evil.example.test')).status).toBe(403);
  });

  it('lets those pages read why they are refused as well', async () => {
    await using server = await startGuarded([oauth({ issuers: ISSUERS, audience: AUDIENCE })], {
      run: { allowedOrigins: ['https://app.example.test'] },
    });
    const answer = await server.call('whoami', [['Origin', 'https://app.example.test']]);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://app.example.test');
    expect(answer.headers.get('access-control-expose-headers')).toContain('www-authenticate');
    const preflight = await server.send({
      method: 'OPTIONS',
      headers: [
        ['Origin', 'https://app.example.test'],
        ['Access-Control-Request-Method', 'POST'],
        ['Access-Control-Request-Headers', 'authorization, x-api-key'],
      ],
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')).toBe('authorization, x-api-key');
  });

  it('takes nothing but GET', async () => {
    await using server = await startGuarded([oauth({ issuers: ISSUERS, audience: AUDIENCE })]);
    for (const method of ['POST', 'DELETE', 'PUT']) {
      expect((await server.send({ method, target: ROOT })).status).toBe(405);
    }
  });

  it('is not there without OAuth, and other places need no credentials to be not there', async () => {
    await using keys = await startGuarded([apiKeys({ keys: [record] })]);
    await using open = await startStrom();
    for (const server of [keys, open]) {
      expect((await server.send({ method: 'GET', target: ROOT })).status).toBe(404);
      const probe = '/.well-known/oauth-authorization-server';
      expect((await server.send({ method: 'GET', target: probe })).status).toBe(404);
    }
  });

  it('comes before the realm of the keys where a server has both', async () => {
    await using server = await startGuarded([
      apiKeys({ keys: [record] }),
      oauth({ issuers: ISSUERS, audience: AUDIENCE }),
    ]);
    const challenge = challengeOf(await server.call('whoami'));
    expect(challenge).toBe(`Bearer resource_metadata="https://mcp.example.test${ROOT}/mcp"`);
  });
});

describe('credentials of two kinds in one request', () => {
  it('are refused, whichever is good', async () => {
    const made = createApiKey({ name: 'x' });
    await using server = await startGuarded([
      apiKeys({ keys: [made.record] }),
      oauth({ issuers: ISSUERS, audience: AUDIENCE }),
    ]);
    const headers = [
      ['X-API-Key', made.key],
      ['Authorization', 'Bearer a.b.c'],
    ] as const;
    const answer = await server.call('whoami', headers);
    expect(answer.status).toBe(400);
    expect(challengeOf(answer)).toContain('error="invalid_request"');
  });
});

describe('settings that cannot hold', () => {
  const issuer = 'https://a.example.test';
  it.each([
    ['http for an issuer', { issuer: 'http://a.example.test', audience: AUDIENCE }],
    ['a query in an issuer', { issuer: `${issuer}?x=1`, audience: AUDIENCE }],
    ['credentials in an issuer', { issuer: 'https://u:p@a.example.test', audience: AUDIENCE }],
    ['no issuer', { issuers: [], audience: AUDIENCE }],
    ['an issuer twice', { issuers: [{ issuer }, { issuer }], audience: AUDIENCE }],
    ['http for keys', { issuer, jwksUri: 'http://a.example.test/jwks', audience: AUDIENCE }],
    ['an audience that is no URL', { issuer, audience: 'mcp' }],
    ['an audience with a fragment', { issuer, audience: `${AUDIENCE}#x` }],
    ['an audience with a query', { issuer, audience: `${AUDIENCE}?x` }],
    ['an audience in upper case', { issuer, audience: 'https://MCP.example.test/mcp' }],
    ['an audience with a default port', { issuer, audience: 'https://mcp.example.test:443/mcp' }],
    ['http for an audience', { issuer, audience: 'http://mcp.example.test/mcp' }],
    [
      'a scope about refreshing',
      { issuer, audience: AUDIENCE, requiredScopes: ['offline_access'] },
    ],
    ['a scope with a space', { issuer, audience: AUDIENCE, requiredScopes: ['a b'] }],
  ])('are refused before anything is served: %s', (_, options) => {
    expect(() => oauth(options)).toThrow(TypeError);
  });

  it('are refused when nobody says who tokens are for', () => {
    const strom = new Strom({ name: 'x', version: '1' });
    expect(() => strom.listener({ auth: [oauth({ issuer })] })).toThrow('publicUrl');
  });

  it('are refused when two entries name issuers', () => {
    const strom = new Strom({ name: 'x', version: '1' });
    const each = () => oauth({ issuer, audience: AUDIENCE });
    expect(() => strom.listener({ auth: [each(), each()] })).toThrow(TypeError);
  });

  it.each(['mcp.example.test', 'ftp://x.test', 'https://x.test/?a', 'https://x.test/#a', ''])(
    'are refused for publicUrl "%s"',
    (publicUrl) => {
      const strom = new Strom({ name: 'x', version: '1' });
      expect(() => strom.listener({ publicUrl })).toThrow('publicUrl');
    },
  );
});
