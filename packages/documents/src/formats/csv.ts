/**
 * CSV, TSV and their many cousins, as one Markdown table.
 *
 * @module
 */
import { parse } from 'csv-parse/sync';
import { ConvertError } from '../base/convert-error.ts';
import { markdownTable } from '../markdown/markdown-table.ts';
import type { Conversion, Source } from './converter.ts';
import { decodeText } from './decode-text.ts';
import type { Format } from './format.ts';

const DELIMITERS = [',', ';', '\t', '|'] as const;
const SAMPLE_RECORDS = 50;
const PARSER_OPTIONS = {
  relax_column_count: true,
  relax_quotes: true,
  skip_empty_lines: true,
  trim: true,
} as const;

/** Converts delimited text; the first record becomes the head of the table. */
export function convertCsv(source: Source, format: Format): Conversion {
  const text = decodeText(source.bytes);
  const delimiter = format === 'tsv' ? '\t' : detectDelimiter(text);
  const records = parseRecords(text, delimiter);
  const cells = records.reduce((sum, record) => sum + record.length, 0);
  if (cells > source.limits.maxCells) {
    throw new ConvertError('too_large', 'The table has more cells than the limit allows.');
  }
  return { markdown: `${markdownTable(records)}\n` };
}

/**
 * Chooses the delimiter that cuts the first records into equally many fields.
 *
 * A comma inside German decimals splits rows unevenly, so consistency decides
 * before the number of fields does.
 */
export function detectDelimiter(text: string): string {
  let best = ',';
  let bestScore = 0;
  for (const delimiter of DELIMITERS) {
    const score = scoreDelimiter(text, delimiter);
    if (score > bestScore) {
      best = delimiter;
      bestScore = score;
    }
  }
  return best;
}

function scoreDelimiter(text: string, delimiter: string): number {
  const widths = parseSample(text, delimiter).map((record) => record.length);
  const counts = new Map<number, number>();
  for (const width of widths) counts.set(width, (counts.get(width) ?? 0) + 1);
  let usual = 0;
  let votes = 0;
  for (const [width, count] of counts) {
    if (width > 1 && count > votes) {
      usual = width;
      votes = count;
    }
  }
  return widths.length === 0 ? 0 : (votes / widths.length) * 1000 + Math.min(usual, 100);
}

function parseSample(text: string, delimiter: string): string[][] {
  try {
    return parse(text, { ...PARSER_OPTIONS, delimiter, to: SAMPLE_RECORDS });
  } catch {
    // This delimiter does not even parse: it scores nothing and another one wins.
    return [];
  }
}

function parseRecords(text: string, delimiter: string): string[][] {
  try {
    return parse(text, { ...PARSER_OPTIONS, delimiter });
  } catch (cause) {
    throw new ConvertError('corrupt', 'The table has a quote that is never closed.', { cause });
  }
}
