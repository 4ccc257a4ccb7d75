import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanText } from '../../src/base/clean-text.ts';
import { fingerprint } from '../../src/observe/fingerprint.ts';

describe('cleanText', () => {
  it('leaves nothing that moves a cursor, ends a line, or turns text around', () => {
    const unit = fc.constantFrom(
      'a',
      '\n',
      '\r',
      '\u001b',
      '\u0085',
      '\u2028',
      '\u202e',
      '\u200f',
      '\u061c',
      '\u200b',
      '\ufeff',
      '\u{e0041}',
      '😀',
      '\ud800',
    );
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 400 }), (text) => {
        const clean = cleanText(text);
        expect(clean).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029\p{Bidi_Control}]/u);
        expect(clean).not.toMatch(/\p{Surrogate}/u);
        expect(clean.length).toBeLessThan(129 * 6);
      }),
    );
  });

  it('leaves ordinary text as it is', () => {
    expect(cleanText('Client 2.0 – «grüß» 😀')).toBe('Client 2.0 – «grüß» 😀');
  });
});

describe('fingerprint', () => {
  it('tells callers apart, and the same caller always in the same way', () => {
    const marks = new Set(
      Array.from({ length: 20_000 }, (_, index) => fingerprint(`user-${index}`)),
    );
    expect(marks.size).toBe(20_000);
    expect(fingerprint('user-1')).toBe(fingerprint('user-1'));
    expect(fingerprint('user-1')).toMatch(/^[0-9a-f]{12}$/);
  });
});
