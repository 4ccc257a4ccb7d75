import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteLines } from '../../../src/transports/stdio/byte-lines.ts';
import { cutBytesAt, cutPlaces } from '../../harness/rechunk.ts';

function split(pieces: Iterable<Uint8Array>, maxLineBytes = 1000) {
  const lines: string[] = [];
  let long = 0;
  const reader = new ByteLines({
    maxLineBytes,
    onLine: (line) => lines.push(Buffer.from(line).toString('latin1')),
    onOverlong: () => {
      long += 1;
    },
  });
  for (const piece of pieces) reader.push(Buffer.from(piece));
  return { lines, long };
}

const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');

describe('ByteLines', () => {
  it('gives every complete, non-empty line, however the bytes are cut', () => {
    const input = fc.uint8Array({ maxLength: 80 }).map((raw) => raw.map((byte) => byte % 14));
    fc.assert(
      fc.property(input, cutPlaces, (raw, places) => {
        const complete = Buffer.from(raw).toString('latin1').split('\n').slice(0, -1);
        expect(split(cutBytesAt(raw, places)).lines).toEqual(
          complete.filter((line) => line !== ''),
        );
      }),
    );
  });

  it('reports an overlong line once, keeps nothing of it and reads on', () => {
    const pieces = ['x'.repeat(8), 'x'.repeat(8), 'x\n', 'ok\n', `${'y'.repeat(11)}\n`, 'z\n'];
    expect(split(pieces.map(bytes), 10)).toEqual({ lines: ['ok', 'z'], long: 2 });
  });

  it('joins a line of 4 MB cut into small pieces in linear time', () => {
    const startedMs = performance.now();
    const pieces = Array.from({ length: 4096 }, () => bytes('x'.repeat(1024)));
    expect(split([...pieces, bytes('\n')], 5_000_000).lines[0]).toHaveLength(4096 * 1024);
    expect(performance.now() - startedMs).toBeLessThan(1000);
  });
});
