/**
 * Workbooks (XLSX, XLS, ODS): one heading and one table per sheet.
 *
 * @module
 */
import { type CellObject, read, type WorkBook } from '@e965/xlsx';
import { repackOffice } from '../archive/repack-office.ts';
import { ConvertError } from '../base/convert-error.ts';
import type { Limits } from '../base/limits.ts';
import { markdownTable } from '../markdown/markdown-table.ts';
import type { Conversion, Source } from './converter.ts';
import type { Format } from './format.ts';

type DenseRows = readonly (readonly (CellObject | undefined)[] | undefined)[];

/** Converts a workbook; numbers and dates appear as the workbook formats them. */
export async function convertSpreadsheet(source: Source, format: Format): Promise<Conversion> {
  const workbook = readWorkbook(source, format);
  const total = workbook.SheetNames.length;
  if (total > source.limits.maxPages) {
    throw new ConvertError('too_large', 'The workbook has more sheets than the limit allows.');
  }
  const sections: string[] = [];
  for (const [index, name] of workbook.SheetNames.entries()) {
    const rows = (workbook.Sheets[name]?.['!data'] ?? []) as DenseRows;
    const table = markdownTable(dropEmpty(textRows(rows, source.limits)));
    sections.push(
      `## ${name.replace(/[\\#*_`<]/g, '\\$&')}\n\n${table || '_This sheet is empty._'}`,
    );
    await source.onPage(index + 1, total);
  }
  return { markdown: `${sections.join('\n\n')}\n`, pages: total };
}

function readWorkbook(source: Source, format: Format): WorkBook {
  const bytes = format === 'xls' ? source.bytes : repackOffice(source.bytes, source.limits);
  try {
    // Dense rows: a sheet may claim a billion cells, only those that exist are visited.
    return read(bytes, { type: 'buffer', dense: true, cellFormula: false, cellHTML: false });
  } catch (cause) {
    // The library has no error codes, so its wording is all there is to go by.
    if (cause instanceof Error && /password/i.test(cause.message)) {
      throw new ConvertError('password_protected');
    }
    throw cause;
  }
}

function textRows(rows: DenseRows, limits: Limits): string[][] {
  const texts: string[][] = [];
  let cells = 0;
  // forEach skips the holes of a sparse array; a for loop would count through them.
  rows.forEach((row) => {
    if (!row) return;
    cells += row.length;
    if (cells > limits.maxCells) {
      throw new ConvertError('too_large', 'The workbook has more cells than the limit allows.');
    }
    texts.push(Array.from(row, cellText));
  });
  return texts;
}

function cellText(cell: CellObject | undefined): string {
  if (cell?.v === undefined || cell.v === null) return '';
  return cell.w ?? String(cell.v);
}

/** Leaves out rows and columns without any text, such as margins. */
function dropEmpty(rows: readonly string[][]): string[][] {
  const filled = rows.filter((row) => row.some((text) => text.trim() !== ''));
  const used = new Set<number>();
  for (const row of filled) {
    for (const [column, text] of row.entries()) if (text.trim() !== '') used.add(column);
  }
  return filled.map((row) => row.filter((_, column) => used.has(column)));
}
