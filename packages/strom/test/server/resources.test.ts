import { describe, expect, it } from 'vitest';
import type { ResourceReturn } from '../../src/server/resource.ts';
import { modernBody, modernHeaders } from '../harness/mcp-request.ts';
import { jsonOf } from '../harness/raw-http.ts';
import { type Started, startStrom } from '../harness/start-strom.ts';

type Fields = Record<string, unknown>;

async function ask(server: Started, method: string, params: Fields = {}): Promise<Fields> {
  const name = params['uri'] as string | undefined;
  const target = method === 'resources/read' ? name : undefined;
  return jsonOf(
    await server.send({ headers: modernHeaders(method, target), body: modernBody(method, params) }),
  );
}

async function read(server: Started, uri: string): Promise<Fields> {
  return ask(server, 'resources/read', { uri });
}

describe('reading a resource', () => {
  it.each<[string, ResourceReturn, Fields[]]>([
    ['a text', 'x', [{ uri: 't://r', mimeType: 'text/x', text: 'x' }]],
    ['an empty text', '', [{ uri: 't://r', mimeType: 'text/x', text: '' }]],
    ['bytes', Uint8Array.of(1, 255), [{ uri: 't://r', mimeType: 'text/x', blob: 'Af8=' }]],
    [
      'a piece with a type of its own',
      { text: 'x', mimeType: 'text/y' },
      [{ uri: 't://r', mimeType: 'text/y', text: 'x' }],
    ],
    [
      'pieces with addresses of their own',
      [
        { text: 'a', uri: 't://r/a' },
        { blob: 'AA==', uri: 't://r/b' },
      ],
      [
        { uri: 't://r/a', mimeType: 'text/x', text: 'a' },
        { uri: 't://r/b', mimeType: 'text/x', blob: 'AA==' },
      ],
    ],
  ])('gives %s', async (_, value, contents) => {
    await using server = await startStrom((strom) => {
      strom.resource('t://r', { name: 'r', mimeType: 'text/x' }, async () => value);
    });
    expect(await read(server, 't://r')).toMatchObject({ result: { contents } });
  });

  it('says how long the content may be kept, and by whom', async () => {
    await using server = await startStrom((strom) => {
      const cache = { ttlMs: 5000, scope: 'public' } as const;
      strom.resource('t://kept', { name: 'kept', cache }, () => 'x');
      strom.resource('t://not', { name: 'not' }, () => 'x');
    });
    expect(await read(server, 't://kept')).toMatchObject({
      result: { ttlMs: 5000, cacheScope: 'public' },
    });
    expect(await read(server, 't://not')).toMatchObject({
      result: { ttlMs: 0, cacheScope: 'private' },
    });
  });

  it('masks what a reader throws', async () => {
    await using server = await startStrom((strom) => {
      strom.resource('t://r', { name: 'r' }, () => {
        throw new Error('/etc/secret is gone');
      });
    });
    const answer = await read(server, 't://r');
    expect(answer['error']).toMatchObject({ code: -32603 });
    expect(JSON.stringify(answer)).not.toContain('secret');
    expect(server.logs.at('error')).toHaveLength(1);
  });

  it('prefers a fixed resource, then the templates in the order of their registration', async () => {
    await using server = await startStrom((strom) => {
      strom.resourceTemplate('t://{+all}', { name: 'all' }, (_, { all }) => `all ${all}`);
      strom.resourceTemplate('t://{one}', { name: 'one' }, () => 'one');
      strom.resource('t://fixed', { name: 'fixed' }, () => 'fixed');
    });
    expect(await read(server, 't://fixed')).toMatchObject({
      result: { contents: [{ text: 'fixed' }] },
    });
    expect(await read(server, 't://a%20b')).toMatchObject({
      result: { contents: [{ uri: 't://a%20b', text: 'all a b' }] },
    });
  });

  it.each([{}, { uri: 7 }, { uri: null }, { uri: {} }])('refuses %j', async (params) => {
    await using server = await startStrom();
    const answer = jsonOf(
      await server.send({
        headers: modernHeaders('resources/read'),
        body: modernBody('resources/read', params),
      }),
    );
    expect(answer['error']).toMatchObject({ code: -32602 });
  });
});

describe('listing resources', () => {
  it('joins fixed ones with those that templates list, over all pages, without repeats', async () => {
    await using server = await startStrom(
      (strom) => {
        for (const id of ['a', 'b', 'c']) strom.resource(`t://${id}`, { name: id }, () => id);
        const list = () => ['d', 'e'].map((id) => ({ uri: `t://${id}`, name: id }));
        strom.resourceTemplate('t://{id}', { name: 'ids', list }, () => 'x');
        strom.resourceTemplate('u://{id}', { name: 'none' }, () => 'x');
      },
      { server: { pageSize: 2 } },
    );
    const uris: string[] = [];
    let cursor: unknown;
    do {
      const params = cursor === undefined ? {} : { cursor };
      const { result } = (await ask(server, 'resources/list', params)) as {
        result: { resources: { uri: string }[]; nextCursor?: string };
      };
      uris.push(...result.resources.map(({ uri }) => uri));
      cursor = result.nextCursor;
    } while (cursor !== undefined);
    expect(uris).toEqual(['t://a', 't://b', 't://c', 't://d', 't://e']);
  });

  it('is empty, and not an error, where there is nothing', async () => {
    await using server = await startStrom();
    for (const [method, key] of [
      ['resources/list', 'resources'],
      ['resources/templates/list', 'resourceTemplates'],
      ['prompts/list', 'prompts'],
    ] as const) {
      expect(await ask(server, method)).toMatchObject({ result: { [key]: [] } });
    }
  });

  it('may be kept as long as the server says', async () => {
    const listCache = { ttlMs: 1234, scope: 'public' } as const;
    await using server = await startStrom(undefined, { server: { listCache } });
    expect(await ask(server, 'tools/list')).toMatchObject({
      result: { ttlMs: 1234, cacheScope: 'public' },
    });
  });
});

describe('registering resources', () => {
  it('refuses what is taken and templates that cannot be matched', async () => {
    await using server = await startStrom((strom) => {
      strom.resource('t://a', { name: 'a' }, () => 'x');
      strom.resourceTemplate('t://{id}', { name: 'ids' }, () => 'x');
    });
    const { strom } = server;
    expect(() => strom.resource('t://a', { name: 'a' }, () => 'x')).toThrow(TypeError);
    expect(() => strom.resourceTemplate('t://{id}', { name: 'x' }, () => 'x')).toThrow(TypeError);
    expect(() => strom.resourceTemplate('t://{a}{b}', { name: 'x' }, () => 'x')).toThrow(TypeError);
  });

  it('is told in what the server describes, and taken back with it', async () => {
    await using server = await startStrom();
    const capabilities = async () => {
      const { result } = await ask(server, 'server/discover');
      return Object.keys((result as { capabilities: Fields }).capabilities);
    };
    expect(await capabilities()).not.toContain('resources');
    const resource = server.strom.resource('t://a', { name: 'a' }, () => 'x');
    const prompt = server.strom.prompt('p', {}, () => 'x');
    expect(await capabilities()).toEqual(
      expect.arrayContaining(['tools', 'resources', 'prompts', 'completions', 'logging']),
    );
    resource.remove();
    prompt.remove();
    expect(await capabilities()).not.toContain('resources');
    expect(await read(server, 't://a')).toMatchObject({ error: { code: -32602 } });
  });
});
