import { describe, expect, it } from 'vitest';
import { ToolError } from '../../src/base/tool-error.ts';
import { WireError } from '../../src/base/wire-error.ts';
import type { Strom } from '../../src/serve/strom.ts';
import type { ToolHandler } from '../../src/server/tool.ts';
import { modernBody, modernCall, modernHeaders } from '../harness/mcp-request.ts';
import { jsonOf } from '../harness/raw-http.ts';
import { type Started, startStrom } from '../harness/start-strom.ts';
import { TestClock } from '../harness/test-clock.ts';

async function resultOf(server: Started, tool: string): Promise<unknown> {
  return jsonOf(await server.send(modernCall(tool)))['result'];
}

async function errorOf(server: Started, tool: string): Promise<Record<string, unknown>> {
  return jsonOf(await server.send(modernCall(tool)))['error'] as Record<string, unknown>;
}

describe('what a tool returns', () => {
  const image = { type: 'image', data: 'AAAA', mimeType: 'image/png' } as const;

  it.each([
    ['a text', () => 'hello', { content: [{ type: 'text', text: 'hello' }] }],
    ['nothing', () => undefined, { content: [] }],
    ['content blocks', () => [image], { content: [image] }],
    [
      'a value',
      () => ({ sum: 3 }),
      { content: [{ type: 'text', text: '{"sum":3}' }], structuredContent: { sum: 3 } },
    ],
    [
      'a result spelled out',
      () => ({ content: [image], structuredContent: { a: 1 } }),
      { content: [image], structuredContent: { a: 1 } },
    ],
    [
      'structured content alone',
      () => ({ structuredContent: [1, 2] }),
      { content: [{ type: 'text', text: '[1,2]' }], structuredContent: [1, 2] },
    ],
  ])('%s becomes a result', async (_what, handler, expected) => {
    await using server = await startStrom((strom) => {
      strom.tool('t', { description: 'T' }, handler as () => string);
    });
    expect(await resultOf(server, 't')).toMatchObject(expected);
  });

  it('keeps `_meta` of a result beside that of the protocol', async () => {
    await using server = await startStrom((strom) => {
      strom.tool('t', { description: 'T' }, () => ({ content: [], _meta: { 'a/b': 1 } }));
    });
    expect(await resultOf(server, 't')).toMatchObject({
      _meta: { 'a/b': 1, 'io.modelcontextprotocol/serverInfo': { name: 'tested' } },
    });
  });

  it.each([
    [
      'a cycle',
      () => {
        const cycle: Record<string, unknown> = {};
        cycle['self'] = cycle;
        return cycle;
      },
    ],
    ['a BigInt', () => ({ big: 10n })],
    [
      'a value too deep for JSON',
      () => {
        let deep: Record<string, unknown> = {};
        for (let level = 0; level < 20_000; level += 1) deep = { deep };
        return deep;
      },
    ],
  ])('answers with an error for %s', async (_what, handler) => {
    await using server = await startStrom((strom) => {
      strom.tool('t', { description: 'T' }, handler);
    });
    expect(await errorOf(server, 't')).toMatchObject({ code: -32603 });
    await server.checkAlive();
  });
});

