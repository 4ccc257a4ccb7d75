import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { PlainChunk } from '../../src/client/plain-decode.ts';
import { plainDecoder } from '../../src/client/plain-decode.ts';
import { type PlainStreamOptions, streamUrl } from '../../src/client/plain-stream.ts';
import type { Running } from '../../src/serve/run-options.ts';
import { Strom } from '../../src/serve/strom.ts';
import { ManualClock } from './manual-clock.ts';
import { serveRaw } from './peers/raw-http.ts';

async function collect(url: string | URL, options?: PlainStreamOptions): Promise<PlainChunk[]> {
  const chunks: PlainChunk[] = [];
  for await (const chunk of streamUrl(url, options)) chunks.push(chunk);
  return chunks;
}

describe('a plain stream of our own server', () => {
  let running: Running;
  const at = (tool: string): URL => new URL(`/stream/${tool}`, running.url);

  beforeAll(async () => {
    const strom = new Strom({ name: 'plain', version: '1.0.0' });
    strom.tool(
      'words',
      { description: 'Words', input: z.object({ n: z.number() }) },
      async function* ({ n }, ctx) {
        await ctx.progress(1, n, 'début ✓');
        for (let word = 1; word <= n; word += 1) yield `word ${word}`;
        return 'end';
      },
    );
    strom.tool('fail', { description: 'Fails' }, () => {
      throw new Error('a secret');
    });
    running = await strom.run({ port: 0, handleSignals: false });
  });

  afterAll(() => running.close());

  it.each(['text/event-stream', 'application/x-ndjson'])(
    'comes in pieces as %s',
    async (accept) => {
      const chunks = await collect(at('words'), { args: { n: 2 }, accept });
      expect(chunks.map(({ kind }) => kind)).toEqual(['progress', 'chunk', 'chunk', 'result']);
      expect(chunks[0]?.value).toMatchObject({ progress: 1, total: 2, message: 'début ✓' });
      expect(chunks[2]?.value).toMatchObject({ value: 'word 2' });
    },
  );

  it('comes in lines as text', async () => {
    const chunks = await collect(at('words'), { args: { n: 2 }, accept: 'text/plain' });
    expect(chunks.slice(0, 3)).toEqual([
      { kind: 'line', value: '[1/2] début ✓' },
      { kind: 'line', value: 'word 1' },
      { kind: 'line', value: 'word 2' },
    ]);
  });

  it('that fails throws what the server says', async () => {
    const failing = collect(at('fail'), { args: {} });
    await expect(failing).rejects.toMatchObject({ name: 'StromError' });
    await expect(collect(at('nothing'), { args: {} })).rejects.toThrow('No such tool');
  });
});

describe('a plain stream of any server', () => {
  it('is given as it comes', async () => {
    let next = (): void => undefined;
    await using server = await serveRaw((_request, res) => {
      res.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
      let line = 0;
      next = () => {
        line += 1;
        if (line > 3) res.end();
        else res.write(`line ${line}\n`);
      };
      next();
    });
    const seen: unknown[] = [];
    for await (const { value } of streamUrl(server.url)) {
      seen.push(value);
      next();
    }
    expect(seen).toEqual(['line 1', 'line 2', 'line 3']);
    expect(server.requests[0]?.method).toBe('GET');
  });

  it('that is cut off is an error, not an end', async () => {
    await using server = await serveRaw((_request, res) => {
      res.writeHead(200, { 'content-type': 'application/x-ndjson' });
      res.write('{"a":1}\n', () => setImmediate(() => res.socket?.destroy()));
    });
    await expect(collect(server.url)).rejects.toMatchObject({ code: 'ERR_PEER_GONE' });
  });

  it('is closed when the loop is left', async () => {
    let closed: Promise<unknown> = Promise.resolve();
    await using server = await serveRaw((_request, res) => {
      closed = new Promise((resolve) => res.once('close', resolve));
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.write('data: 1\n\n');
    });
    for await (const { value } of streamUrl(server.url)) {
      expect(value).toBe(1);
      break;
    }
    await closed;
  });

  it('that falls silent is left', async () => {
    const clock = new ManualClock();
    await using server = await serveRaw((_request, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.write(':\n\n', () => setImmediate(() => clock.advance(1_000)));
    });
    const reading = collect(server.url, { clock, idleTimeoutMs: 1_000 });
    await expect(reading).rejects.toMatchObject({ code: 'ERR_IDLE_TIMEOUT' });
  });

  it.each([
    ['a page', 'text/html', '<html>', 'ERR_PROTOCOL'],
    ['an image', 'image/png', 'x', 'ERR_PROTOCOL'],
    ['lines that are no JSON', 'application/x-ndjson', 'x\n', 'ERR_PROTOCOL'],
    ['a line over the bound', 'text/plain', 'x'.repeat(2_000), 'ERR_FRAME_TOO_LARGE'],
    ['JSON that is none', 'application/json', '{', 'ERR_PROTOCOL'],
  ])('that is %s is refused', async (...[, type, body, code]) => {
    await using server = await serveRaw((_request, res) =>
      res.writeHead(200, { 'content-type': type }).end(body),
    );
    await expect(collect(server.url, { maxChunkChars: 1_000 })).rejects.toMatchObject({ code });
  });

  it('may be plain JSON', async () => {
    await using server = await serveRaw((_request, res) =>
      res.writeHead(200, { 'content-type': 'application/json' }).end('[1]'),
    );
    expect(await collect(server.url)).toEqual([{ kind: 'message', value: [1] }]);
  });

  it('is decoded the same however it is cut', () => {
    const texts = {
      'text/event-stream': 'event: a\r\ndata: {"é":1}\r\n\r\n:\n\ndata: x\ndata: y\n\nid: 1\n\n',
      'application/x-ndjson': '{"type":"a","é":"世界"}\r\n\n[1]\n"last"',
      'text/plain': 'one\r\ntwo\n\nthree',
    };
    for (const [type, text] of Object.entries(texts)) {
      const whole = plainDecoder(type, 1_000)?.end(text);
      fc.assert(
        fc.property(fc.array(fc.integer({ min: 0, max: text.length })), (cuts) => {
          const decoder = plainDecoder(type, 1_000);
          const points = [0, ...cuts.toSorted((a, b) => a - b), text.length];
          const pieces = points.slice(1).map((end, index) => text.slice(points[index], end));
          const chunks = [
            ...pieces.flatMap((piece) => [...(decoder?.push(piece) ?? [])]),
            ...(decoder?.end('') ?? []),
          ];
          expect(chunks).toEqual(whole);
        }),
      );
    }
  });
});
