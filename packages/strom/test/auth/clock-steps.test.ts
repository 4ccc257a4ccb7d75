import { describe, expect, it } from 'vitest';
import { oauth } from '../../src/auth/oauth/oauth.ts';
import { TestClock } from '../harness/test-clock.ts';
import { startGuarded } from './support/guarded-server.ts';
import { AUDIENCE, JwtIssuer } from './support/jwt-issuer.ts';
import '../faults/support/base-line.ts';

const CACHE_MS = 10_000;

describe('F13: a clock that is set back', () => {
  it('does not let a token that was taken back be good for longer', async () => {
    const clock = new TestClock(Date.now());
    await using issuer = await JwtIssuer.start();
    const claims = { active: true, aud: AUDIENCE, sub: 'alice', exp: 9e9 };
    issuer.answerIntrospection = () => claims;
    const introspection = { clientId: 'rs', clientSecret: 'x', cacheMs: CACHE_MS };
    await using server = await startGuarded([
      oauth({ issuer: issuer.issuer, audience: AUDIENCE, clock, introspection }),
    ]);
    expect((await server.callWith('opaque')).status).toBe(200);
    claims.active = false;
    expect((await server.callWith('opaque')).status).toBe(200);
    clock.step(-600_000);
    expect((await server.callWith('opaque')).status).toBe(401);
  });
});
