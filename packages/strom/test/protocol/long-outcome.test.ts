import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { publicError } from '../../src/base/strom-error.ts';
import type { Outcome } from '../../src/protocol/call-event.ts';
import { joinedPieces } from '../../src/protocol/json-pieces.ts';
import { encodeLongOutcome } from '../../src/protocol/long-outcome.ts';
import { mcpEncoder } from '../../src/protocol/message-encoder.ts';
import { PLAIN_TYPES, plainEncoder } from '../../src/protocol/plain-encoder.ts';
import { SESSION_REVISIONS, STATELESS_REVISION } from '../../src/protocol/revisions/catalog.ts';

const envelope = { operation: 'tools/call', idText: '1', progressTokenText: undefined } as const;
const server = { name: 'srv', version: '1' };
const encoder = mcpEncoder(STATELESS_REVISION, envelope, server);
const LONG = 300 * 1024;
const MB = 1024 * 1024;

function result(result: Record<string, unknown>): Outcome {
  return { kind: 'result', result };
}

function joined(outcome: Outcome, by = encoder): string | undefined {
  const { pieces } = encodeLongOutcome(by, outcome);
  return pieces && [...pieces].join('');
}

/** Rows enough to be large, with one of everything JSON treats in its own way. */
function rows(): unknown[] {
  const odd = [undefined, Number.NaN, () => 1, Symbol('s'), new Date(0), new Map([[1, 2]]), -0];
  return [
    ...Array.from({ length: 9_000 }, (_, id) => ({ id, name: `row "${id}"`, tags: ['a', id] })),
    ...odd,
    { odd, ...Object.fromEntries(odd.map((value, index) => [`n${index}`, value])) },
    new String('x'.repeat(LONG)),
    { toJSON: () => ({ spelled: 'by itself' }), long: 'x'.repeat(LONG) },
    new Uint8Array(LONG / 100),
  ];
}

