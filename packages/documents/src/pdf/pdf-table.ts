/**
 * Finds tables in lines of cells.
 *
 * Columns are the gaps that stay empty in every row, so left, right and centred
 * columns are found alike.
 *
 * @module
 */
import type { PdfLine } from './pdf-lines.ts';

interface Column {
  left: number;
  right: number;
}

const MIN_ROWS = 2;
/** More rows than a page can hold; a bound on the work one page can cause. */
const MAX_LINES = 500;
/** A row this far below the last one, in parts of its size, starts something new. */
const MAX_ROW_DISTANCE = 4;
const WRAP_DISTANCE = 1.6;

/** Where the lines that might form a table with line `start` end. */
export function endOfRun(lines: readonly PdfLine[], start: number): number {
  let end = start;
  let previous: PdfLine | undefined;
  while (end - start < MAX_LINES) {
    const line = lines[end];
    if (!line || (previous ? !belongs(previous, line) : line.cells.length < 2)) break;
    previous = line;
    end += 1;
  }
  while (end > start && (lines[end - 1]?.cells.length ?? 0) < 2 && !wraps(lines, end - 1)) end -= 1;
  return end;
}

/** The rows of a run of lines, if it is a table. */
export function tableOf(run: readonly PdfLine[]): string[][] | undefined {
  const full = run.filter((line) => line.cells.length > 1);
  if (full.length < MIN_ROWS) return undefined;
  const columns = columnsOf(full);
  const widest = full.reduce((most, line) => Math.max(most, line.cells.length), 0);
  // Cells that merge two columns of another row: prose in columns, not a table.
  if (columns.length < 2 || columns.length !== widest) return undefined;
  return rowsOf(run, columns);
}

function belongs(previous: PdfLine, line: PdfLine): boolean {
  const distance = (previous.y - line.y) / line.size;
  if (previous.page !== line.page || distance <= 0 || distance > MAX_ROW_DISTANCE) return false;
  return line.cells.length > 1 || isWrapped(previous, line);
}

function wraps(lines: readonly PdfLine[], index: number): boolean {
  const [previous, line] = [lines[index - 1], lines[index]];
  return previous !== undefined && line !== undefined && isWrapped(previous, line);
}

/** A single cell close below a row and right of its first column goes on in that row. */
function isWrapped(previous: PdfLine, line: PdfLine): boolean {
  const [only] = line.cells;
  const [first] = previous.cells;
  if (!only || !first || line.cells.length !== 1 || previous.cells.length < 2) return false;
  return (previous.y - line.y) / line.size <= WRAP_DISTANCE && only.left > first.right;
}

function columnsOf(rows: readonly PdfLine[]): Column[] {
  const spans = rows
    .flatMap((row) => row.cells)
    .map(({ left, right }) => ({ left, right }))
    .toSorted((one, other) => one.left - other.left);
  const columns: Column[] = [];
  for (const span of spans) {
    const column = columns.at(-1);
    if (column && span.left <= column.right) column.right = Math.max(column.right, span.right);
    else columns.push(span);
  }
  return columns;
}

function rowsOf(run: readonly PdfLine[], columns: readonly Column[]): string[][] {
  const rows: string[][] = [];
  for (const line of run) {
    const previous = rows.at(-1);
    const row = previous && line.cells.length === 1 ? previous : columns.map(() => '');
    if (row !== previous) rows.push(row);
    for (const cell of line.cells) {
      const column = columns.findIndex(
        ({ left, right }) => cell.left <= right && cell.right >= left,
      );
      if (column >= 0) row[column] = `${row[column] ?? ''} ${cell.text.trim()}`.trim();
    }
  }
  return rows;
}
