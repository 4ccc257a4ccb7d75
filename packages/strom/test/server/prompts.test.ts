import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { PromptReturn } from '../../src/server/prompt.ts';
import { modernBody, modernHeaders } from '../harness/mcp-request.ts';
import { jsonOf } from '../harness/raw-http.ts';
import { type Started, startStrom } from '../harness/start-strom.ts';

type Fields = Record<string, unknown>;

async function ask(server: Started, method: string, params: Fields): Promise<Fields> {
  const name = method === 'prompts/get' ? String(params['name']) : undefined;
  return jsonOf(
    await server.send({ headers: modernHeaders(method, name), body: modernBody(method, params) }),
  );
}

const message = { role: 'assistant', content: { type: 'text', text: 'hi' } } as const;

describe('getting a prompt', () => {
  it.each<[string, PromptReturn, Fields]>([
    [
      'a text',
      'x',
      { description: 'D', messages: [{ role: 'user', content: { type: 'text', text: 'x' } }] },
    ],
    ['messages', [message], { description: 'D', messages: [message] }],
    [
      'messages with words of their own',
      { messages: [message], description: 'E' },
      { description: 'E', messages: [message] },
    ],
  ])('gives %s', async (_, value, result) => {
    await using server = await startStrom((strom) => {
      strom.prompt('p', { description: 'D' }, async () => value);
    });
    expect(await ask(server, 'prompts/get', { name: 'p' })).toMatchObject({ result });
  });

  it('checks arguments and lists them as the schema has them', async () => {
    await using server = await startStrom((strom) => {
      const input = z.object({
        code: z.string().describe('What to review'),
        style: z.enum(['short', 'long']).optional(),
      });
      strom.prompt('p', { title: 'P', input }, ({ code, style = 'short' }) => `${code} ${style}`);
    });
    expect(await ask(server, 'prompts/list', {})).toMatchObject({
      result: {
        prompts: [
          {
            name: 'p',
            title: 'P',
            arguments: [
              { name: 'code', description: 'What to review', required: true },
              { name: 'style', required: false },
            ],
          },
        ],
      },
    });
    const get = (args: unknown) => ask(server, 'prompts/get', { name: 'p', arguments: args });
    expect(await get({ code: 'x' })).toMatchObject({
      result: { messages: [{ content: { text: 'x short' } }] },
    });
    for (const wrong of [{}, { code: 1 }, { code: 'x', style: 'odd' }, [], 'x', null]) {
      expect(await get(wrong)).toMatchObject({ error: { code: -32602 } });
    }
  });
});

describe('completion', () => {
  async function start(): Promise<Started> {
    return startStrom((strom) => {
      strom.prompt(
        'p',
        {
          input: z.object({ lang: z.string(), lib: z.string() }),
          complete: {
            lang: (typed) => ['python', 'perl', 'ruby'].filter((lang) => lang.startsWith(typed)),
            lib: async (typed, known) => [`${String(known['lang'])}-${typed}`],
          },
        },
        () => 'x',
      );
      strom.prompt(
        'many',
        { complete: { n: () => Array.from({ length: 250 }, String) } },
        () => 'x',
      );
      strom.prompt(
        'broken',
        {
          complete: {
            n: () => {
              throw new Error('secret');
            },
          },
        },
        () => 'x',
      );
      strom.resource('t://fixed', { name: 'fixed' }, () => 'x');
    });
  }

  const complete = (server: Started, params: Fields) => ask(server, 'completion/complete', params);
  const prompt = (name: string) => ({ type: 'ref/prompt', name });

  it('suggests what goes on from what was typed, knowing the other arguments', async () => {
    await using server = await start();
    expect(
      await complete(server, { ref: prompt('p'), argument: { name: 'lang', value: 'p' } }),
    ).toMatchObject({ result: { completion: { values: ['python', 'perl'], total: 2 } } });
    expect(
      await complete(server, {
        ref: prompt('p'),
        argument: { name: 'lib', value: 'x' },
        context: { arguments: { lang: 'ruby' } },
      }),
    ).toMatchObject({ result: { completion: { values: ['ruby-x'] } } });
  });

  it('gives a hundred values at most, and says how many there are', async () => {
    await using server = await start();
    const answer = await complete(server, {
      ref: prompt('many'),
      argument: { name: 'n', value: '' },
    });
    const { completion } = answer['result'] as { completion: { values: string[] } };
    expect(completion).toMatchObject({ total: 250, hasMore: true });
    expect(completion.values).toHaveLength(100);
  });

  it('has nothing to say on what nobody completes', async () => {
    await using server = await start();
    for (const [ref, name] of [
      [prompt('p'), 'none'],
      [prompt('p'), 'constructor'],
      [{ type: 'ref/resource', uri: 't://fixed' }, 'x'],
    ]) {
      const answer = await complete(server, { ref, argument: { name, value: '' } });
      expect(answer).toMatchObject({
        result: { completion: { values: [], total: 0, hasMore: false } },
      });
    }
  });

  it('masks what a completer throws', async () => {
    await using server = await start();
    const answer = await complete(server, {
      ref: prompt('broken'),
      argument: { name: 'n', value: '' },
    });
    expect(answer['error']).toMatchObject({ code: -32603 });
    expect(JSON.stringify(answer)).not.toContain('secret');
  });

  it.each([
    {},
    { ref: { type: 'ref/prompt', name: 'none' }, argument: { name: 'a', value: '' } },
    { ref: { type: 'ref/resource', uri: 't://none' }, argument: { name: 'a', value: '' } },
    { ref: { type: 'ref/other' }, argument: { name: 'a', value: '' } },
    { ref: { type: 'ref/prompt', name: 'p' } },
    { ref: { type: 'ref/prompt', name: 'p' }, argument: { name: 'a' } },
    { ref: { type: 'ref/prompt', name: 'p' }, argument: { name: 1, value: '' } },
  ])('refuses %j', async (params) => {
    await using server = await start();
    expect(await complete(server, params)).toMatchObject({ error: { code: -32602 } });
    await server.checkAlive();
  });
});
