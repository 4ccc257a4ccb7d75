/**
 * Writes large tables straight to Markdown.
 *
 * A tree node per cell would cost hundreds of bytes each; a spreadsheet has
 * millions of cells.
 *
 * @module
 */
import { ConvertError } from '../base/convert-error.ts';

/** No Markdown may become that large; a cell takes three characters, however empty it is. */
const MAX_TABLE_CHARS = 128 * 1024 * 1024;
const EMPTY_CELL_CHARS = 3;

/**
 * To be called before short rows are padded: one row that is very wide makes all others as wide.
 *
 * @throws {ConvertError} `too_large`
 */
export function checkTableSize(rows: number, columns: number): void {
  if (rows * columns * EMPTY_CELL_CHARS <= MAX_TABLE_CHARS) return;
  throw new ConvertError('too_large', 'The table has more cells than the limit allows.');
}

/**
 * Renders rows of plain text as one table; the first row is its head.
 *
 * @returns the table without a final line break, or `''` if there is no cell at all
 */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  return tableText(rows.map((row) => row.map(tableCell)));
}

/** Joins rows whose cells are Markdown already; short rows are padded. */
export function tableText(rows: readonly (readonly string[])[]): string {
  const width = rows.reduce((widest, row) => Math.max(widest, row.length), 0);
  const [head, ...body] = rows;
  if (!head || width === 0) return '';
  checkTableSize(rows.length, width);
  const lines = [tableLine(head, width), `|${' --- |'.repeat(width)}`];
  for (const row of body) lines.push(tableLine(row, width));
  return lines.join('\n');
}

function tableLine(row: readonly string[], width: number): string {
  let line = '|';
  for (let column = 0; column < width; column += 1) line += ` ${row[column] ?? ''} |`;
  return line;
}

/** What ends a cell, starts HTML, code, emphasis or a link; `_` inside a word starts nothing. */
const SPECIAL = /[\\|`*<]|\](?=\()|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g;

function tableCell(text: string): string {
  const lines = text
    .trim()
    .replace(SPECIAL, '\\$&')
    .split(/\r\n|\r|\n/);
  return lines.map((line) => line.trim()).join('<br>');
}
