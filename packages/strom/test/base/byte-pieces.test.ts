import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BytePieces } from '../../src/base/byte-pieces.ts';

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const together = new BytePieces();
  for (const piece of pieces) together.add(piece);
  return together.take();
}

describe('BytePieces', () => {
  it('gives back what came, in order, whatever the sizes of the pieces', () => {
    const size = fc.oneof(fc.nat(10), fc.integer({ min: 4000, max: 70_000 }));
    fc.assert(
      fc.property(fc.array(size, { maxLength: 40 }), (sizes) => {
        const pieces = sizes.map((bytes, index) => new Uint8Array(bytes).fill(index + 1));
        expect(Buffer.compare(joined(pieces), Buffer.concat(pieces))).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  it('copies nothing where there is one piece', () => {
    const piece = new Uint8Array([1, 2, 3]);
    expect(joined([piece])).toBe(piece);
  });

  it('begins anew when it was taken', () => {
    const pieces = new BytePieces();
    pieces.add(new Uint8Array([1]));
    pieces.add(new Uint8Array([2]));
    expect([...pieces.take()]).toEqual([1, 2]);
    expect(pieces.take()).toHaveLength(0);
    pieces.add(new Uint8Array([3]));
    expect([...pieces.take()]).toEqual([3]);
  });
});
