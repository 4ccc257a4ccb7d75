import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextPieces } from '../../src/base/text-pieces.ts';

describe('TextPieces', () => {
  it('gives back what came, in order, whatever the sizes of the pieces', () => {
    const size = fc.oneof({ weight: 9, arbitrary: fc.nat(10) }, fc.integer({ max: 40_000 }));
    fc.assert(
      fc.property(fc.array(size, { maxLength: 400, size: 'max' }), (sizes) => {
        const pieces = sizes.map((chars, index) => String(index % 10).repeat(Math.max(0, chars)));
        const together = new TextPieces();
        for (const piece of pieces) together.add(piece);
        const whole = pieces.join('');
        expect(together.chars).toBe(whole.length);
        expect(together.take() === whole).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it('begins anew when it was taken or cleared', () => {
    const pieces = new TextPieces();
    pieces.add('a');
    pieces.add('b');
    expect(pieces.take()).toBe('ab');
    expect([pieces.chars, pieces.take()]).toEqual([0, '']);
    pieces.add('c'.repeat(20_000));
    pieces.add('d');
    pieces.clear();
    pieces.add('e');
    expect([pieces.chars, pieces.take()]).toEqual([1, 'e']);
  });
});
