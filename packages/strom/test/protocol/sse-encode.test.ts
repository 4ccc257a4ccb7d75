import { createParser, type EventSourceMessage } from 'eventsource-parser';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodeSse,
  encodeSseJson,
  encodeSseRetry,
  SSE_KEEP_ALIVE,
} from '../../src/protocol/sse-encode.ts';
import { hostileText } from '../harness/rechunk.ts';
import '../faults/support/base-line.ts';

interface Reading {
  readonly events: EventSourceMessage[];
  readonly retries: number[];
  readonly comments: string[];
}

/** What a reader of another make sees in a stream. */
function read(stream: string): Reading {
  const events: EventSourceMessage[] = [];
  const retries: number[] = [];
  const comments: string[] = [];
  createParser({
    onEvent: (event) => events.push(event),
    onRetry: (retryMs) => retries.push(retryMs),
    onComment: (comment) => comments.push(comment),
  }).feed(stream);
  return { events, retries, comments };
}

const lineBreaksJoined = (text: string): string => text.replaceAll(/\r\n|\r|\n/g, '\n');

describe('S08: encodeSse', () => {
  it('writes fields in a fixed order and ends with a blank line', () => {
    expect(encodeSse({ data: 'x', id: '7', event: 'log', retryMs: 500.9 })).toBe(
      'event: log\nid: 7\nretry: 500\ndata: x\n\n',
    );
  });

  it.each(['\r', '\n', '\r\n', '\0'])('refuses an id and an event name that hold %j', (bad) => {
    const refusal = expect.objectContaining({ code: 'ERR_SSE_FIELD' });
    expect(() => encodeSse({ id: `1${bad}data: forged`, data: 'x' })).toThrow(refusal);
    expect(() => encodeSse({ event: `log${bad}data: forged`, data: 'x' })).toThrow(refusal);
  });

  it('is read back as exactly one event with the same data, whatever the data', () => {
    fc.assert(
      fc.property(hostileText, (data) => {
        const { events, retries, comments } = read(encodeSse({ data, id: '1', event: 'e' }));
        expect(events).toEqual([{ data: lineBreaksJoined(data), id: '1', event: 'e' }]);
        expect([...retries, ...comments]).toEqual([]);
      }),
    );
  });

  it('keeps the boundaries of neighbours, whatever they hold', () => {
    fc.assert(
      fc.property(fc.array(hostileText, { maxLength: 6 }), (texts) => {
        const stream = texts.map((data) => encodeSse({ data })).join(SSE_KEEP_ALIVE);
        expect(read(stream).events.map(({ data }) => data)).toEqual(texts.map(lineBreaksJoined));
      }),
    );
  });
});

describe('encodeSseJson', () => {
  it('frames any JSON text as one line', () => {
    fc.assert(
      fc.property(fc.jsonValue(), hostileText, (value, text) => {
        const json = JSON.stringify({ value, text });
        expect(encodeSseJson(json)).toBe(`data: ${json}\n\n`);
        expect(read(encodeSseJson(json, 'out-3')).events).toEqual([
          { data: json, id: 'out-3', event: undefined },
        ]);
      }),
    );
  });
});

describe('frames without an event', () => {
  it('tell the reader to wait, or nothing at all', () => {
    expect(read(encodeSseRetry(1500))).toEqual({ events: [], retries: [1500], comments: [] });
    expect(read(SSE_KEEP_ALIVE)).toEqual({ events: [], retries: [], comments: [''] });
  });
});
