import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeHeaderValue, encodeHeaderValue } from '../../src/protocol/header-value.ts';

const wellFormed = fc.string({ unit: 'binary', maxLength: 40 });

describe('encodeHeaderValue', () => {
  it.each([
    ['us-west1', 'us-west1'],
    ['', ''],
    ['a b\tc', 'a b\tc'],
    ['Hello, 世界', '=?base64?SGVsbG8sIOS4lueVjA==?='],
    [' padded ', '=?base64?IHBhZGRlZCA=?='],
    ['line1\nline2', '=?base64?bGluZTEKbGluZTI=?='],
    ['=?base64?literal?=', '=?base64?PT9iYXNlNjQ/bGl0ZXJhbD89?='],
    ['=?BASE64?literal?=', '=?BASE64?literal?='],
  ])('writes %j as %s', (text, header) => {
    expect(encodeHeaderValue(text)).toBe(header);
  });

  it('is undone by decoding and holds visible ASCII only, whatever the text', () => {
    fc.assert(
      fc.property(wellFormed, (text) => {
        const header = encodeHeaderValue(text);
        expect(decodeHeaderValue(header)).toBe(text);
        expect(header).toMatch(/^(?:[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?)?$/);
      }),
    );
  });

  it('never gives two texts the same form', () => {
    fc.assert(
      fc.property(wellFormed, wellFormed, (one, other) => {
        expect(encodeHeaderValue(one) === encodeHeaderValue(other)).toBe(one === other);
      }),
    );
  });
});

describe('decodeHeaderValue', () => {
  it.each([
    ['without padding', '=?base64?Zm9vYg?='],
    ['with half the padding', '=?base64?Zm9vYg=?='],
    ['with too much padding', '=?base64?Zm9v====?='],
    ['in the URL-safe alphabet', '=?base64?-_-_?='],
    ['with a blank inside', '=?base64?Zm9v Zm9v?='],
    ['with rubbish behind', '=?base64?Zm9v*?='],
    ['with padding inside', '=?base64?Zg==Zg==?='],
    ['with bits that do not count', '=?base64?ZWNobx==?='],
    ['of bytes that are no UTF-8', '=?base64?/w==?='],
    ['of a surrogate', '=?base64?7aCA?='],
  ])('refuses Base64 %s', (_, header) => {
    expect(decodeHeaderValue(header)).toBeUndefined();
  });

  it('takes any other writing for the text itself', () => {
    for (const header of [
      '=?BASE64?Zm9v?=',
      '=?base64?Zm9v',
      'Zm9v?=',
      '=?base64?=',
      '=?utf-8?x?=',
    ]) {
      expect(decodeHeaderValue(header)).toBe(header);
    }
  });

  it('decodes once only', () => {
    const inner = encodeHeaderValue('é');
    expect(decodeHeaderValue(encodeHeaderValue(inner))).toBe(inner);
  });

  it('gives back canonical forms only, and nothing else', () => {
    const body = fc.string({
      unit: fc.constantFrom('A', 'Q', 'g', '=', '/', '+', '-', ' '),
      maxLength: 9,
    });
    fc.assert(
      fc.property(body, (base64) => {
        const header = `=?base64?${base64}?=`;
        const text = decodeHeaderValue(header);
        if (text === undefined) return;
        const canonical = Buffer.from(text, 'utf8').toString('base64');
        expect(base64).toBe(canonical);
      }),
    );
  });

  it('takes 256 KB of anything within 100 ms', () => {
    const startedMs = performance.now();
    encodeHeaderValue(`a${' '.repeat(262_144)}`);
    decodeHeaderValue(`=?base64?${'A'.repeat(262_145)}?=`);
    expect(performance.now() - startedMs).toBeLessThan(100);
  });
});
