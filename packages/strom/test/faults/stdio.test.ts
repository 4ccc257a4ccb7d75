import { describe, expect, it } from 'vitest';
import { modernBody, sessionBody } from '../harness/mcp-request.ts';
import { hello, StdioServer } from './support/stdio-server.ts';

const MB = 1024 * 1024;
describe('P02, P13: lines on standard input', () => {
  it('of 11 MB without a break are cut off with one error, and the next line is read', async () => {
    await using server = await StdioServer.start();
    for (let count = 0; count < 11; count += 1) server.write('x'.repeat(MB));
    expect(await server.message()).toMatchObject({ error: { code: -32600 } });
    server.write('\n');
    await server.checkAlive();
  });

  it.each([
    ['bytes that are no UTF-8', Uint8Array.of(0x22, 0xff, 0xfe, 0x22, 0x0a)],
    ['an overlong slash', Uint8Array.of(0x22, 0xc0, 0xaf, 0x22, 0x0a)],
    ['a lone surrogate', Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22, 0x0a)],
    ['NUL', '\0\n'],
    ['text', 'hello\n'],
    ['a truncated message', `${modernBody('tools/list').slice(0, -2)}\n`],
    ['a byte order mark', `\uFEFF${modernBody('tools/list')}\n`],
  ])('that are %s are answered with one error', async (_, bytes) => {
    await using server = await StdioServer.start();
    server.write(bytes);
    const answer = await server.message();
    expect(answer).toMatchObject({ error: { code: -32700 } });
    expect(Object.hasOwn(answer, 'id')).toBe(false);
    await server.checkAlive();
  });

  it('that are messages no more than in form get their answer by id where there is one', async () => {
    await using server = await StdioServer.start();
    server.write('{"jsonrpc":"1.0","id":5,"method":"x"}\n');
    expect(await server.message()).toMatchObject({ id: 5, error: { code: -32600 } });
    server.write(`${sessionBody('tools/list', {}, 6)}\n`);
    expect(await server.message()).toMatchObject({ id: 6, error: { code: -32600 } });
    server.write(`${sessionBody('initialize', { _meta: { progressToken: {} } }, 7)}\n`);
    expect(await server.message()).toMatchObject({ id: 7, error: { code: -32602 } });
    server.write(`[${modernBody('tools/list')}]\n`);
    expect(await server.message()).toMatchObject({ error: { code: -32600 } });
    await server.checkAlive();
  });

  it('that are empty, or end with CR and LF, are fine', async () => {
    await using server = await StdioServer.start();
    server.write(`\n\r\n \n${hello(2).replace('\n', '\r\n')}`);
    expect(await server.message()).toMatchObject({ id: 2 });
    await server.checkAlive();
  });

  it('that come ten thousand in one write are all answered, each once', async () => {
    await using server = await StdioServer.start();
    const count = 10_000;
    server.write(Array.from({ length: count }, (_, id) => hello(id)).join(''));
    const ids = new Set<unknown>();
    for (let answers = 0; answers < count; answers += 1) ids.add((await server.message())['id']);
    expect(ids.size).toBe(count);
    await server.checkAlive();
  });

  it('that break off with the end of the input end the process within a second', async () => {
    await using server = await StdioServer.start();
    server.child.stdin.end(hello(2).slice(0, 20));
    const startedMs = performance.now();
    expect(await server.exited).toBe(0);
    expect(performance.now() - startedMs).toBeLessThan(1000);
    expect(await server.line()).toBeUndefined();
  });
});

describe('P13: a reader of standard output that stalls', () => {
  it('gets a flood bounded, with its result and a count of what it missed', async () => {
    await using server = await StdioServer.start();
    const beforeMb = server.memoryMb('VmRSS');
    const params = {
      name: 'flood',
      arguments: { to: 100_000 },
      _meta: { progressToken: 'p', 'io.modelcontextprotocol/logLevel': 'info' },
    };
    server.child.stdout.pause();
    server.write(`${modernBody('tools/call', params, 'flood')}\n`);
    // The answer to a later request can only come after the flood.
    server.write(hello('after'));
    server.child.stdout.resume();
    let lines = 0;
    let dropped = 0;
    for (let last = await server.message(); last['id'] !== 'flood'; last = await server.message()) {
      const { level, data } = (last['params'] ?? {}) as { level?: string; data?: unknown };
      if (level === 'info') lines += 1;
      if (level === 'warning') dropped += Number.parseInt(String(data), 10);
    }
    expect(lines + dropped).toBe(100_000);
    expect(dropped).toBeGreaterThan(0);
    expect(server.memoryMb('VmRSS') - beforeMb).toBeLessThan(100);
  });

  it('loses no answer when it comes back', async () => {
    await using server = await StdioServer.start();
    const beforeMb = server.memoryMb('VmRSS');
    const count = 20_000;
    server.child.stdout.pause();
    for (let id = 0; id < count; id += 1) server.write(hello(id));
    server.child.stdout.resume();
    const ids = new Set<unknown>();
    for (let answers = 0; answers < count; answers += 1) ids.add((await server.message())['id']);
    expect(ids.size).toBe(count);
    expect(server.memoryMb('VmRSS') - beforeMb).toBeLessThan(100);
    await server.checkAlive();
  });
});
