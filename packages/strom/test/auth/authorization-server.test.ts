import { describe, expect, it } from 'vitest';
import { oauth } from '../../src/auth/oauth/oauth.ts';
import { TestClock } from '../harness/test-clock.ts';
import { AuthorizationServer, CLIENT, RESOURCE_SERVER } from './support/authorization-server.ts';
import { callerIn, challengeOf, startGuarded } from './support/guarded-server.ts';
import { AUDIENCE } from './support/jwt-issuer.ts';

const INTROSPECTION = { clientId: RESOURCE_SERVER.id, clientSecret: RESOURCE_SERVER.secret };

async function start(format: 'jwt' | 'opaque', resource = AUDIENCE) {
  const as = await AuthorizationServer.start({ resource, format });
  const clock = new TestClock(Date.now());
  const introspection = format === 'opaque' ? { introspection: INTROSPECTION } : {};
  const server = await startGuarded([
    oauth({ issuer: as.issuer, audience: AUDIENCE, clock, ...introspection }),
  ]);
  return {
    as,
    clock,
    server,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await as[Symbol.asyncDispose]();
    },
  };
}

describe.each(['jwt', 'opaque'] as const)('an authorization server with %s tokens', (format) => {
  it('lets its client in, with the scopes it granted', async () => {
    await using at = await start(format);
    const token = await at.as.token('files:read');
    expect(token.split('.')).toHaveLength(format === 'jwt' ? 3 : 1);
    const answer = await at.server.callWith(token);
    expect(answer.status).toBe(200);
    expect(callerIn(answer)).toMatchObject({ kind: 'oauth', name: CLIENT.id });
    expect((await at.server.callWith(token, 'read')).status).toBe(200);
    const refused = await at.server.callWith(token, 'write');
    expect(refused.status).toBe(403);
    expect(challengeOf(refused)).toContain('scope="files:read files:write"');
  });

  it('lets nobody in with a token for another server', async () => {
    await using at = await start(format, 'https://other.test/mcp');
    const token = await at.as.token('files:read');
    expect((await at.server.callWith(token)).status).toBe(401);
  });

  it('lets nobody in any more once the token has ended', async () => {
    await using at = await start(format);
    const token = await at.as.token();
    expect((await at.server.callWith(token)).status).toBe(200);
    at.clock.advance(640_000);
    expect((await at.server.callWith(token)).status).toBe(401);
  });
});

describe('an authorization server that signs', () => {
  it('may take a new key', async () => {
    await using at = await start('jwt');
    const before = await at.as.token();
    expect((await at.server.callWith(before)).status).toBe(200);
    await at.as.rotate();
    at.clock.advance(30_000);
    expect((await at.server.callWith(await at.as.token())).status).toBe(200);
    expect((await at.server.callWith(before)).status).toBe(200);
  });
});

describe('an authorization server that is asked', () => {
  it('is heard about revoked tokens within a minute', async () => {
    await using at = await start('opaque');
    const token = await at.as.token();
    expect((await at.server.callWith(token)).status).toBe(200);
    await at.as.revoke(token);
    at.clock.advance(60_000);
    expect((await at.server.callWith(token)).status).toBe(401);
  });

  it('leaves the verdict open when it does not know who asks', async () => {
    await using at = await start('opaque');
    const introspection = { ...INTROSPECTION, clientSecret: 'wrong' };
    await using server = await startGuarded([
      oauth({ issuer: at.as.issuer, audience: AUDIENCE, introspection }),
    ]);
    expect((await server.callWith(await at.as.token())).status).toBe(503);
    expect(JSON.stringify(server.logs.records)).not.toContain('wrong');
  });
});
