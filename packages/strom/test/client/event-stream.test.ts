import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventStream } from '../../src/client/event-stream.ts';

/** A response whose body comes in these pieces, and then ends or breaks. */
function bodyOf(pieces: readonly Uint8Array[], breaks: boolean): Response {
  const left = [...pieces];
  return new Response(
    new ReadableStream<Uint8Array>({
      pull(controller) {
        const piece = left.shift();
        if (piece !== undefined) controller.enqueue(piece);
        else if (breaks) controller.error(new Error('cut'));
        else controller.close();
      },
    }),
  );
}

function cutAt(bytes: Uint8Array, points: readonly number[]): Uint8Array[] {
  const sorted = [0, ...points.toSorted((a, b) => a - b), bytes.length];
  return sorted.slice(1).map((end, index) => bytes.subarray(sorted[index], end));
}

const LINE_ENDS = ['\n', '\r\n', '\r'] as const;

const events = fc.array(
  fc.record({
    text: fc.string({ unit: fc.constantFrom('a', 'é', '世', '😀', ' ', ':'), minLength: 1 }),
    comment: fc.boolean(),
  }),
  { minLength: 1, maxLength: 12 },
);

describe('a stream of events', () => {
  it('is the same however its bytes are cut, and loses nothing where it breaks', async () => {
    const cuts = fc.array(fc.nat(2_000), { maxLength: 20 });
    const breaks = fc.array(fc.nat(2_000), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(events, fc.constantFrom(...LINE_ENDS), cuts, breaks, async (...input) => {
        const [wanted, lineEnd, cutPoints, breakPoints] = input;
        const frames = wanted.map(({ text, comment }, index) =>
          [`id: é${index}`, ...(comment ? [': note'] : []), `data: ${text}`, '', ''].join(lineEnd),
        );
        const seen: string[] = [];
        const stream = new EventStream({
          onEvent: ({ data }) => void seen.push(data),
          whenRoom: () => Promise.resolve(),
          maxEventChars: 10_000,
        });
        for (const breakPoint of [...breakPoints, Number.POSITIVE_INFINITY]) {
          const readSoFar = stream.lastEventId === '' ? 0 : Number(stream.lastEventId.slice(1)) + 1;
          const bytes = new TextEncoder().encode(frames.slice(readSoFar).join(''));
          const kept = bytes.subarray(0, breakPoint);
          const points = cutPoints.filter((point) => point < kept.length);
          await stream.read(bodyOf(cutAt(kept, points), breakPoint < bytes.length));
        }
        expect(seen).toEqual(wanted.map(({ text }) => text));
      }),
      { numRuns: 200 },
    );
  });

  it('names the event to continue after in bytes', async () => {
    const stream = new EventStream({
      onEvent: () => undefined,
      whenRoom: () => Promise.resolve(),
      maxEventChars: 10_000,
    });
    expect(stream.resumeHeaders).toEqual({});
    await stream.read(bodyOf([new TextEncoder().encode('id: 世\ndata: x\n\n')], false));
    expect(new Headers(stream.resumeHeaders).get('last-event-id')).toBe('\u00e4\u00b8\u0096');
  });

  it('reads no further while there is no room', async () => {
    let pulled = 0;
    const chunk = new TextEncoder().encode('data: x\n\n');
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 1;
        controller.enqueue(chunk);
      },
    });
    let seen = 0;
    const stream = new EventStream({
      onEvent: () => {
        seen += 1;
      },
      // Never any room after the first piece.
      whenRoom: () => new Promise(() => undefined),
      maxEventChars: 10_000,
    });
    void stream.read(new Response(body));
    for (let turns = 0; turns < 20; turns += 1)
      await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toBe(1);
    expect(pulled).toBeLessThanOrEqual(3);
  });
});
