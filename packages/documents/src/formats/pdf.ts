/**
 * PDF: PDF.js reads positions and sizes, our own heuristics find the structure.
 *
 * @module
 */
import { getDocumentProxy } from 'unpdf';
import { ConvertError } from '../base/convert-error.ts';
import { stringifyMarkdown } from '../markdown/stringify-markdown.ts';
import { linesToBlocks } from '../pdf/pdf-blocks.ts';
import { dropFurniture } from '../pdf/pdf-furniture.ts';
import { type PdfLine, type PdfPiece, piecesToLines } from '../pdf/pdf-lines.ts';
import type { Conversion, Source } from './converter.ts';

type PdfDocument = Awaited<ReturnType<typeof getDocumentProxy>>;

/** Nothing is fetched, run or drawn; errors are thrown, not printed. */
const OPTIONS = {
  isEvalSupported: false,
  disableFontFace: true,
  useSystemFonts: false,
  useWorkerFetch: false,
  stopAtErrors: false,
  enableXfa: false,
  verbosity: 0,
} as const;

/** Converts a PDF page by page; every finished page is reported. */
export async function convertPdf(source: Source): Promise<Conversion> {
  const document = await openPdf(source.bytes);
  const total = document.numPages;
  if (total > source.limits.maxPages) {
    throw new ConvertError('too_large', 'The PDF has more pages than the limit allows.');
  }
  const pages: PdfLine[][] = [];
  for (let number = 1; number <= total; number += 1) {
    pages.push(piecesToLines(await readPage(document, number), number));
    await source.onPage(number, total);
  }
  const lines = dropFurniture(pages).flat();
  if (lines.length === 0) throw new ConvertError('no_text');
  return { markdown: stringifyMarkdown(linesToBlocks(lines)), pages: total };
}

async function openPdf(bytes: Uint8Array): Promise<PdfDocument> {
  try {
    // PDF.js takes the buffer over, so it gets its own copy of the view.
    return await getDocumentProxy(Uint8Array.from(bytes), OPTIONS);
  } catch (cause) {
    const name = cause instanceof Error ? cause.name : '';
    if (name === 'PasswordException') throw new ConvertError('password_protected');
    throw new ConvertError('corrupt', 'The PDF is damaged or cut short.', { cause });
  }
}

async function readPage(document: PdfDocument, number: number): Promise<PdfPiece[]> {
  const page = await document.getPage(number);
  const content = await page.getTextContent();
  const pieces: PdfPiece[] = [];
  for (const item of content.items) {
    if (!('str' in item)) continue;
    const [, , c = 0, d = 0, x = 0, y = 0] = item.transform as number[];
    pieces.push({ text: item.str, x, y, width: item.width, size: Math.hypot(c, d) || item.height });
  }
  page.cleanup();
  return pieces;
}
