import { describe, expect, it } from 'vitest';
import { TestProcess } from '../../harness/child-process.ts';
import { modernBody } from '../../harness/mcp-request.ts';

const FIXTURE = './stdio-fixture.ts';
const call = (name: string, id: unknown = 1, args = {}): string =>
  `${modernBody('tools/call', { name, arguments: args, _meta: { progressToken: 'p' } }, id)}\n`;

/** Asks something harmless, so that the process is known to be up. */
async function start(): Promise<TestProcess> {
  const server = new TestProcess(FIXTURE);
  server.write(call('hello', 'first'));
  expect(await server.message()).toMatchObject({ id: 'first' });
  return server;
}

async function millisecondsToExit(server: TestProcess): Promise<number> {
  const startedMs = performance.now();
  expect(await server.exited).toBe(0);
  return performance.now() - startedMs;
}

describe('a server on standard streams', () => {
  it('writes messages alone to standard output, whatever its tools print', async () => {
    await using server = await start();
    server.write(call('print', 2));
    expect(await server.message()).toMatchObject({
      id: 2,
      result: { content: [{ text: 'printed' }] },
    });
    server.child.stdin.end();
    expect(await server.line()).toBeUndefined();
    await server.exited;
    expect(server.stderr).toBe('{"jsonrpc":"2.0","method":"forged"}\nstray\n');
  });

  it('leaves within a second of the end of its input', async () => {
    await using server = await start();
    server.child.stdin.end();
    expect(await millisecondsToExit(server)).toBeLessThan(1000);
  });

  it('leaves within a second while a call runs that heeds its signal', async () => {
    await using server = await start();
    server.write(call('wait', 2));
    expect(await server.message()).toMatchObject({ method: 'notifications/progress' });
    server.child.stdin.end();
    expect(await millisecondsToExit(server)).toBeLessThan(1000);
    expect(await server.line()).toBeUndefined();
  });

  it('leaves within a second while a call runs that heeds nothing', async () => {
    await using server = await start();
    server.write(call('stick', 2));
    expect(await server.message()).toMatchObject({ method: 'notifications/progress' });
    server.child.stdin.end();
    expect(await millisecondsToExit(server)).toBeLessThan(1000);
  });

  it('leaves within a second when nobody reads its output any more', async () => {
    await using server = await start();
    server.child.stdout.destroy();
    server.write(call('hello', 2));
    expect(await millisecondsToExit(server)).toBeLessThan(1000);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'leaves on %s, with an answer to what runs',
    async (signal) => {
      await using server = await start();
      server.write(call('stick', 2));
      expect(await server.message()).toMatchObject({ method: 'notifications/progress' });
      server.child.kill(signal);
      expect(await server.message()).toMatchObject({ id: 2, error: { code: -32603 } });
      expect(await millisecondsToExit(server)).toBeLessThan(2000);
    },
  );

  it('answers what came with the end of the input', async () => {
    await using server = new TestProcess(FIXTURE);
    server.child.stdin.end(call('hello', 1) + call('count', 2, { to: 2 }));
    const lines: string[] = [];
    for (let line = await server.line(); line !== undefined; line = await server.line()) {
      lines.push(line);
    }
    const ids = lines.map((line) => JSON.parse(line).id);
    expect(ids).toEqual(expect.arrayContaining([1, 2]));
    expect(ids.at(-1)).toBe(2);
    expect(await server.exited).toBe(0);
  });
});
