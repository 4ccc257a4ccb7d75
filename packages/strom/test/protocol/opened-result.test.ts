import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type JsonObject, toJson } from '../../src/base/json.ts';
import { PiecesBuilder } from '../../src/protocol/json-pieces.ts';
import { encodeLongOutcome } from '../../src/protocol/long-outcome.ts';
import { type MessageEncoder, mcpEncoder } from '../../src/protocol/message-encoder.ts';
import { openedResult } from '../../src/protocol/opened-result.ts';
import { PLAIN_TYPES, plainEncoder } from '../../src/protocol/plain-encoder.ts';
import { RawJson } from '../../src/protocol/raw-json.ts';
import { REVISION_DATES, revisionOf } from '../../src/protocol/revisions/catalog.ts';

const LONG = 'a "line" with \\ and \u0001 and 😀\n'.repeat(20_000);
const ROWS = Array.from({ length: 20_000 }, (_, id) => ({ id, '],"content":[': '}' }));

/** As a store gives back what it was given, and as one that has it as it was made. */
function pieces(result: JsonObject) {
  const made = new PiecesBuilder();
  made.add('{');
  made.addMembers(result);
  made.add('}');
  const kept = made.done();
  return { made: kept, stored: [...kept] };
}

function message(encoder: MessageEncoder, result: JsonObject): string {
  const encoded = encodeLongOutcome(encoder, { kind: 'result', result });
  return encoded.pieces === undefined ? encoded.text : [...encoded.pieces].join('');
}

function encoders(): MessageEncoder[] {
  const envelope = { operation: 'tools/call', idText: '1', progressTokenText: undefined } as const;
  const revisions = REVISION_DATES.map(revisionOf).filter((one) => one !== undefined);
  return [
    ...revisions.map((one) => mcpEncoder(one, envelope, { name: 'srv', version: '1' })),
    ...PLAIN_TYPES.map(plainEncoder),
  ];
}

const jsonText = fc.json({
  maxDepth: 4,
  stringUnit: fc.constantFrom('a', '"', '\\', '\n', ':', '}'),
});
const member = jsonText.map((text) => JSON.parse(text) as unknown);
const block = fc.dictionary(fc.constantFrom('type', 'text', 'content', '__proto__', 'x"'), member);
const result = fc.record(
  {
    content: fc.oneof(fc.array(fc.oneof(block, member)), member),
    structuredContent: member,
    isError: fc.boolean(),
    _meta: fc.dictionary(fc.string(), member),
  },
  { requiredKeys: [] },
);

describe('openedResult', () => {
  it('gives back any result, wherever its text was cut', () => {
    const cuts = fc.array(fc.nat(200));
    fc.assert(
      fc.property(result, cuts, fc.integer({ min: 1, max: 20 }), (value, places, leastChars) => {
        const text = toJson(value);
        const ends = [...places.sort((one, other) => one - other), text.length];
        const parts = ends.map((end, index) => text.slice(ends[index - 1] ?? 0, end));
        expect(JSON.stringify(openedResult(parts, leastChars))).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });

  it('gives back what only looks like blocks', () => {
    const text = toJson({ content: { one: { type: 'text', text: LONG } } });
    expect(JSON.stringify(openedResult([text])) === text).toBe(true);
  });

  it('parses neither large structured content nor what is large in a block', () => {
    const { made, stored } = pieces({
      content: [
        { type: 'text', text: LONG },
        { type: 'image', data: LONG, mimeType: 'image/png' },
      ],
      structuredContent: { rows: ROWS },
    });
    for (const end of [made, stored]) {
      expect(openedResult(end)).toEqual({
        content: [
          { type: 'text', text: expect.any(RawJson) },
          { type: 'image', data: expect.any(RawJson), mimeType: 'image/png' },
        ],
        structuredContent: expect.any(RawJson),
      });
    }
  });

  it.each([
    ['a text', { content: [{ type: 'text', text: LONG }] }],
    ['texts of any size', { content: ['short', LONG, ''].map((text) => ({ type: 'text', text })) }],
    ['an object', { content: [], structuredContent: { text: LONG, rows: ROWS } }],
    ['a list, which not all revisions take', { content: [], structuredContent: ROWS }],
    ['a name', { content: [{ type: 'resource_link', name: LONG, uri: 'test://one' }] }],
    ['a type', { content: [{ type: LONG, mimeType: LONG }] }],
    ['sound', { content: [{ type: 'audio', data: LONG, mimeType: 'audio/wav' }] }],
    ['what is beside it', { content: [], isError: true, _meta: { note: LONG } }],
    ['a text beside a note', { content: [{ type: 'text', text: LONG }], _meta: { note: 'one' } }],
    ['many blocks', { content: ROWS.map(({ id }) => ({ type: 'text', text: `${id}` })) }],
  ])('is told in the words of every revision as if it were whole when large is %s', (_, whole) => {
    const { made, stored } = pieces(whole);
    for (const encoder of encoders()) {
      const told = message(encoder, whole);
      expect(message(encoder, openedResult(made)) === told).toBe(true);
      expect(message(encoder, openedResult(stored)) === told).toBe(true);
      // Where a message is kept whole.
      const kept = encoder.outcome({ kind: 'result', result: whole });
      expect(encoder.outcome({ kind: 'result', result: openedResult(stored) }) === kept).toBe(true);
    }
  });
});
