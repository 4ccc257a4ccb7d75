/**
 * Reads the directory of a zip archive and refuses the ones made to harm.
 *
 * Everything is decided before a byte is inflated: entry count, declared size,
 * ratio, overlapping entries, names that leave the archive. Zip64 is refused:
 * no document below the input limit needs it. Archives inside the archive are
 * never opened, so nesting cannot multiply.
 *
 * @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT sections 4.3.7, 4.3.12, 4.3.16
 * @module
 */
import { ConvertError } from '../base/convert-error.ts';
import type { Limits } from '../base/limits.ts';

const END_SIGNATURE = 0x06054b50;
const CENTRAL_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;
const END_BYTES = 22;
const CENTRAL_BYTES = 46;
const LOCAL_BYTES = 30;
const MAX_COMMENT_BYTES = 0xffff;
/** Small entries may compress as well as they like; they cannot hurt. */
const RATIO_FREE_BYTES = 1024 * 1024;

/** One file in the archive, as its directory declares it. */
export interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly crc: number;
  readonly compressedBytes: number;
  readonly bytes: number;
  /** Where the compressed data starts in the archive. */
  readonly dataOffset: number;
}

/**
 * Lists the files of an archive; folders are left out.
 *
 * @throws {ConvertError} `corrupt`, `too_large`, `password_protected` or `unsupported`
 */
export function readZipDirectory(zip: Buffer, limits: Limits): ZipEntry[] {
  const end = findEnd(zip);
  const count = zip.readUInt16LE(end + 10);
  const start = zip.readUInt32LE(end + 16);
  if (count === 0xffff || start === 0xffffffff) {
    throw new ConvertError('unsupported', 'The archive uses zip64, which documents do not need.');
  }
  if (count > limits.maxArchiveEntries) {
    throw new ConvertError('too_large', 'The archive holds too many entries.');
  }
  const entries: ZipEntry[] = [];
  let offset = start;
  for (let index = 0; index < count; index += 1) {
    if (offset + CENTRAL_BYTES > end || zip.readUInt32LE(offset) !== CENTRAL_SIGNATURE) {
      throw new ConvertError('corrupt', 'The archive directory is damaged.');
    }
    const nameBytes = zip.readUInt16LE(offset + 28);
    const entry = readEntry(zip, offset, nameBytes);
    if (!entry.name.endsWith('/')) entries.push(entry);
    offset +=
      CENTRAL_BYTES + nameBytes + zip.readUInt16LE(offset + 30) + zip.readUInt16LE(offset + 32);
  }
  checkBudget(entries, limits);
  checkLayout(entries);
  return entries;
}

function findEnd(zip: Buffer): number {
  const lowest = Math.max(0, zip.length - END_BYTES - MAX_COMMENT_BYTES);
  for (let offset = zip.length - END_BYTES; offset >= lowest; offset -= 1) {
    if (zip.readUInt32LE(offset) === END_SIGNATURE) return offset;
  }
  throw new ConvertError('corrupt', 'The archive is cut short: its directory is missing.');
}

function readEntry(zip: Buffer, offset: number, nameBytes: number): ZipEntry {
  if ((zip.readUInt16LE(offset + 8) & 1) === 1) throw new ConvertError('password_protected');
  const nameStart = offset + CENTRAL_BYTES;
  const name = zip.toString('utf8', nameStart, nameStart + nameBytes);
  if (!isSafeEntryName(name)) {
    throw new ConvertError('corrupt', 'The archive holds an entry whose name leaves the archive.');
  }
  const compressedBytes = zip.readUInt32LE(offset + 20);
  const local = zip.readUInt32LE(offset + 42);
  if (local + LOCAL_BYTES > zip.length || zip.readUInt32LE(local) !== LOCAL_SIGNATURE) {
    throw new ConvertError('corrupt', 'The archive directory points outside the archive.');
  }
  const dataOffset =
    local + LOCAL_BYTES + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
  if (dataOffset + compressedBytes > zip.length) {
    throw new ConvertError('corrupt', 'The archive is cut short.');
  }
  return {
    name,
    method: zip.readUInt16LE(offset + 10),
    crc: zip.readUInt32LE(offset + 16),
    compressedBytes,
    bytes: zip.readUInt32LE(offset + 24),
    dataOffset,
  };
}

/** Nothing is ever unpacked to disk; a name like this only serves an attack on whoever does. */
function isSafeEntryName(name: string): boolean {
  if (name === '' || /^[/\\]|^[A-Za-z]:|[\\\0]/.test(name)) return false;
  return !name.split('/').includes('..');
}

function checkBudget(entries: readonly ZipEntry[], limits: Limits): void {
  let total = 0;
  for (const entry of entries) {
    total += entry.bytes;
    const ratio = entry.bytes / Math.max(1, entry.compressedBytes);
    if (entry.bytes > RATIO_FREE_BYTES && ratio > limits.maxInflateRatio) {
      throw new ConvertError('too_large', 'The archive inflates too much: it may be a zip bomb.');
    }
  }
  if (total > limits.maxInflatedBytes) {
    throw new ConvertError('too_large', 'The archive inflates beyond the limit.');
  }
}

/** Refuses entries that share bytes (the trick behind overlapping bombs) or a name. */
function checkLayout(entries: readonly ZipEntry[]): void {
  const names = new Set<string>();
  let previousEnd = 0;
  for (const entry of entries.toSorted((left, right) => left.dataOffset - right.dataOffset)) {
    if (names.has(entry.name)) {
      throw new ConvertError('corrupt', 'The archive holds two entries of the same name.');
    }
    if (entry.dataOffset < previousEnd) {
      throw new ConvertError('corrupt', 'The archive holds entries that overlap.');
    }
    names.add(entry.name);
    previousEnd = entry.dataOffset + entry.compressedBytes;
  }
}
