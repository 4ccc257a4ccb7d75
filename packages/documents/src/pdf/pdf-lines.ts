/**
 * Positioned text of one PDF page to lines of cells.
 *
 * A PDF has no lines, only pieces of text with coordinates. Pieces are taken in
 * the order the file draws them: writers draw a table row by row and a column
 * of prose from top to bottom, so that order separates the two where sorting by
 * height would weave columns together.
 *
 * @module
 */

/** One run of text as PDF.js reports it; the origin is the bottom left. */
export interface PdfPiece {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly size: number;
}

/** Text without a wide gap in it. */
export interface PdfCell {
  text: string;
  readonly left: number;
  right: number;
}

/** One line of text; more than one cell means columns. */
export interface PdfLine {
  readonly cells: PdfCell[];
  readonly y: number;
  /** Font size of the longest piece: bullets and footnote marks are set in their own. */
  size: number;
  readonly page: number;
}

/** Gaps in parts of the font size: a blank, a column gap, a step back to the left. */
const BLANK_GAP = 0.16;
const COLUMN_GAP = 1.4;
const SAME_BASELINE = 0.4;

/** Groups the pieces of a page into lines, in drawing order. */
export function piecesToLines(pieces: readonly PdfPiece[], page: number): PdfLine[] {
  const lines: PdfLine[] = [];
  let hasBlank = false;
  let longest = 0;
  for (const piece of pieces) {
    if (piece.text.trim() === '') {
      hasBlank = true;
      continue;
    }
    const line = lines.at(-1);
    if (line && continuesLine(line, piece)) {
      addPiece(line, piece, hasBlank);
      if (piece.text.length > longest) line.size = piece.size;
      longest = Math.max(longest, piece.text.length);
    } else {
      lines.push({ cells: [newCell(piece)], y: piece.y, size: piece.size, page });
      longest = piece.text.length;
    }
    hasBlank = false;
  }
  return lines;
}

/** The text of a line, cells joined by one blank. */
export function lineText(line: PdfLine): string {
  return line.cells.map((cell) => cell.text.trim()).join(' ');
}

/** Left edge of a line. */
export function lineLeft(line: PdfLine): number {
  return line.cells[0]?.left ?? 0;
}

/** Right edge of a line. */
export function lineRight(line: PdfLine): number {
  return line.cells.at(-1)?.right ?? 0;
}

function continuesLine(line: PdfLine, piece: PdfPiece): boolean {
  const reach = Math.max(line.size, piece.size);
  const sameBaseline = Math.abs(line.y - piece.y) <= SAME_BASELINE * reach;
  return sameBaseline && piece.x >= lineRight(line) - reach;
}

function addPiece(line: PdfLine, piece: PdfPiece, hasBlank: boolean): void {
  const cell = line.cells.at(-1);
  if (!cell) return;
  const gap = piece.x - cell.right;
  if (gap > COLUMN_GAP * line.size) {
    line.cells.push(newCell(piece));
    return;
  }
  const needsBlank = (hasBlank || gap > BLANK_GAP * line.size) && !/\s$/.test(cell.text);
  cell.text += needsBlank ? ` ${piece.text.trimStart()}` : piece.text;
  cell.right = Math.max(cell.right, piece.x + piece.width);
}

function newCell(piece: PdfPiece): PdfCell {
  return { text: piece.text, left: piece.x, right: piece.x + piece.width };
}