describe('encodeLongOutcome', () => {
  it.each([
    ['plain text', 'x'.repeat(LONG)],
    ['quotes and line breaks', '"\\\n'.repeat(LONG)],
    ['other scripts', 'é世界'.repeat(LONG)],
    ['pairs of surrogates, some of them cut', `x${'😀'.repeat(LONG)}`],
    ['lone surrogates', '\ud83d'.repeat(LONG)],
    ['lone surrogates before pairs', `${'x'.repeat(32 * 1024 - 1)}${'\ud83d😀'.repeat(LONG)}`],
  ])('says in pieces what the whole text says: %s', (_, text) => {
    const outcome = result({ content: [{ type: 'text', text }], structuredContent: { a: 1 } });
    expect(joined(outcome) === encoder.outcome(outcome)).toBe(true);
  });

  it('keeps the order of several long texts, those of resources among them', () => {
    const texts = ['a', 'b', 'c'].map((letter) => letter.repeat(LONG));
    const [text, blob, data] = texts;
    const outcome = result({
      content: [
        { type: 'text', text },
        { type: 'text', text: 'short' },
        { type: 'resource', resource: { uri: 'x://y', blob } },
        { type: 'image', data, mimeType: 'image/png' },
      ],
    });
    expect(joined(outcome)).toBe(encoder.outcome(outcome));
    const read = result({ contents: [{ uri: 'x://y', text }] });
    expect(joined(read)).toBe(encoder.outcome(read));
  });

  it.each([
    ['a long text deep inside', { a: [1, { b: { c: 'x'.repeat(LONG), d: 1 } }, 2] }],
    ['many small members', { rows: rows() }],
    ['many names', Object.fromEntries(rows().map((row, index) => [`name ${index}`, row]))],
    ['long names', { ['n'.repeat(LONG)]: 'y'.repeat(LONG), __proto__x: 1 }],
    [
      'the name of a prototype',
      JSON.parse(`{"__proto__":1,"a":{"__proto__":"${'x'.repeat(LONG)}"}}`),
    ],
  ])(
    'says of structured content in pieces what the whole text says: %s',
    (_, structuredContent) => {
      const outcome = result({ content: [], structuredContent, _meta: { a: 1 } });
      expect(joined(outcome)).toBe(encoder.outcome(outcome));
    },
  );

  it('says of any value what the whole text says', () => {
    const long = 'z'.repeat(LONG);
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        const value = {
          one,
          lists: [
            [one, long, other],
            [other, [long]],
          ],
          other: { other, long },
        };
        const outcome = result({ content: [], structuredContent: value });
        expect(joined(outcome)).toBe(encoder.outcome(outcome));
      }),
      { numRuns: 30 },
    );
  });

  it.each(SESSION_REVISIONS.map((revision) => [revision.date, revision] as const))(
    'leaves out what clients of %s would refuse',
    (_, revision) => {
      const by = mcpEncoder(revision, envelope, server);
      const link = { type: 'resource_link', name: 'n', uri: 'x://y' };
      const audio = { type: 'audio', mimeType: 'audio/wav', data: 'x'.repeat(LONG) };
      const outcome = result({ content: [link, audio], structuredContent: rows() });
      expect(joined(outcome, by) ?? by.outcome(outcome)).toBe(by.outcome(outcome));
    },
  );

  it.each(PLAIN_TYPES)('says in pieces what a plain stream says: %s', (type) => {
    const by = plainEncoder(type);
    const texts = ['é'.repeat(LONG), 'two', `x${'😀'.repeat(LONG)}`];
    const outcome = result({ content: texts.map((text) => ({ type: 'text', text })), type: 'odd' });
    expect(JSON.stringify(joined(outcome, by))).toBe(JSON.stringify(by.outcome(outcome)));
    const structured = result({ content: [], structuredContent: rows() });
    expect(joined(structured, by)).toBe(by.outcome(structured));
  });

  it('counts its bytes, and can be read twice', () => {
    const outcome = result({ content: [{ type: 'text', text: 'é'.repeat(LONG) }] });
    const { pieces } = encodeLongOutcome(encoder, outcome);
    const text = [...(pieces ?? [])].join('');
    expect(pieces?.bytes).toBe(Buffer.byteLength(text));
    expect([...(pieces ?? [])].join('')).toBe(text);
  });

  it('comes in pieces that are worth a write, whatever it is made of', () => {
    const blocks = Array.from({ length: 2_000 }, (_, id) => ({ id, text: 'é"'.repeat(600 + id) }));
    for (const content of [blocks, rows(), blocks.map(({ text }) => text)]) {
      const { pieces } = encodeLongOutcome(encoder, result({ content }));
      const sizes = [...(pieces ?? [])].map((piece) => piece.length);
      const chars = sizes.reduce((sum, size) => sum + size, 0);
      expect(chars / sizes.length).toBeGreaterThan(16 * 1024);
      expect(Math.max(...sizes)).toBeLessThan(256 * 1024);
    }
  });

  it('tells structured content as it was when the call ended', () => {
    const list = rows();
    const outcome = result({ content: [], structuredContent: { list } });
    const whole = encoder.outcome(outcome);
    const { pieces } = encodeLongOutcome(encoder, outcome);
    list.length = 0;
    expect([...(pieces ?? [])].join('')).toBe(whole);
  });

  it('leaves to the usual way what is short, no result, or has no JSON form', () => {
    const long = { type: 'text', text: 'x'.repeat(LONG) };
    const cyclic: Record<string, unknown> = { list: rows() };
    cyclic['self'] = [cyclic];
    const failed = { kind: 'error', error: publicError('ERR_UNKNOWN_TOOL', 'no') } as const;
    expect(joined(result({ content: [{ type: 'text', text: 'short' }] }))).toBeUndefined();
    expect(joined(failed)).toBeUndefined();
    for (const structuredContent of [
      1n,
      cyclic,
      {
        get odd(): never {
          throw new Error('odd');
        },
      },
    ]) {
      const odd = encodeLongOutcome(encoder, result({ content: [long], structuredContent }));
      expect(odd.pieces).toBeUndefined();
      expect(odd.outcome).toMatchObject({ kind: 'error', error: { code: 'ERR_INTERNAL' } });
    }
  });

  it.each([
    ['a text', { content: [{ type: 'text', text: '\u0001'.repeat(12 * MB) }] }],
    ['many members', { structuredContent: Array.from({ length: 700 }, () => 'x'.repeat(100_000)) }],
  ])('answers with an error what exceeds 64 MiB: %s', (_, large) => {
    const { pieces, outcome } = encodeLongOutcome(encoder, result(large));
    expect(pieces).toBeUndefined();
    expect(outcome).toMatchObject({ kind: 'error', error: { code: 'ERR_RESULT_TOO_LARGE' } });
  });
});

describe('joinedPieces', () => {
  it('makes one array of whole messages and of messages in pieces', () => {
    const { pieces } = encodeLongOutcome(
      encoder,
      result({ content: [{ type: 'text', text: 'é'.repeat(LONG) }] }),
    );
    const batch = joinedPieces(['{"a":1}', ...(pieces === undefined ? [] : [pieces]), '{"b":2}']);
    const text = [...batch].join('');
    expect(JSON.parse(text)).toMatchObject([{ a: 1 }, { id: 1 }, { b: 2 }]);
    expect(batch.bytes).toBe(Buffer.byteLength(text));
  });
});
