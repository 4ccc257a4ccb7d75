import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { TestProcess } from '../harness/child-process.ts';
import { modernCall } from '../harness/mcp-request.ts';
import { MeasuredServer } from '../harness/measured-server.ts';

const MB = 1024 * 1024;
const LINE = 'a line with "quotes"\n';
const SIZE_MB = 50;
const COUNT = Math.floor((SIZE_MB * MB) / LINE.length);
/** The text itself, and as much again while it is made of its lines. */
const MAX_RATIO = 3;

describe('a result of 50 MB', () => {
  it('takes at most three times its size in the memory of the server', async () => {
    await using server = await MeasuredServer.start();
    const before = server.memoryMb('VmRSS');
    const { headers = [], body = '' } = modernCall('large', { count: COUNT });
    const answer = await fetch(server.url.replace(/sse$/, 'mcp'), {
      method: 'POST',
      headers: headers.map(([name, value]): [string, string] => [name, value]),
      body,
    });
    const { result } = (await answer.json()) as { result: { content: [{ text: string }] } };
    expect(result.content[0].text === LINE.repeat(COUNT)).toBe(true);
    expect((server.memoryMb('VmHWM') - before) / SIZE_MB).toBeLessThan(MAX_RATIO);
  }, 60_000);

  it.each(['large', 'largeStreamed'])(
    'takes at most three times its size in the memory of the client: %s',
    async (tool) => {
      await using server = await MeasuredServer.start();
      const url = server.url.replace(/sse$/, 'mcp');
      await using client = new TestProcess('./measured-client.ts', [url, tool, String(COUNT)]);
      const { grownMb, hash } = await client.message();
      const expected = createHash('sha256').update(LINE.repeat(COUNT)).digest('hex');
      expect(hash).toBe(expected);
      expect(Number(grownMb) / SIZE_MB).toBeLessThan(MAX_RATIO);
      expect(await client.exited).toBe(0);
    },
    60_000,
  );
});
