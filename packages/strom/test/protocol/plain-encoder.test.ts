import { createParser, type EventSourceMessage } from 'eventsource-parser';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { publicError, StromError } from '../../src/base/strom-error.ts';
import { WireError } from '../../src/base/wire-error.ts';
import type { CallEvent, Outcome } from '../../src/protocol/call-event.ts';
import { plainEncoder } from '../../src/protocol/plain-encoder.ts';
import { hostileText } from '../harness/rechunk.ts';

const PROGRESS: CallEvent = { kind: 'progress', progress: 3, total: 10, message: 'three' };
const BARE: CallEvent = { kind: 'progress', progress: 3, total: undefined, message: undefined };
const LOG: CallEvent = { kind: 'log', level: 'warning', data: { a: 1 }, logger: 'disk' };
const CHUNK: CallEvent = { kind: 'chunk', value: 'piece' };
const RESULT: Outcome = {
  kind: 'result',
  result: { content: [{ type: 'text', text: 'one\ntwo' }] },
};
const REFUSED: Outcome = { kind: 'error', error: publicError('ERR_INVALID_PARAMS', 'no such') };

describe('plainEncoder', () => {
  it('writes server-sent events named by their kind', () => {
    const sse = plainEncoder('text/event-stream');
    expect(sse.event(PROGRESS)).toBe(
      'event: progress\ndata: {"progress":3,"total":10,"message":"three"}\n\n',
    );
    expect(sse.event(BARE)).toBe('event: progress\ndata: {"progress":3}\n\n');
    expect(sse.event(LOG)).toBe(
      'event: log\ndata: {"level":"warning","data":{"a":1},"logger":"disk"}\n\n',
    );
    expect(sse.event(CHUNK)).toBe('event: chunk\ndata: {"value":"piece"}\n\n');
    expect(sse.outcome(RESULT)).toBe(
      'event: result\ndata: {"content":[{"type":"text","text":"one\\ntwo"}]}\n\n',
    );
    expect(sse.outcome(REFUSED)).toBe(
      'event: error\ndata: {"code":"ERR_INVALID_PARAMS","message":"no such"}\n\n',
    );
  });

  it('writes one JSON object a line', () => {
    const lines = plainEncoder('application/x-ndjson');
    expect(lines.event(PROGRESS)).toBe(
      '{"type":"progress","progress":3,"total":10,"message":"three"}\n',
    );
    expect(lines.event(CHUNK)).toBe('{"type":"chunk","value":"piece"}\n');
    expect(lines.outcome(RESULT)).toBe(
      '{"type":"result","content":[{"type":"text","text":"one\\ntwo"}]}\n',
    );
    expect(lines.outcome({ kind: 'error', error: new WireError(-5, 'odd', { a: 1 }) })).toBe(
      '{"type":"error","code":-5,"message":"odd"}\n',
    );
  });

  it('writes text for people', () => {
    const text = plainEncoder('text/plain');
    expect(text.event(PROGRESS)).toBe('[3/10] three\n');
    expect(text.event(BARE)).toBe('[3]\n');
    expect(text.event(LOG)).toBe('warning: {"a":1}\n');
    expect(text.event(CHUNK)).toBe('piece\n');
    expect(text.outcome(RESULT)).toBe('one\ntwo\n');
    expect(text.outcome(REFUSED)).toBe('error: no such\n');
    expect(text.outcome({ kind: 'result', result: { content: [], structuredContent: 1 } })).toBe(
      '{"content":[],"structuredContent":1}\n',
    );
  });

  it('says nothing of an error that was not meant for the caller', () => {
    const error = new StromError('ERR_INTERNAL', 'password=hunter2');
    for (const type of ['text/event-stream', 'application/x-ndjson', 'text/plain'] as const) {
      expect(plainEncoder(type).outcome({ kind: 'error', error })).not.toContain('hunter2');
    }
  });

  it('lets no member of a result pass for the kind of a line', () => {
    const outcome: Outcome = { kind: 'result', result: { type: 'progress', content: [] } };
    const line = plainEncoder('application/x-ndjson').outcome(outcome);
    expect(JSON.parse(line)).toEqual({ type: 'result', content: [] });
  });

  it('writes a log line even for data without a JSON form', () => {
    const cyclic: Record<string, unknown> = {};
    cyclic['self'] = cyclic;
    for (const data of [cyclic, 10n, undefined, () => 1]) {
      for (const type of ['text/event-stream', 'application/x-ndjson', 'text/plain'] as const) {
        const event: CallEvent = { kind: 'log', level: 'info', data, logger: undefined };
        expect(plainEncoder(type).event(event)).toMatch(/info/);
      }
    }
  });

  it('gives one frame per event, whatever the event holds', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const events: CallEvent[] = [
          { kind: 'progress', progress: 1, total: undefined, message: text },
          { kind: 'log', level: 'info', data: text, logger: undefined },
          { kind: 'chunk', value: text },
        ];
        const read: EventSourceMessage[] = [];
        const parser = createParser({ onEvent: (event) => read.push(event) });
        for (const event of events)
          parser.feed(plainEncoder('text/event-stream').event(event) ?? '');
        expect(read.map(({ event }) => event)).toEqual(['progress', 'log', 'chunk']);
        const lines = events.map((event) => plainEncoder('application/x-ndjson').event(event));
        expect(lines.join('').split('\n')).toHaveLength(4);
      }),
    );
  });

  it('keeps progress, logs and errors in text on one line each', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const encoder = plainEncoder('text/plain');
        const frames = [
          encoder.event({ kind: 'progress', progress: 1, total: undefined, message: text }),
          encoder.event({ kind: 'log', level: 'info', data: text, logger: undefined }),
          encoder.outcome({ kind: 'error', error: new WireError(1, text) }),
        ];
        for (const frame of frames) expect(frame).toMatch(/^[^\r\n]*\n$/);
      }),
    );
  });
});