describe('what a tool throws', () => {
  it('reaches the model when it is a ToolError', async () => {
    await using server = await startStrom((strom) => {
      strom.tool('t', { description: 'T' }, () => {
        throw new ToolError('No such folder.');
      });
    });
    expect(await resultOf(server, 't')).toMatchObject({
      isError: true,
      content: [{ type: 'text', text: 'No such folder.' }],
    });
  });

  it('reaches the caller as it is when it is a WireError', async () => {
    await using server = await startStrom((strom) => {
      strom.tool('t', { description: 'T' }, async () => {
        throw new WireError(-1234, 'own code', { retry: true });
      });
    });
    expect(await errorOf(server, 't')).toEqual({
      code: -1234,
      message: 'own code',
      data: { retry: true },
    });
  });

  it.each([
    [
      'at once',
      () => {
        throw new Error('the password is hunter2');
      },
    ],
    [
      'later',
      async () => {
        await Promise.resolve();
        throw new Error('the password is hunter2');
      },
    ],
    [
      'after a chunk',
      async function* () {
        yield 'first';
        throw new Error('the password is hunter2');
      },
    ],
  ])('is masked when it is anything else, thrown %s', async (_when, handler) => {
    await using server = await startStrom((strom) => {
      strom.tool('t', { description: 'T' }, handler as unknown as () => string);
    });
    const answer = await server.send(modernCall('t'));
    expect(answer.body).not.toContain('hunter2');
    const incident = /incident ([0-9a-f]{8})/.exec(answer.body)?.[1];
    const [logged] = server.logs.at('error');
    expect(logged?.fields).toMatchObject({ incident });
    expect(logged?.fields['err']).toMatchObject({ message: expect.stringContaining('hunter2') });
  });
});

describe('a streaming tool', () => {
  it('gives its joined texts as the result, or what it returns', async () => {
    await using server = await startStrom((strom) => {
      strom.tool('joined', { description: 'Joined' }, async function* () {
        yield 'a';
        yield 'b';
      });
      strom.tool('returned', { description: 'Returned' }, async function* () {
        yield 'a';
        return 'all of it';
      });
    });
    expect(await resultOf(server, 'joined')).toMatchObject({ content: [{ text: 'ab' }] });
    expect(await resultOf(server, 'returned')).toMatchObject({ content: [{ text: 'all of it' }] });
  });

  it('tells its chunks as progress where progress was asked for', async () => {
    await using server = await startStrom((strom) => {
      strom.tool('t', { description: 'T' }, async function* () {
        yield 'a';
        yield { b: 1 };
      });
    });
    const { body } = await server.send(modernCall('t', {}, { progressToken: 'p' }));
    expect(body).toContain('"progress":1,"message":"a"');
    expect(body).toContain('"progress":2,"message":"{\\"b\\":1}"');
  });
});

function* twoChunks() {
  yield 'a';
  yield 'b';
}

describe('a tool that returns chunks of another kind', () => {
  it.each<[string, ToolHandler<unknown>]>([
    ['a stream', () => ReadableStream.from(['a', 'b'])],
    ['the promise of a stream', async () => ReadableStream.from(['a', 'b'])],
    ['a generator', twoChunks],
    ['the promise of a generator', async () => twoChunks()],
  ])('streams %s', async (_, handler) => {
    await using server = await startStrom((strom) => {
      strom.tool('chunks', { description: 'Chunks' }, handler);
    });
    expect(await resultOf(server, 'chunks')).toMatchObject({ content: [{ text: 'ab' }] });
    expect(server.logs.at('error')).toEqual([]);
  });

  it('takes what a generator returns for the result', async () => {
    await using server = await startStrom((strom) => {
      strom.tool('returned', { description: 'Returned' }, function* () {
        yield 'a';
        return 'whole';
      });
    });
    expect(await resultOf(server, 'returned')).toMatchObject({ content: [{ text: 'whole' }] });
  });

  it('is asked for no more once the call has ended, though it goes on', async () => {
    const asked: string[] = [];
    const next = async () => {
      asked.push('next');
      return { done: false, value: 'more' };
    };
    const end = async () => {
      asked.push('return');
      return { done: false, value: 'more' };
    };
    await using server = await startStrom((strom) => {
      strom.tool('endless', { description: 'Without end', timeoutMs: 50 }, () => ({
        [Symbol.asyncIterator]: () => ({ next, return: end }),
      }));
    });
    expect(await errorOf(server, 'endless')).toMatchObject({ code: -32603 });
    await server.checkAlive();
    expect(asked.indexOf('return')).toBe(asked.length - 1);
  });
});

