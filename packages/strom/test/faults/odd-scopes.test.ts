import { describe, expect, it } from 'vitest';
import { oauth } from '../../src/auth/oauth/oauth.ts';
import { Strom } from '../../src/serve/strom.ts';
import { doorWith, startGuarded } from '../auth/support/guarded-server.ts';
import { AUDIENCE, JwtIssuer } from '../auth/support/jwt-issuer.ts';
import { HttpPeer } from '../harness/peers/http-peer.ts';
import { SseReader } from '../harness/sse-reader.ts';
import './support/base-line.ts';

describe('A11: a scope', () => {
  const odd = ['files:read', [''], ['a b'], ['a"b'], ['a\r\nX-Evil: 1'], [5], {}, null];

  it.each(odd.map((scopes) => ({ scopes })))(
    'that nobody can be given makes nothing that needs it: $scopes',
    ({ scopes }) => {
      const strom = new Strom({ name: 'x', version: '1' });
      const needs = { name: 'x', description: 'x', scopes: scopes as string[] };
      const made = [
        () => strom.tool('x', needs, () => 'x'),
        () => strom.prompt('x', needs, () => 'x'),
        () => strom.resource('x://1', needs, () => 'x'),
        () => strom.resourceTemplate('x://{id}', needs, () => 'x'),
      ];
      for (const make of made) {
        expect(make).toThrow(
          expect.objectContaining({
            name: 'TypeError',
            message: expect.stringContaining('scopes'),
          }),
        );
      }
    },
  );

  it('counts as the token of a request has it, and not as the one that opened the session', async () => {
    await using issuer = await JwtIssuer.start();
    await using server = await startGuarded([oauth({ issuer: issuer.issuer, audience: AUDIENCE })]);
    for (const name of ['one', 'two']) {
      server.strom.resource(`memo://${name}`, { name, scopes: ['memos'] }, () => name);
    }
    const broad = await issuer.token({ claims: { scope: 'memos' } });
    const narrow = await issuer.token({ claims: { scope: '' } });
    let token = broad;
    const door = doorWith(server.url, () => ({ authorization: `Bearer ${token}` }));
    await using peer = await HttpPeer.connect('2025-11-25', door);
    const stream = new SseReader(await peer.listen());
    const subscribe = async (uri: string) =>
      (await peer.request('resources/subscribe', { uri })).answer();
    token = narrow;
    await subscribe('memo://one');
    token = broad;
    await subscribe('memo://two');
    for (const name of ['one', 'two']) server.strom.notify.resourceUpdated(`memo://${name}`);
    expect(JSON.parse(await stream.data())).toMatchObject({ params: { uri: 'memo://two' } });
    await stream.cancel();
  });
});
