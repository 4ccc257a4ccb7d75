/**
 * Decides what a file is by its bytes; the name only chooses between text formats.
 *
 * @module
 */
import { openZip, type ZipArchive } from '../archive/zip-archive.ts';
import { ConvertError } from '../base/convert-error.ts';
import type { Limits } from '../base/limits.ts';
import { type Format, formatOfName } from './format.ts';

const TEXT_FORMATS: ReadonlySet<Format> = new Set([
  'html',
  'csv',
  'tsv',
  'markdown',
  'json',
  'text',
]);
/** ISO 32000-1, implementation note 13: readers accept the header within the first 1024 bytes. */
const PDF_HEADER_BYTES = 1024;
const SNIFF_BYTES = 8 * 1024;
/** A zip archive, and a zip archive without entries. */
const ARCHIVES = [Buffer.from([0x50, 0x4b, 0x03, 0x04]), Buffer.from([0x50, 0x4b, 0x05, 0x06])];
const COMPOUND_FILE = Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);

/**
 * Names the format of a document.
 *
 * A binary document under the wrong name is typed by its bytes. A name that
 * promises a binary format the bytes do not hold is `corrupt`.
 *
 * @throws {ConvertError} `empty`, `unsupported`, `corrupt`, `password_protected` or `too_large`
 */
export function detectFormat(bytes: Uint8Array, name: string, limits: Limits): Format {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length === 0) throw new ConvertError('empty');
  const binary = binaryFormat(buffer, limits);
  if (binary) return binary;
  const promised = formatOfName(name);
  if (!promised) throw new ConvertError('unsupported');
  if (!TEXT_FORMATS.has(promised)) {
    throw new ConvertError('corrupt', `The file is named like ${promised} but does not hold it.`);
  }
  if (!looksLikeText(buffer)) {
    throw new ConvertError('unsupported', 'The file holds binary data, not text.');
  }
  return promised;
}

function binaryFormat(buffer: Buffer, limits: Limits): Format | undefined {
  const startsWith = (magic: Buffer): boolean => buffer.subarray(0, magic.length).equals(magic);
  if (ARCHIVES.some(startsWith)) return archiveFormat(openZip(buffer, limits));
  if (startsWith(COMPOUND_FILE)) return compoundFormat(buffer);
  if (buffer.subarray(0, PDF_HEADER_BYTES).includes('%PDF-')) return 'pdf';
  return undefined;
}

function archiveFormat(archive: ZipArchive): Format {
  if (archive.has('[Content_Types].xml')) {
    if (archive.has('word/document.xml')) return 'docx';
    if (archive.has('xl/workbook.xml') || archive.has('xl/workbook.bin')) return 'xlsx';
    if (archive.has('ppt/presentation.xml')) return 'pptx';
  }
  const type = archive.has('mimetype') ? archive.read('mimetype').toString('latin1').trim() : '';
  if (type === 'application/epub+zip') return 'epub';
  if (type === 'application/vnd.oasis.opendocument.spreadsheet') return 'ods';
  throw new ConvertError('unsupported', 'The archive is not a document of a supported kind.');
}

/** Old Office files and encrypted new ones share one container, told apart by stream names. */
function compoundFormat(buffer: Buffer): Format {
  const holds = (stream: string): boolean => buffer.includes(Buffer.from(stream, 'utf16le'));
  if (holds('EncryptedPackage')) throw new ConvertError('password_protected');
  if (holds('Workbook') || holds('Book')) return 'xls';
  throw new ConvertError('unsupported');
}

function looksLikeText(buffer: Buffer): boolean {
  const sample = buffer.subarray(0, SNIFF_BYTES);
  const isUtf16 = sample.length >= 2 && [0xfeff, 0xfffe].includes(sample.readUInt16BE(0));
  if (isUtf16) return true;
  for (const byte of sample) {
    const isControl =
      byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0c && byte !== 0x0d;
    if (isControl && byte !== 0x1b) return false;
  }
  return true;
}
