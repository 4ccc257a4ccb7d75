import { describe, expect, it } from 'vitest';
import { stringifyMarkdown } from '../../src/markdown/stringify-markdown.ts';
import { linesToBlocks } from '../../src/pdf/pdf-blocks.ts';
import { dropFurniture } from '../../src/pdf/pdf-furniture.ts';
import { type PdfLine, type PdfPiece, piecesToLines } from '../../src/pdf/pdf-lines.ts';

const CHAR_WIDTH = 0.5;

function piece(text: string, x: number, y: number): PdfPiece {
  return { text, x, y, size: 10, width: text.length * 10 * CHAR_WIDTH };
}

/** Lines of text under each other, 12 points apart, as body text is set. */
function page(texts: readonly string[], number = 1): PdfLine[] {
  return piecesToLines(
    texts.map((text, index) => piece(text, 50, 700 - index * 12)),
    number,
  );
}

const toMarkdown = (lines: readonly PdfLine[]): string => stringifyMarkdown(linesToBlocks(lines));

describe('linesToBlocks', () => {
  it('joins a word that was cut at the end of a line', () => {
    expect(toMarkdown(page(['The lock keeper reports that the ot-', 'ters are back.']))).toBe(
      'The lock keeper reports that the otters are back.\n',
    );
  });

  it('goes on with a paragraph on the next page if its sentence goes on', () => {
    const lines = [...page(['The water stood high and'], 1), ...page(['fell only at night.'], 2)];
    expect(toMarkdown(lines)).toBe('The water stood high and fell only at night.\n');
  });

  it('starts a paragraph after a line that ended early', () => {
    const lines = page([
      'A first sentence as wide as the page allows it',
      'to be.',
      'A second one.',
    ]);
    expect(toMarkdown(lines)).toContain('to be.\n\nA second one.');
  });

  it('lists the entries of a table of contents', () => {
    expect(toMarkdown(page(['1 Levels . . . . . . . . 3', '2 Floods ........ 12']))).toBe(
      '- 1 Levels … 3\n- 2 Floods … 12\n',
    );
  });

  it('finds right-aligned columns, and cells that go on below', () => {
    const rows: PdfPiece[] = [
      piece('Station', 50, 700),
      piece('Level', 200, 700),
      piece('Oster Lock', 50, 685),
      piece('7', 220, 685),
      piece('cm', 215, 673),
      piece('Mill Bridge', 50, 658),
      piece('198', 210, 658),
    ];
    expect(toMarkdown(piecesToLines(rows, 1))).toBe(
      '| Station | Level |\n| --- | --- |\n| Oster Lock | 7 cm |\n| Mill Bridge | 198 |\n',
    );
  });

  it('does not weave two columns of prose together', () => {
    const left = ['Left column one', 'left column two.'];
    const right = ['Right column one', 'right column two.'];
    const pieces = [
      ...left.map((text, index) => piece(text, 50, 700 - index * 12)),
      ...right.map((text, index) => piece(text, 300, 700 - index * 12)),
    ];
    expect(toMarkdown(piecesToLines(pieces, 1))).toBe(
      'Left column one left column two.\n\nRight column one right column two.\n',
    );
  });

  it('stays fast on a page made to be slow', () => {
    const started = performance.now();
    const row = (index: number): PdfPiece[] => [
      piece('a', 50, 1e6 - index * 12),
      piece('b', 100, 1e6 - index * 12),
      piece('c', index % 2 === 0 ? 150 : 105, 1e6 - index * 12),
    ];
    linesToBlocks(
      piecesToLines(Array.from({ length: 20_000 }, (_, index) => row(index)).flat(), 1),
    );
    linesToBlocks(page(Array.from({ length: 20_000 }, () => 'word '.repeat(16))));
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe('piecesToLines', () => {
  it('puts blanks where there are gaps and nowhere else', () => {
    const pieces = [piece('wa', 50, 700), piece('ter', 60, 700), piece('level', 78, 700)];
    expect(piecesToLines(pieces, 1)[0]?.cells.map(({ text }) => text)).toEqual(['water level']);
  });
});

describe('dropFurniture', () => {
  it('drops heads that repeat nearby, and bare page numbers', () => {
    const pages = ['A', 'B', 'C', 'D'].map((text, index) =>
      page(
        [`Chapter 2: Floods ${index + 1}`, `Text ${text}`, 'more text', `${index + 1}`],
        index + 1,
      ),
    );
    const kept = dropFurniture(pages).map((lines) => lines.map((line) => line.cells[0]?.text));
    expect(kept[0]).toEqual(['Text A', 'more text']);
  });

  it('keeps the lines of a short document', () => {
    expect(dropFurniture([page(['Report', '1'])])[0]).toHaveLength(2);
  });
});