describe('the end of a call', () => {
  it('comes by the tool’s own deadline, with a reason for the handler', async () => {
    const clock = new TestClock();
    let reason: unknown;
    let reached = (): void => undefined;
    const started = new Promise<void>((resolve) => {
      reached = resolve;
    });
    await using server = await startStrom(
      (strom) => {
        strom.tool('slow', { description: 'Slow', timeoutMs: 500 }, async (_args, ctx) => {
          reached();
          await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve));
          reason = ctx.signal.reason;
          return 'too late';
        });
      },
      { server: { clock } },
    );
    const answer = server.send(modernCall('slow'));
    await started;
    clock.advance(500);
    expect(jsonOf(await answer)['error']).toMatchObject({ code: -32603 });
    expect(reason).toMatchObject({ code: 'ERR_DEADLINE' });
  });

  it('runs every cleanup once, failing ones included', async () => {
    const ran: string[] = [];
    await using server = await startStrom((strom) => {
      strom.tool('t', { description: 'T' }, (_args, ctx) => {
        ctx.onCleanup(() => {
          ran.push('first');
          throw new Error('a cleanup fails');
        });
        ctx.onCleanup(async () => {
          ran.push('second');
        });
        return 'done';
      });
    });
    expect(await resultOf(server, 't')).toMatchObject({ content: [{ text: 'done' }] });
    expect(ran).toEqual(['first', 'second']);
    expect(server.logs.at('error')).toHaveLength(1);
  });

  it('aborts the signal with ERR_SHUTTING_DOWN when the server closes', async () => {
    let reason: unknown;
    let reached = (): void => undefined;
    const started = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const server = await startStrom((strom) => {
      strom.tool('t', { description: 'T' }, async (_args, ctx) => {
        reached();
        await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve));
        reason = ctx.signal.reason;
        return 'stopped';
      });
    });
    const answer = server.send(modernCall('t'));
    await started;
    await server.running.close();
    await answer.catch(() => undefined);
    expect(reason).toMatchObject({ code: 'ERR_SHUTTING_DOWN' });
  });
});

describe('registering', () => {
  const tool = (name: string) => (strom: Strom) =>
    strom.tool(name, { description: 'T' }, () => 'x');

  it.each(['', 'a b', 'ä', 'x'.repeat(129), 'a/b', '../x'])(
    'refuses the tool name %j',
    async (name) => {
      await using server = await startStrom();
      expect(() => tool(name)(server.strom)).toThrow(TypeError);
    },
  );

  it('refuses a name that is taken, and takes it again once it was removed', async () => {
    await using server = await startStrom();
    const registration = tool('t')(server.strom);
    expect(() => tool('t')(server.strom)).toThrow(TypeError);
    registration.remove();
    expect(await errorOf(server, 't')).toMatchObject({ code: -32602 });
    tool('t')(server.strom);
    expect(await resultOf(server, 't')).toMatchObject({ content: [{ text: 'x' }] });
  });

  it('lists in pages whose cursors only this list understands', async () => {
    await using server = await startStrom(
      (strom) => {
        for (let index = 0; index < 6; index += 1) tool(`t${index}`)(strom);
      },
      { server: { pageSize: 3 } },
    );
    const names: string[] = [];
    let cursor: unknown;
    do {
      const answer = await server.send({
        headers: modernHeaders('tools/list'),
        body: modernBody('tools/list', cursor === undefined ? {} : { cursor }),
      });
      const page = jsonOf(answer)['result'] as { tools: { name: string }[]; nextCursor?: string };
      names.push(...page.tools.map(({ name }) => name));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(names).toEqual(['echo', 't0', 't1', 't2', 't3', 't4', 't5']);
    for (const wrong of ['', 'page:3', '__proto__', 3]) {
      const answer = await server.send({
        headers: modernHeaders('tools/list'),
        body: modernBody('tools/list', { cursor: wrong }),
      });
      expect(jsonOf(answer)['error']).toMatchObject({ code: -32602 });
    }
  });

  it('takes names of prototypes for what they are: unknown', async () => {
    await using server = await startStrom();
    for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
      expect(await errorOf(server, name)).toMatchObject({ code: -32602 });
    }
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
