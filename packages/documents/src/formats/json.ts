/**
 * JSON: a table where it is one, otherwise the data itself in a code block.
 *
 * @module
 */
import { ConvertError } from '../base/convert-error.ts';
import { codeBlock } from '../markdown/code-block.ts';
import { checkTableSize, markdownTable } from '../markdown/markdown-table.ts';
import type { Conversion, Source } from './converter.ts';
import { decodeText } from './decode-text.ts';

type Cell = string | number | boolean | null;
type Row = Readonly<Record<string, Cell>>;

/** Numbers this long change when they pass through a double. */
const LONG_NUMBER = /\d{16}/;
const MAX_COLUMNS = 24;

/** Converts a JSON text; an array of flat objects becomes a table. */
export function convertJson(source: Source): Conversion {
  const text = decodeText(source.bytes).trim();
  const value = parseJson(text);
  const isExact = !LONG_NUMBER.test(text);
  if (isExact && isTable(value)) return { markdown: `${tableOf(value)}\n` };
  const isLaidOut = text.includes('\n');
  const shown = isLaidOut || !isExact ? text : JSON.stringify(value, null, 2);
  return { markdown: `${codeBlock(shown, 'json')}\n` };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ConvertError('corrupt', 'The file is not valid JSON.', { cause });
  }
}

function isTable(value: unknown): value is Row[] {
  return Array.isArray(value) && value.length > 0 && value.every(isRow);
}

function isRow(value: unknown): value is Row {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return false;
  const cells = Object.values(value);
  return (
    cells.length > 0 &&
    cells.length <= MAX_COLUMNS &&
    cells.every((cell) => cell === null || typeof cell !== 'object')
  );
}

function tableOf(rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  checkTableSize(rows.length, columns.length);
  const body = rows.map((row) =>
    columns.map((column) => (Object.hasOwn(row, column) ? String(row[column] ?? '') : '')),
  );
  return markdownTable([columns, ...body]);
}
