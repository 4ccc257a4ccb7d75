import { describe, expect, it } from 'vitest';
import { modernCall } from '../harness/mcp-request.ts';
import { jsonOf } from '../harness/raw-http.ts';
import { startStrom } from '../harness/start-strom.ts';

async function textOf(result: unknown): Promise<string> {
  await using server = await startStrom((strom) => {
    strom.tool('t', { description: 'T' }, () => result as string);
  });
  return (await server.send(modernCall('t'))).body;
}

const LEADING =
  '{"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","_meta":{"io.modelcontextprotocol/serverInfo":{"name":"tested","version":"0.0.1"}}';

describe('the result of a tool', () => {
  it('holds the members of a result and no others, so that none of them says anything twice', async () => {
    const upstream = {
      resultType: 'input_required',
      ttlMs: 60_000,
      cacheScope: 'public',
      inputRequests: { a: {} },
      content: [{ type: 'text', text: 'x' }],
      isError: false,
    };
    expect(await textOf(upstream)).toBe(
      `${LEADING},"content":[{"type":"text","text":"x"}],"isError":false}}`,
    );
  });

  it('names its server itself, whatever the tool says', async () => {
    const forged = { 'io.modelcontextprotocol/serverInfo': { name: 'other' }, 'x/y': 1 };
    const answer = jsonOf({ body: await textOf({ content: [], _meta: forged }) });
    expect(answer['result']).toMatchObject({
      _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'tested' }, 'x/y': 1 },
    });
  });

  it('derives its text from structured content, null among it', async () => {
    expect(await textOf({ structuredContent: null })).toBe(
      `${LEADING},"content":[{"type":"text","text":"null"}],"structuredContent":null}}`,
    );
    expect(await textOf({ isError: true })).toBe(`${LEADING},"content":[],"isError":true}}`);
  });

  it.each([[[null]], [['text']], [[{}]], [[{ type: 7 }]], 'text'])(
    'is none whose content is no list of blocks: %j',
    async (content) => {
      const answer = jsonOf({ body: await textOf({ content, isError: false }) });
      expect(answer['error']).toMatchObject({ code: -32603 });
    },
  );

  it('that has no JSON form is an error whose reason is in the log', async () => {
    await using server = await startStrom((strom) => {
      strom.tool(
        't',
        { description: 'T' },
        () => ({ content: [{ type: 'text', text: 7n }] }) as never,
      );
    });
    const { body } = await server.send(modernCall('t'));
    expect(jsonOf({ body })['error']).toMatchObject({ code: -32603 });
    expect(server.logs.at('error')).toMatchObject([
      { fields: { err: { code: 'ERR_INTERNAL', cause: expect.any(TypeError) } } },
    ]);
  });
});
