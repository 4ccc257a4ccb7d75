/**
 * One document, whatever its format. Runs inside the conversion process.
 *
 * @module
 */
import { ConvertError } from '../base/convert-error.ts';
import type { Conversion, Converter, Source } from './converter.ts';
import { detectFormat } from './detect-format.ts';
import type { Format } from './format.ts';

/** Libraries are loaded when the first document of their kind arrives. */
const CONVERTERS: Readonly<Record<Format, () => Promise<Converter>>> = {
  pdf: async () => (await import('./pdf.ts')).convertPdf,
  docx: async () => (await import('./docx.ts')).convertDocx,
  xlsx: async () => (await import('./spreadsheet.ts')).convertSpreadsheet,
  xls: async () => (await import('./spreadsheet.ts')).convertSpreadsheet,
  ods: async () => (await import('./spreadsheet.ts')).convertSpreadsheet,
  pptx: async () => (await import('./pptx.ts')).convertPptx,
  epub: async () => (await import('./epub.ts')).convertEpub,
  html: async () => (await import('./html.ts')).convertHtml,
  csv: async () => (await import('./csv.ts')).convertCsv,
  tsv: async () => (await import('./csv.ts')).convertCsv,
  markdown: async () => (await import('./markdown.ts')).convertMarkdown,
  json: async () => (await import('./json.ts')).convertJson,
  text: async () => (await import('./text.ts')).convertText,
};

export interface FormattedConversion extends Conversion {
  readonly format: Format;
}

/** A failure that happened after the format was known. */
export class FormatFailure extends Error {
  readonly format: Format;
  readonly failure: ConvertError;

  constructor(format: Format, failure: ConvertError) {
    super(failure.message, { cause: failure });
    this.name = 'FormatFailure';
    this.format = format;
    this.failure = failure;
  }
}

/**
 * Detects the format and converts.
 *
 * @throws {ConvertError} if the format cannot be decided
 * @throws {FormatFailure} if the document of a known format cannot be converted
 */
export async function convertDocument(source: Source): Promise<FormattedConversion> {
  const format = detectFormat(source.bytes, source.name, source.limits);
  try {
    const convert = await CONVERTERS[format]();
    const conversion = await convert(source, format);
    if (Buffer.byteLength(conversion.markdown) > source.limits.maxMarkdownBytes) {
      throw new ConvertError('too_large', 'The Markdown would be larger than the limit allows.');
    }
    return { ...conversion, format };
  } catch (cause) {
    throw new FormatFailure(format, classify(cause));
  }
}

/** What a parser throws says nothing a client should read; only its kind matters. */
function classify(cause: unknown): ConvertError {
  if (cause instanceof ConvertError) return cause;
  if (cause instanceof RangeError && /call stack/i.test(cause.message)) {
    return new ConvertError('too_large', 'The document is nested too deeply.', { cause });
  }
  if (cause instanceof RangeError && /allocation failed|string length/i.test(cause.message)) {
    return new ConvertError('out_of_memory', undefined, { cause });
  }
  return new ConvertError('corrupt', undefined, { cause });
}
