import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8Length } from '../../src/base/utf8-length.ts';

describe('utf8Length', () => {
  it.each(['', 'plain', 'é', '漢', '😀', '\ud800', '\udc00x', '\udc00\ud800'])(
    'is what Node writes for %j',
    (text) => {
      expect(utf8Length(text)).toBe(Buffer.byteLength(text));
    },
  );

  it('is what Node writes, for any text, also where a long one is cut', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.constantFrom('a', 'é', '漢', '😀'),
        fc.integer({ min: 0, max: 200_000 }),
        (text, filler, times) => {
          const long = text + filler.repeat(times) + text;
          expect(utf8Length(long)).toBe(Buffer.byteLength(long));
        },
      ),
      { numRuns: 50 },
    );
  });
});
