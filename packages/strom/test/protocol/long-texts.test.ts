import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LongTexts } from '../../src/protocol/long-texts.ts';
import { type DecodedSseEvent, SseDecoder } from '../../src/protocol/sse-decode.ts';

const LEAST = 8;
const LONG = 'a "quoted" \\ line\n'.repeat(40_000);

function readInParts(json: string, partChars: number, leastChars = LEAST) {
  const longTexts = new LongTexts(leastChars);
  let kept = '';
  for (let start = 0; start < json.length; start += partChars) {
    kept += longTexts.push(json.slice(start, start + partChars));
  }
  kept += longTexts.endLine();
  return { kept, longTexts, value: () => longTexts.restore(JSON.parse(kept)) };
}

describe('LongTexts', () => {
  it('gives back any JSON, wherever it was cut', () => {
    const text = fc.string({ unit: 'binary', maxLength: 40 });
    fc.assert(
      fc.property(
        fc.jsonValue({ stringUnit: 'binary' }),
        fc.array(text),
        fc.tuple(fc.integer({ min: 1, max: 20 }), fc.boolean()),
        (value, texts, [partChars, isAscii]) => {
          const json = JSON.stringify({ value, texts, ...Object.fromEntries(texts.entries()) });
          const written = isAscii ? json.replace(/[^ -~]/gu, escapeUnits) : json;
          expect(readInParts(written, partChars).value()).toEqual(JSON.parse(json));
        },
      ),
    );
  });

  it('takes out what is long, and leaves the rest as it is', () => {
    const json = JSON.stringify({ short: 'short', long: 'a long text', 'a long name': 1 });
    const { kept, longTexts, value } = readInParts(json, 5);
    expect(kept).toContain('"short":"short"');
    expect(kept).not.toContain('text');
    expect(longTexts.chars).toBe('a long text'.length + 'a long name'.length);
    expect(value()).toEqual(JSON.parse(json));
  });

  it.each(['"a bad \\x escape"', '"a raw \t control character"'])('refuses %j', (json) => {
    expect(() => readInParts(json, 100).value()).toThrow(
      expect.objectContaining({ code: 'ERR_PROTOCOL' }) as Error,
    );
  });

  it.each(['"it does not end', '"nor does that \\'])('makes no JSON of %j', (json) => {
    expect(() => readInParts(json, 4).value()).toThrow();
  });
});

describe('SseDecoder: long texts', () => {
  function read(stream: string, maxEventChars = stream.length) {
    const events: DecodedSseEvent[] = [];
    const onEvent = (event: DecodedSseEvent): void => void events.push(event);
    const decoder = new SseDecoder({ onEvent, takesLongTexts: () => true, maxEventChars });
    for (let start = 0; start < stream.length; start += 50_000) {
      decoder.push(stream.slice(start, start + 50_000));
    }
    return events.map(({ data, longTexts }) => {
      const value = JSON.parse(data) as unknown;
      return { isTaken: longTexts !== undefined, value: longTexts?.restore(value) ?? value };
    });
  }

  it('are taken out of one event and of no other', () => {
    const events = [{ text: LONG }, { text: 'short' }, { texts: [LONG, 'and', LONG] }];
    const stream = events.map((event) => `: it"s\ndata: ${JSON.stringify(event)}\n\n`).join('');
    expect(read(stream)).toEqual(events.map((value, index) => ({ isTaken: index !== 1, value })));
  });

  it('may stand in several lines of one event', () => {
    const stream = `data: [${JSON.stringify(LONG)},\ndata: ${JSON.stringify(LONG)}]\n\n`;
    expect(read(stream)).toEqual([{ isTaken: true, value: [LONG, LONG] }]);
  });

  it('count for the bound of an event', () => {
    const stream = `data: [${JSON.stringify(LONG)},\ndata: ${JSON.stringify(LONG)}]\n\n`;
    expect(() => read(stream, LONG.length * 1.8)).toThrow(
      expect.objectContaining({ code: 'ERR_FRAME_TOO_LARGE' }) as Error,
    );
  });
});

function escapeUnits(character: string): string {
  return Array.from({ length: character.length }, (_, index) => {
    const unit = character.charCodeAt(index).toString(16).padStart(4, '0');
    return `\\u${unit}`;
  }).join('');
}
