import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitLine, plainLine, plainText, widthOf } from '../../src/cli/live/terminal-text.ts';

const anyText = fc.string({ unit: 'binary' });
const nasty = fc.string({
  unit: fc.constantFrom('\u001b', '[', ']', '2', 'J', 'm', '\u009b', '\u0007', '\r', '\n', 'a'),
});

function controlsOf(text: string): string[] {
  return [...text].filter((char) => {
    const code = char.charCodeAt(0);
    return char !== '\n' && char !== '\t' && (code < 0x20 || (code >= 0x7f && code < 0xa0));
  });
}

describe('plainText', () => {
  it('leaves no control character in any text but tab and newline', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, nasty), (text) => {
        expect(controlsOf(plainText(text))).toEqual([]);
      }),
    );
  });

  it('removes sequences that colour, move, link and reorder, and keeps everything else', () => {
    const link = '\u001b]8;;http://evil.test\u0007click\u001b]8;;\u0007';
    expect(plainText(`\u001b[31mred\u001b[0m ${link}`)).toBe('red click');
    expect(plainText('a\u202eb\u2066c')).toBe('abc');
    expect(plainText('über\tファイル 👩‍👩‍👧\nzwei')).toBe('über\tファイル 👩‍👩‍👧\nzwei');
  });

  it('turns every kind of line end into one', () => {
    expect(plainText('a\r\nb\rc')).toBe('a\nb\nc');
    expect(plainLine(' a\r\nb\t c ')).toBe('a b c');
  });
});

describe('fitLine', () => {
  it('never exceeds the columns, and changes nothing that fits', () => {
    const line = fc.string({ unit: fc.constantFrom('a', 'é', '文', '👩‍👩‍👧', '❤️', 'ﾌ') });
    fc.assert(
      fc.property(line, fc.nat(40), (text, columns) => {
        const fitted = fitLine(text, columns);
        expect(widthOf(fitted)).toBeLessThanOrEqual(columns);
        if (widthOf(text) <= columns) expect(fitted).toBe(text);
      }),
    );
  });

  it('counts wide characters and pictures as two columns', () => {
    expect(widthOf('文書')).toBe(4);
    expect(widthOf('👩‍👩‍👧')).toBe(2);
    expect(fitLine('文書を', 5)).toBe('文書…');
    expect(fitLine('report.pdf', 6)).toBe('repor…');
  });
});
