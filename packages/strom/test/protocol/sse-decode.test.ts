import { createParser } from 'eventsource-parser';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DecodedSseEvent, SseDecoder } from '../../src/protocol/sse-decode.ts';
import { encodeSse } from '../../src/protocol/sse-encode.ts';
import { cutAt, cutBytesAt, cutPlaces, hostileText } from '../harness/rechunk.ts';

function decode(pieces: Iterable<string>): { events: DecodedSseEvent[]; retries: number[] } {
  const events: DecodedSseEvent[] = [];
  const retries: number[] = [];
  const decoder = new SseDecoder({
    onEvent: (event) => events.push(event),
    onRetry: (retryMs) => retries.push(retryMs),
  });
  for (const piece of pieces) decoder.push(piece);
  return { events, retries };
}

/** The same reading by a parser of another make, in our words. */
function decodeElsewhere(stream: string): { event: string; data: string }[] {
  const events: { event: string; data: string }[] = [];
  const onEvent = ({ event, data }: { event?: string | undefined; data: string }): void => {
    events.push({ event: event || 'message', data });
  };
  createParser({ onEvent }).feed(stream);
  return events;
}

/** Streams made of fields, comments, breaks of every kind and rubbish. */
const streamText = fc
  .array(
    fc.oneof(
      fc.constantFrom('data: a', 'data:b', 'data:  c', 'data', 'event: e', 'id: 1', 'id: 2\0'),
      fc.constantFrom(': comment', ':', 'retry: 10', 'retry: x', 'unknown: y', 'dat', ''),
      fc.string({ maxLength: 8 }).map((text) => text.replaceAll(/[\r\n\uFEFF]/g, '')),
    ),
    { maxLength: 20 },
  )
  .chain((lines) =>
    fc
      .array(fc.constantFrom('\n', '\r', '\r\n'), {
        minLength: lines.length,
        maxLength: lines.length,
      })
      .map((breaks) => lines.map((line, index) => line + breaks[index]).join('')),
  );

describe('SseDecoder', () => {
  it('reads the same events, however the stream is cut', () => {
    fc.assert(
      fc.property(streamText, cutPlaces, (stream, places) => {
        expect(decode(cutAt(stream, places))).toEqual(decode([stream]));
        expect(decode(stream)).toEqual(decode([stream]));
      }),
    );
  });

  it('reads what a parser of another make reads', () => {
    fc.assert(
      fc.property(streamText, (stream) => {
        const own = decode([stream]).events.map(({ event, data }) => ({ event, data }));
        expect(own).toEqual(decodeElsewhere(stream));
      }),
    );
  });

  it('restores what was encoded, also when a cut falls inside a character', () => {
    const message = fc.record({ data: hostileText, event: fc.constantFrom('a', 'b') });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 5 }), cutPlaces, (messages, places) => {
        const bytes = new TextEncoder().encode(messages.map(encodeSse).join(''));
        const utf8 = new TextDecoder();
        const pieces = cutBytesAt(bytes, places).map((piece) =>
          utf8.decode(piece, { stream: true }),
        );
        const read = decode(pieces).events.map(({ event, data }) => ({ event, data }));
        expect(read).toEqual(
          messages.map(({ event, data }) => ({
            event,
            data: data.replaceAll(/\r\n|\r|\n/g, '\n'),
          })),
        );
      }),
    );
  });

  it('skips one byte order mark at the start of the stream and no other', () => {
    expect(decode(['\uFEFFdata: a\n\n', '\uFEFFdata: b\n\n', 'data: c\n\n']).events).toMatchObject([
      { data: 'a' },
      { data: 'c' },
    ]);
  });

  it('counts the id of an event only once the event is complete', () => {
    const decoder = new SseDecoder({ onEvent: () => undefined });
    decoder.push('id: 1\ndata: a\n\nid: 2\ndata: b\n');
    expect(decoder.lastEventId).toBe('1');
    decoder.push('\n');
    expect(decoder.lastEventId).toBe('2');
  });

  it('keeps the last id across events that name none, and ignores one with NUL', () => {
    const { events } = decode(['id: 1\ndata: a\n\ndata: b\n\nid: 3\0\ndata: c\n\n']);
    expect(events.map(({ lastEventId }) => lastEventId)).toEqual(['1', '1', '1']);
  });

  it('takes a delay of digits and nothing else', () => {
    expect(decode(['retry: 250\nretry: 2.5\nretry: -1\nretry: 1e3\n\n']).retries).toEqual([250]);
  });

  it.each([
    ['one long line', ['data: ', 'x'.repeat(200)]],
    ['many short lines', ['data: xxxxxxxxxx\n'.repeat(20)]],
    ['a line without end, byte by byte', [...'y'.repeat(200)]],
  ])('refuses an event over its bound: %s', (_, pieces) => {
    const decoder = new SseDecoder({ onEvent: () => undefined, maxEventChars: 100 });
    expect(() => {
      for (const piece of pieces) decoder.push(piece);
    }).toThrow(expect.objectContaining({ code: 'ERR_FRAME_TOO_LARGE' }));
  });

  it('reads a line of 16 MB in small pieces in time proportional to its length', () => {
    const piece = 'x'.repeat(1024);
    const decoder = new SseDecoder({ onEvent: ({ data }) => lengths.push(data.length) });
    const lengths: number[] = [];
    const startedMs = performance.now();
    decoder.push('data: ');
    for (let count = 0; count < 16 * 1024; count += 1) decoder.push(piece);
    decoder.push('\n\n');
    expect(lengths).toEqual([16 * 1024 * 1024]);
    expect(performance.now() - startedMs).toBeLessThan(2000);
  });
});
