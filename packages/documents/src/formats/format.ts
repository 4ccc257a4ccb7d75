/**
 * The document formats and the file names they usually carry.
 *
 * @module
 */
import { extname } from 'node:path';

export const FORMATS = [
  'pdf',
  'docx',
  'xlsx',
  'xls',
  'ods',
  'pptx',
  'epub',
  'html',
  'csv',
  'tsv',
  'markdown',
  'json',
  'text',
] as const;

export type Format = (typeof FORMATS)[number];

const EXTENSIONS: Readonly<Record<string, Format>> = {
  '.pdf': 'pdf',
  '.docx': 'docx',
  '.docm': 'docx',
  '.xlsx': 'xlsx',
  '.xlsm': 'xlsx',
  '.xls': 'xls',
  '.ods': 'ods',
  '.pptx': 'pptx',
  '.pptm': 'pptx',
  '.epub': 'epub',
  '.html': 'html',
  '.htm': 'html',
  '.xhtml': 'html',
  '.csv': 'csv',
  '.tsv': 'tsv',
  '.tab': 'tsv',
  '.md': 'markdown',
  '.markdown': 'markdown',
  '.json': 'json',
  '.txt': 'text',
  '.text': 'text',
  '.log': 'text',
};

/** The format a file name promises; a name without an extension promises text. */
export function formatOfName(name: string): Format | undefined {
  const extension = extname(name).toLowerCase();
  if (extension === '') return 'text';
  return Object.hasOwn(EXTENSIONS, extension) ? EXTENSIONS[extension] : undefined;
}
