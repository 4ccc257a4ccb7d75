import { describe, expect, it } from 'vitest';
import { createApiKey } from '../../src/auth/keys/api-key.ts';
import { apiKeys } from '../../src/auth/keys/api-keys.ts';
import { oauth } from '../../src/auth/oauth/oauth.ts';
import type { Strom } from '../../src/serve/strom.ts';
import { modernBody, modernHeaders } from '../harness/mcp-request.ts';
import { HttpPeer } from '../harness/peers/http-peer.ts';
import { jsonOf } from '../harness/raw-http.ts';
import {
  bearer,
  challengeOf,
  doorWith,
  type Guarded,
  startGuarded,
} from './support/guarded-server.ts';
import { AUDIENCE, JwtIssuer } from './support/jwt-issuer.ts';
import '../faults/support/base-line.ts';

const made = (name: string, scopes: readonly string[]) => createApiKey({ name, scopes });
const nothing = made('nothing', []);
const reader = made('reader', ['files:read']);
const writer = made('writer', ['files:write']);
const admin = made('admin', ['admin']);
const all = made('all', ['*']);
const KEYS = [nothing, reader, writer, admin, all];

const AUTH = () =>
  apiKeys({
    keys: KEYS.map(({ record }) => record),
    impliedScopes: { admin: ['files:write'], 'files:write': ['files:read'], 'files:read': [] },
  });

function addScoped(strom: Strom): void {
  const scopes = ['files:read'];
  strom.resource('secret://one', { name: 'one', scopes }, () => 'one');
  strom.resourceTemplate(
    'secret://{name}/more',
    {
      name: 'more',
      scopes,
      list: () => [{ uri: 'secret://a/more', name: 'a' }],
      complete: { name: () => ['hidden'] },
    },
    () => 'more',
  );
  strom.prompt(
    'secret',
    {
      input: { type: 'object', properties: { of: { type: 'string' } } },
      scopes,
      complete: { of: () => ['hidden'] },
    },
    () => 'prompt',
  );
}

interface Question {
  readonly key: string;
  readonly method: string;
  readonly params?: object;
}

async function ask(server: Guarded, { key, method, params = {} }: Question) {
  const name = (params as { name?: string; uri?: string }).name ?? (params as { uri?: string }).uri;
  return server.send({
    headers: [...modernHeaders(method, name), bearer(key)],
    body: modernBody(method, params as Record<string, unknown>),
  });
}

describe('A11: scopes of a tool', () => {
  it('are all named at once to a caller who lacks one, and to one who lacks all', async () => {
    await using server = await startGuarded([AUTH()]);
    for (const { key } of [nothing, reader]) {
      const answer = await server.callWith(key, 'write');
      expect(answer.status).toBe(403);
      expect(challengeOf(answer)).toContain('error="insufficient_scope"');
      expect(challengeOf(answer)).toContain('scope="files:read files:write"');
      expect(jsonOf(answer)).toMatchObject({
        id: 1,
        error: { data: { requiredScopes: ['files:read', 'files:write'] } },
      });
    }
  });

  it('are had by whoever has a broader one, at any distance', async () => {
    await using server = await startGuarded([AUTH()]);
    const statuses = async (tool: string) => {
      const answers = await Promise.all(KEYS.map(({ key }) => server.callWith(key, tool)));
      return answers.map(({ status }) => status);
    };
    expect(await statuses('read')).toEqual([403, 200, 200, 200, 200]);
    expect(await statuses('write')).toEqual([403, 403, 200, 200, 200]);
    expect(await statuses('whoami')).toEqual([200, 200, 200, 200, 200]);
  });

  it('hold on plain streams, whatever form of answer is accepted', async () => {
    await using server = await startGuarded([AUTH()]);
    for (const accept of ['text/event-stream', 'application/x-ndjson', 'text/plain']) {
      const headers = [['Accept', accept], bearer(nothing.key)] as const;
      const answer = await server.send({ target: '/stream/read', headers });
      expect(answer.status).toBe(403);
      expect(challengeOf(answer)).toContain('scope="files:read"');
    }
  });

  it('hold for clients that take nothing but streams', async () => {
    await using server = await startGuarded([AUTH()]);
    const headers = modernHeaders('tools/call', 'read').map(([name, value]): [string, string] =>
      name === 'Accept' ? [name, 'text/event-stream'] : [name, value],
    );
    const body = modernBody('tools/call', { name: 'read', arguments: {} });
    const answer = await server.send({ headers: [...headers, bearer(nothing.key)], body });
    expect(answer.status).toBe(403);
    expect(challengeOf(answer)).toContain('scope="files:read"');
  });

  it.each(['2025-03-26', '2025-06-18', '2025-11-25'])(
    'hold in sessions of %s',
    async (revision) => {
      await using server = await startGuarded([AUTH()]);
      const door = doorWith(server.url, () => ({ 'x-api-key': reader.key }));
      await using peer = await HttpPeer.connect(revision, door);
      const call = (tool: string) =>
        peer.post(
          JSON.stringify({
            jsonrpc: '2.0',
            id: tool,
            method: 'tools/call',
            params: { name: tool },
          }),
        );
      expect((await call('read')).status).toBe(200);
      const refused = await call('write');
      expect(refused.status).toBe(403);
      expect(refused.headers.get('www-authenticate')).toContain('files:write');
    },
  );
});

