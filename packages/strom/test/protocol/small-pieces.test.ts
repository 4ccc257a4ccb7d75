import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { readJsonBody, readText } from '../../src/client/http-body.ts';
import { LineDecoder } from '../../src/protocol/line-decode.ts';
import { LONG_CHARS, LongTexts } from '../../src/protocol/long-texts.ts';
import { SseDecoder } from '../../src/protocol/sse-decode.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const CHARS = 4 * 1024 * 1024;
const MAX_TIMES_KEPT = 4;

/** How many bytes are kept for each character that `feed` has given to a reader, which `hold` holds. */
function bytesPerChar(hold: unknown, chars: number, feed: () => void): number {
  collect();
  const before = process.memoryUsage().heapUsed;
  feed();
  collect();
  const kept = process.memoryUsage().heapUsed - before;
  expect(hold).toBeDefined();
  return kept / chars;
}

/** Two characters at a time; V8 has the strings of one ready. */
function pushSmall(push: (piece: string) => void, chars: number): void {
  for (let fed = 0; fed < chars; fed += 2)
    push(String.fromCharCode(97 + (fed % 26), 48 + (fed % 7)));
}

const nothing = (): void => undefined;

function lineDecoder(longTexts?: () => LongTexts): LineDecoder {
  const bounds = { onLine: nothing, onOverlong: nothing, maxLineChars: 2 * CHARS };
  return new LineDecoder({ ...bounds, longTexts });
}

describe('text of a peer that comes in very small pieces', () => {
  it('takes a few times its size as a line', () => {
    const lines = lineDecoder();
    const perChar = bytesPerChar(lines, CHARS, () => pushSmall((text) => lines.push(text), CHARS));
    expect(perChar).toBeLessThan(MAX_TIMES_KEPT);
  });

  it('takes a few times its size as a long text in JSON', () => {
    const lines = lineDecoder(() => new LongTexts());
    lines.push('"');
    const perChar = bytesPerChar(lines, CHARS, () => pushSmall((text) => lines.push(text), CHARS));
    expect(perChar).toBeLessThan(MAX_TIMES_KEPT);
  });

  it('takes a few times its size as an event of many lines, whatever they were cut out of', () => {
    const events = new SseDecoder({ onEvent: nothing });
    const [count, comment] = [2000, `:${' '.repeat(60_000)}\n`];
    const perChar = bytesPerChar(events, count * 1000, () => {
      for (let line = 0; line < count; line += 1) {
        events.push(`${comment}data: ${String(line).padEnd(1000)}\n`);
      }
    });
    // What waits to be joined holds on to the chunks it came in: 64 of them.
    expect(perChar).toBeLessThan(MAX_TIMES_KEPT);
  });

  it.each([
    ['a text', readText],
    ['JSON', readJsonBody],
  ])('takes a few times its size as a body: %s', async (_, read) => {
    let perChar = Number.POSITIVE_INFINITY;
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('"'));
      },
      pull(controller) {
        if (fed === 0) {
          collect();
          before = process.memoryUsage().heapUsed;
        }
        fed += 2;
        if (fed < CHARS / 4) {
          controller.enqueue(Uint8Array.of(97 + (fed % 26), 48 + (fed % 7)));
          return;
        }
        collect();
        perChar = (process.memoryUsage().heapUsed - before) / fed;
        controller.enqueue(new TextEncoder().encode('"'));
        controller.close();
      },
    });
    let [fed, before] = [0, 0];
    await read(new Response(body), CHARS);
    expect(perChar).toBeLessThan(MAX_TIMES_KEPT);
  });

  it('costs time in proportion to its size, also where no string of it is long', () => {
    const lines = lineDecoder(() => new LongTexts());
    lines.push(`["${'a'.repeat(LONG_CHARS)}","`);
    const before = process.cpuUsage();
    pushSmall((text) => lines.push(text), LONG_CHARS - 2);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(1000);
  });
});
