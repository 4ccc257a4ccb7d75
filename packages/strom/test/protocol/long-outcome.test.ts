import { describe, expect, it } from 'vitest';
import { publicError } from '../../src/base/strom-error.ts';
import type { Outcome } from '../../src/protocol/call-event.ts';
import { encodeLongOutcome } from '../../src/protocol/long-outcome.ts';
import { mcpEncoder } from '../../src/protocol/message-encoder.ts';
import { STATELESS_REVISION } from '../../src/protocol/revisions/catalog.ts';

const envelope = { operation: 'tools/call', idText: '1', progressTokenText: undefined } as const;
const encoder = mcpEncoder(STATELESS_REVISION, envelope, { name: 'srv', version: '1' });
const LONG = 300 * 1024;

function result(result: Record<string, unknown>): Outcome {
  return { kind: 'result', result };
}

function joined(outcome: Outcome): string | undefined {
  const pieces = encodeLongOutcome(encoder, outcome);
  return pieces && [...pieces].join('');
}

describe('encodeLongOutcome', () => {
  it.each([
    ['plain text', 'x'.repeat(LONG)],
    ['quotes and line breaks', '"\\\n'.repeat(LONG)],
    ['other scripts', 'é世界'.repeat(LONG)],
    ['pairs of surrogates, some of them cut', `x${'😀'.repeat(LONG)}`],
    ['lone surrogates', '\ud83d'.repeat(LONG)],
  ])('says in pieces what the whole text says: %s', (_, text) => {
    const outcome = result({ content: [{ type: 'text', text }], structuredContent: { a: 1 } });
    expect(JSON.parse(joined(outcome) ?? '')).toEqual(JSON.parse(encoder.outcome(outcome)));
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
    expect(JSON.parse(joined(outcome) ?? '')).toEqual(JSON.parse(encoder.outcome(outcome)));
    const read = result({ contents: [{ uri: 'x://y', text }] });
    expect(JSON.parse(joined(read) ?? '')).toEqual(JSON.parse(encoder.outcome(read)));
  });

  it('leaves to the usual way what is short, too long, no result, or has no JSON form', () => {
    const long = { type: 'text', text: 'x'.repeat(LONG) };
    const tooLong = { type: 'text', text: '\u0001'.repeat(12 * 1024 * 1024) };
    expect(joined(result({ content: [{ type: 'text', text: 'short' }] }))).toBeUndefined();
    expect(joined(result({ content: [tooLong] }))).toBeUndefined();
    expect(joined(result({ content: [long], structuredContent: 1n }))).toBeUndefined();
    expect(joined({ kind: 'error', error: publicError('ERR_UNKNOWN_TOOL', 'no') })).toBeUndefined();
  });
});
