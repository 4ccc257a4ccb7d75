import { describe, expect, it } from 'vitest';
import { ANONYMOUS } from '../../../src/base/principal.ts';
import type { Authenticator } from '../../../src/security/authenticator.ts';
import { HttpPeer } from '../../harness/peers/http-peer.ts';
import { type Started, startStrom } from '../../harness/start-strom.ts';

const METADATA = '/.well-known/oauth-protected-resource';

/** Takes everybody, so that there is metadata to serve. */
const auth: Authenticator = {
  recognises: () => true,
  authenticate: () => ({ ...ANONYMOUS, kind: 'oauth', id: 'x', scopes: new Set(['metrics']) }),
  challenge: () => 'Bearer',
  metadata: () => ({ resource: 'http://127.0.0.1/mcp' }),
};

function start(): Promise<Started> {
  return startStrom(
    (strom) => {
      const annotations = { readOnlyHint: true };
      strom.tool('read', { description: 'Only reads', annotations }, () => 'read');
    },
    { run: { legacySse: true, metrics: true, auth: [auth] } },
  );
}

describe('a method that is not taken', () => {
  it.each([
    ['PUT', '/mcp', 'GET, POST, DELETE'],
    ['GET', '/mcp', 'POST'],
    ['DELETE', '/mcp', 'POST'],
    ['POST', '/sse', 'GET'],
    ['GET', '/messages?sessionId=x', 'POST'],
    ['GET', '/stream/echo', 'POST'],
    ['PUT', '/stream/echo', 'POST'],
    ['PUT', '/stream/read', 'GET, POST'],
    ['POST', '/healthz', 'GET, HEAD'],
    ['DELETE', '/readyz', 'GET, HEAD'],
    ['OPTIONS', '/healthz', 'GET, HEAD'],
    ['POST', '/metrics', 'GET, HEAD'],
    ['POST', METADATA, 'GET, HEAD'],
  ])('%s %s is answered 405 and told that there is %s', async (method, target, allowed) => {
    await using server = await start();
    const answer = await server.send({ method, target });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe(allowed);
  });

  it.each(['/healthz', '/readyz', '/metrics', METADATA])(
    'HEAD %s is answered as GET is, without a body',
    async (path) => {
      await using server = await start();
      const answer = await fetch(`${server.origin}${path}`, { method: 'HEAD' });
      expect([answer.status, await answer.text()]).toEqual([200, '']);
      expect(Number(answer.headers.get('content-length'))).toBeGreaterThan(0);
    },
  );

  it('does not keep a session from its own', async () => {
    await using server = await startStrom();
    await using peer = await HttpPeer.at(server.url, '2025-11-25');
    const headers = { 'mcp-session-id': peer.sessionId };
    const answer = await fetch(server.url, { method: 'PATCH', headers });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, POST, DELETE']);
  });
});

describe('a server that is not ready', () => {
  it('says when to ask again', async () => {
    await using server = await startStrom();
    await server.strom.drain(0);
    const answer = await server.send({ method: 'GET', target: '/readyz' });
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
  });
});
