import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineDecoder } from '../../src/protocol/line-decode.ts';
import { cutAt, cutPlaces, hostileText } from '../harness/rechunk.ts';

function decode(pieces: Iterable<string>, maxLineChars = 1000): { lines: string[]; long: number } {
  const lines: string[] = [];
  let long = 0;
  const decoder = new LineDecoder({
    onLine: (line) => lines.push(line),
    onOverlong: () => {
      long += 1;
    },
    maxLineChars,
  });
  for (const piece of pieces) decoder.push(piece);
  decoder.end();
  return { lines, long };
}

describe('LineDecoder', () => {
  it('ends lines at LF, CR and CRLF and gives a last line without a break', () => {
    expect(decode(['a\nb\rc\r\n\r\nd']).lines).toEqual(['a', 'b', 'c', '', 'd']);
  });

  it('gives the same lines as splitting the whole text, however it is cut', () => {
    fc.assert(
      fc.property(hostileText, cutPlaces, (text, places) => {
        const whole = text.split(/\r\n|\r|\n/);
        if (whole.at(-1) === '') whole.pop();
        expect(decode(cutAt(text, places)).lines).toEqual(whole);
        expect(decode(text).lines).toEqual(whole);
      }),
    );
  });

  it('does not take CR and LF in two pieces for two breaks', () => {
    expect(decode(['a\r', '\nb\r', '', '\n', 'c']).lines).toEqual(['a', 'b', 'c']);
  });

  it('reports an overlong line once, skips it and reads on', () => {
    expect(decode(['123456', '7890', '12\nok\n', '1234567890\n'], 9)).toEqual({
      lines: ['ok'],
      long: 2,
    });
  });

  it('accepts a line of exactly the bound', () => {
    expect(decode(['123456789\n'], 9)).toEqual({ lines: ['123456789'], long: 0 });
  });
});