describe('A11, I10: what a caller may not use', () => {
  const LISTS = ['tools/list', 'resources/list', 'resources/templates/list', 'prompts/list'];

  it('is in none of the lists, whoever asked before', async () => {
    await using server = await startGuarded([AUTH()]);
    addScoped(server.strom);
    const listed = async (key: string): Promise<string> => {
      const answers = await Promise.all(
        LISTS.map((method) => ask(server, { key: key, method: method })),
      );
      return answers.map(({ body }) => body).join('\n');
    };
    for (let round = 0; round < 2; round += 1) {
      const full = await listed(all.key);
      for (const part of ['"write"', 'secret://one', 'secret://a/more', '{name}', '"secret"']) {
        expect(full).toContain(part);
      }
      expect(await listed(nothing.key)).not.toMatch(/secret|"read"|"write"/);
      expect(await listed(reader.key)).not.toContain('"write"');
    }
  });

  it('marks its lists as private, so that no cache gives them to others', async () => {
    const listCache = { ttlMs: 1000, scope: 'public' } as const;
    await using server = await startGuarded([AUTH()], { server: { listCache } });
    const answer = await ask(server, { key: reader.key, method: 'tools/list' });
    expect(jsonOf(answer)).toMatchObject({ result: { cacheScope: 'private' } });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('etag')).toBeUndefined();
  });

  it('suggests nothing', async () => {
    await using server = await startGuarded([AUTH()]);
    addScoped(server.strom);
    const refs = [
      [{ type: 'ref/prompt', name: 'secret' }, 'of'],
      [{ type: 'ref/resource', uri: 'secret://{name}/more' }, 'name'],
    ] as const;
    for (const [ref, name] of refs) {
      const params = { ref, argument: { name, value: '' } };
      expect(
        (await ask(server, { key: reader.key, method: 'completion/complete', params })).body,
      ).toContain('hidden');
      const refused = await ask(server, {
        key: nothing.key,
        method: 'completion/complete',
        params,
      });
      expect(jsonOf(refused)).toHaveProperty('error');
      expect(refused.body).not.toContain('hidden');
    }
  });

  it('is left out of what a subscription hears of', async () => {
    await using server = await startGuarded([AUTH()]);
    addScoped(server.strom);
    const uris = ['secret://one', 'secret://x/more', 'nothing://here'];
    const heard = async (key: string): Promise<unknown> => {
      const door = doorWith(server.url, () => ({ 'x-api-key': key }));
      await using peer = await HttpPeer.connect('2026-07-28', door);
      const params = { notifications: { resourceSubscriptions: uris } };
      const listening = await peer.request('subscriptions/listen', params);
      return JSON.stringify(await listening.next());
    };
    expect(await heard(reader.key)).toContain('secret://one');
    expect(await heard(nothing.key)).not.toContain('secret://');
  });

  it('is neither read nor got', async () => {
    await using server = await startGuarded([AUTH()]);
    addScoped(server.strom);
    const asked = [
      ['resources/read', { uri: 'secret://one' }],
      ['resources/read', { uri: 'secret://x/more' }],
      ['prompts/get', { name: 'secret' }],
    ] as const;
    for (const [method, params] of asked) {
      expect((await ask(server, { key: reader.key, method: method, params })).status).toBe(200);
      expect((await ask(server, { key: nothing.key, method: method, params })).status).toBe(403);
    }
  });
});

describe('scopes of an access token', () => {
  it.each([
    ['a text', { scope: 'openid files:read' }],
    ['a text with spaces around', { scope: ' files:read ' }],
    ['a list', { scope: ['files:read'] }],
    ['a list by its short name', { scp: ['files:read'] }],
    ['a text by its short name', { scp: 'files:read profile' }],
  ])('are read from %s', async (_, claims) => {
    await using issuer = await JwtIssuer.start();
    await using server = await startGuarded([oauth({ issuer: issuer.issuer, audience: AUDIENCE })]);
    const token = await issuer.token({ claims });
    expect((await server.callWith(token, 'read')).status).toBe(200);
    expect((await server.callWith(token, 'write')).status).toBe(403);
  });

  it('that mean everything for a key mean nothing here', async () => {
    await using issuer = await JwtIssuer.start();
    await using server = await startGuarded([oauth({ issuer: issuer.issuer, audience: AUDIENCE })]);
    const token = await issuer.token({ claims: { scope: '*', scp: { a: 1 } } });
    expect((await server.callWith(token, 'read')).status).toBe(403);
  });

  it('must hold those the server requires of everybody', async () => {
    await using issuer = await JwtIssuer.start();
    const requiredScopes = ['mcp'];
    await using server = await startGuarded([
      oauth({ issuer: issuer.issuer, audience: AUDIENCE, requiredScopes }),
    ]);
    const missing = await server.call('whoami');
    expect(missing.status).toBe(401);
    expect(challengeOf(missing)).toContain('scope="mcp"');
    const without = await server.callWith(await issuer.token());
    expect(without.status).toBe(403);
    expect(challengeOf(without)).toContain('error="insufficient_scope"');
    const token = await issuer.token({ claims: { scope: 'mcp' } });
    expect((await server.callWith(token)).status).toBe(200);
    expect(challengeOf(await server.callWith(token, 'read'))).toContain('scope="mcp files:read"');
  });
});
