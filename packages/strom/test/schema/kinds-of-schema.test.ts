import { toStandardJsonSchema } from '@valibot/to-json-schema';
import { type } from 'arktype';
import * as v from 'valibot';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import type { Strom } from '../../src/serve/strom.ts';
import { modernBody, modernCall, modernHeaders } from '../harness/mcp-request.ts';
import { jsonOf } from '../harness/raw-http.ts';
import { type Started, startStrom } from '../harness/start-strom.ts';

/** The same tool, once per kind of schema; the types of the arguments come from the schema. */
function register(strom: Strom): void {
  const zod = z.object({ name: z.string(), times: z.number().int().default(1) });
  strom.tool(
    'zod',
    { description: 'Zod', input: zod, output: z.object({ said: z.string() }) },
    (args) => {
      expectTypeOf(args).toEqualTypeOf<{ name: string; times: number }>();
      return { said: args.name.repeat(args.times) };
    },
  );
  const valibot = toStandardJsonSchema(
    v.object({ name: v.string(), times: v.optional(v.number(), 1) }),
  );
  strom.tool(
    'valibot',
    {
      description: 'Valibot',
      input: valibot,
      output: toStandardJsonSchema(v.object({ said: v.string() })),
    },
    (args) => {
      expectTypeOf(args).toEqualTypeOf<{ name: string; times: number }>();
      return { said: args.name.repeat(args.times) };
    },
  );
  const arktype = type({ name: 'string', times: 'number = 1' });
  strom.tool(
    'arktype',
    { description: 'ArkType', input: arktype, output: type({ said: 'string' }) },
    (args) => {
      expectTypeOf(args.name).toEqualTypeOf<string>();
      return { said: args.name.repeat(args.times) };
    },
  );
  strom.tool(
    'plain',
    {
      description: 'JSON Schema',
      input: {
        type: 'object',
        properties: { name: { type: 'string' }, times: { type: 'integer' } },
        required: ['name'],
      },
      output: { type: 'object', properties: { said: { type: 'string' } }, required: ['said'] },
    },
    ({ name, times = 1 }) => ({ said: String(name).repeat(Number(times)) }),
  );
}

const KINDS = ['zod', 'valibot', 'arktype', 'plain'];

async function call(server: Started, tool: string, args: Record<string, unknown>) {
  const { result } = jsonOf(await server.send(modernCall(tool, args)));
  return result as Record<string, unknown>;
}

describe.each(KINDS)('a tool with a schema of the kind %s', (kind) => {
  it('gets checked arguments, defaults filled in', async () => {
    await using server = await startStrom(register);
    expect(await call(server, kind, { name: 'ab', times: 2 })).toMatchObject({
      structuredContent: { said: 'abab' },
      content: [{ type: 'text', text: '{"said":"abab"}' }],
    });
    expect(await call(server, kind, { name: 'ab' })).toMatchObject({
      structuredContent: { said: 'ab' },
    });
  });

  it('is not called with arguments that do not fit', async () => {
    await using server = await startStrom(register);
    for (const args of [{}, { name: 7 }, { name: 'x', times: 'many' }]) {
      expect(await call(server, kind, args)).toMatchObject({ isError: true });
    }
  });

  it('shows clients what it takes and gives', async () => {
    await using server = await startStrom(register);
    const answer = await server.send({
      headers: modernHeaders('tools/list'),
      body: modernBody('tools/list'),
    });
    const { tools } = jsonOf(answer)['result'] as { tools: Record<string, unknown>[] };
    expect(tools.find(({ name }) => name === kind)).toMatchObject({
      inputSchema: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
      outputSchema: { type: 'object', properties: { said: { type: 'string' } } },
    });
  });
});

describe('registering a tool', () => {
  it.each([
    ['an unknown dialect', { $schema: 'https://example.com/own', type: 'object' }],
    [
      'a reference to the network',
      { type: 'object', properties: { a: { $ref: 'https://example.com/s' } } },
    ],
    ['a schema that is none', { type: 'object', properties: { a: { type: 'nonsense' } } }],
    ['a schema that describes no object', { type: 'string' }],
    ['a Valibot schema that does not tell its JSON Schema', v.object({ name: v.string() })],
  ])('refuses %s at once', async (_what, input) => {
    await using server = await startStrom();
    const register = (): unknown => server.strom.tool('t', { description: 'T', input }, () => '');
    expect(register).toThrow(TypeError);
  });

  it('takes draft-07 where the schema says so', async () => {
    await using server = await startStrom((strom) => {
      const input = {
        $schema: 'http://json-schema.org/draft-07/schema#',
        type: 'object',
        properties: { pair: { type: 'array', items: [{ type: 'string' }, { type: 'number' }] } },
      };
      strom.tool('old', { description: 'Draft 7', input }, () => 'fits');
    });
    expect(await call(server, 'old', { pair: ['a', 1] })).toMatchObject({
      content: [{ text: 'fits' }],
    });
    expect(await call(server, 'old', { pair: [1, 'a'] })).toMatchObject({ isError: true });
  });

  it('never lets a result out that breaks the output schema', async () => {
    await using server = await startStrom((strom) => {
      const output = z.object({ said: z.string() });
      strom.tool('liar', { description: 'Lies', output }, () => ({ said: 7 }) as never);
    });
    const answer = jsonOf(await server.send(modernCall('liar')));
    expect(answer['error']).toMatchObject({ code: -32603 });
    expect(JSON.stringify(answer)).not.toContain('said');
    expect(server.logs.at('error').length).toBeGreaterThan(0);
  });
});
