import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SILENT_LOGGER } from '../../src/base/logger.ts';
import { connect } from '../../src/client/connect.ts';
import { decodeHeaderValue } from '../../src/protocol/header-value.ts';
import {
  answer,
  type RawHandler,
  refuse,
  serveRaw,
  statelessPeer,
  TEXT_RESULT,
} from './peers/raw-http.ts';
import { STATELESS } from './peers/revisions.ts';
import '../faults/support/base-line.ts';

const tool = (properties: object, name = 'query') => ({
  name,
  inputSchema: { type: 'object', properties },
});

const REGION = { region: { type: 'string', 'x-mcp-header': 'Region' } };

/** Made before the first case, for its tables of characters take memory once. */
const AWKWARD = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    'a\r\nEvil: 1',
    '\0',
    '世界',
    ' padded ',
    '\t',
    '=?base64?AA==?=',
    '',
    'x'.repeat(8_000),
  ),
);

/** Lists these tools and answers their calls. */
const withTools =
  (tools: () => object[]): RawHandler =>
  ({ message }, res) =>
    answer(res, message.id, message.method === 'tools/list' ? { tools: tools() } : TEXT_RESULT);

describe('H03: arguments mirrored as headers', () => {
  it('are sent for the tools that were listed', async () => {
    const properties = {
      ...REGION,
      nested: { type: 'object', properties: { n: { type: 'integer', 'x-mcp-header': 'N' } } },
      flag: { type: 'boolean', 'x-mcp-header': 'Flag' },
      absent: { type: 'string', 'x-mcp-header': 'Absent' },
      plain: { type: 'string' },
    };
    await using server = await serveRaw(
      statelessPeer(
        withTools(() => [tool(properties)]),
        STATELESS,
      ),
    );
    await using client = await connect(server.url);
    await client.listTools();
    await client.call('query', {
      region: 'é',
      nested: { n: 42 },
      flag: false,
      absent: null,
      plain: 'x',
    });
    const { headers } = server.requests.at(-1) ?? {};
    expect(headers).toMatchObject({
      'mcp-param-region': '=?base64?w6k=?=',
      'mcp-param-n': '42',
      'mcp-param-flag': 'false',
    });
    expect(headers).not.toHaveProperty('mcp-param-absent');
    expect(headers).not.toHaveProperty('mcp-param-plain');
  });

  it('reach the server as they were, whatever they are', async () => {
    await using server = await serveRaw(
      statelessPeer(
        withTools(() => [tool(REGION)]),
        STATELESS,
      ),
    );
    await using client = await connect(server.url);
    await client.listTools();
    await fc.assert(
      fc.asyncProperty(AWKWARD, async (region) => {
        await client.call('query', { region });
        const { headers } = server.requests.at(-1) ?? {};
        expect(decodeHeaderValue(String(headers?.['mcp-param-region']))).toBe(region);
        expect(headers).not.toHaveProperty('evil');
      }),
      { numRuns: 100 },
    );
  });

  it('encode names as well', async () => {
    await using server = await serveRaw(
      statelessPeer(
        withTools(() => []),
        STATELESS,
      ),
    );
    await using client = await connect(server.url);
    await client.call('naïve\r\ntool');
    const name = String(server.requests.at(-1)?.headers['mcp-name']);
    expect(decodeHeaderValue(name)).toBe('naïve\r\ntool');
  });

  it('are refused here when they would not fit', async () => {
    await using server = await serveRaw(
      statelessPeer(
        withTools(() => [tool(REGION)]),
        STATELESS,
      ),
    );
    await using client = await connect(server.url);
    await client.listTools();
    const before = server.requests.length;
    const call = client.call('query', { region: 'x'.repeat(20_000) });
    await expect(call).rejects.toMatchObject({ code: 'ERR_INVALID_PARAMS' });
    expect(server.requests).toHaveLength(before);
  });

  it('are looked up again when the server misses them', async () => {
    const handle = withTools(() => [tool(REGION)]);
    await using server = await serveRaw(
      statelessPeer((request, res) => {
        const { id, method } = request.message;
        const isMissing = request.headers['mcp-param-region'] === undefined;
        if (method !== 'tools/call' || !isMissing) return handle(request, res);
        return refuse(res, 400, {
          id,
          error: { code: -32020, message: 'Mcp-Param-Region is missing' },
        });
      }, STATELESS),
    );
    await using client = await connect(server.url);
    expect(await client.call('query', { region: 'eu' })).toMatchObject(TEXT_RESULT);
    const methods = server.requests.map(({ message }) => message.method);
    expect(methods).toEqual(['server/discover', 'tools/call', 'tools/list', 'tools/call']);
  });

  it('are looked up once, not for ever', async () => {
    const handle = withTools(() => [tool(REGION)]);
    await using server = await serveRaw(
      statelessPeer((request, res) => {
        const { id, method } = request.message;
        if (method === 'tools/list') return handle(request, res);
        return refuse(res, 400, { id, error: { code: -32020, message: 'never' } });
      }, STATELESS),
    );
    await using client = await connect(server.url);
    await expect(client.call('query')).rejects.toMatchObject({ code: -32020 });
    expect(server.requests.filter(({ message }) => message.method === 'tools/call')).toHaveLength(
      2,
    );
  });

  it('make a tool with a broken mark disappear, with a warning', async () => {
    const tools = [
      tool({ a: { type: 'number', 'x-mcp-header': 'A' } }, 'number'),
      tool({ a: { type: 'string', 'x-mcp-header': 'a b' } }, 'space'),
      tool(REGION, 'good'),
    ];
    await using server = await serveRaw(
      statelessPeer(
        withTools(() => tools),
        STATELESS,
      ),
    );
    const refused: unknown[] = [];
    const logger = {
      ...SILENT_LOGGER,
      warn: ({ tool: name }: { tool?: unknown }) => void refused.push(name),
    };
    await using client = await connect(server.url, { logger });
    expect((await client.listTools()).map(({ name }) => name)).toEqual(['good']);
    expect(refused).toEqual(['number', 'space']);
  });
});
