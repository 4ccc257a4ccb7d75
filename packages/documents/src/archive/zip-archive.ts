/**
 * One zip archive in memory, read entry by entry within its declared sizes.
 *
 * @module
 */
import { crc32, inflateRawSync } from 'node:zlib';
import { ConvertError } from '../base/convert-error.ts';
import type { Limits } from '../base/limits.ts';
import { readZipDirectory, type ZipEntry } from './zip-directory.ts';

const STORED = 0;
const DEFLATED = 8;

export interface ZipArchive {
  /** Entry names in directory order. */
  readonly names: readonly string[];
  has(name: string): boolean;
  /**
   * Inflates one entry; never more than the directory declared.
   *
   * @throws {ConvertError} `corrupt` if the entry is missing, damaged or lies about its size
   */
  read(name: string): Buffer;
}

/**
 * Opens an archive after checking its directory against the limits.
 *
 * @throws {ConvertError} see {@link readZipDirectory}
 */
export function openZip(bytes: Uint8Array, limits: Limits): ZipArchive {
  const zip = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries = new Map(readZipDirectory(zip, limits).map((entry) => [entry.name, entry]));
  return {
    names: [...entries.keys()],
    has: (name) => entries.has(name),
    read(name) {
      const entry = entries.get(name);
      if (!entry) throw new ConvertError('corrupt', 'A part of the document is missing.');
      return inflateEntry(zip, entry);
    },
  };
}

function inflateEntry(zip: Buffer, entry: ZipEntry): Buffer {
  const data = zip.subarray(entry.dataOffset, entry.dataOffset + entry.compressedBytes);
  const bytes = decompress(data, entry);
  // The bound above was checked against the declared size, so a lie must not pass.
  if (bytes.length !== entry.bytes || crc32(bytes) !== entry.crc) {
    throw new ConvertError('corrupt', 'A part of the archive does not match its checksum.');
  }
  return bytes;
}

function decompress(data: Buffer, entry: ZipEntry): Buffer {
  if (entry.method === STORED) return data;
  if (entry.method !== DEFLATED) {
    throw new ConvertError('unsupported', 'The archive uses a compression that is not supported.');
  }
  try {
    return inflateRawSync(data, { maxOutputLength: Math.max(1, entry.bytes) });
  } catch (cause) {
    throw new ConvertError('corrupt', 'A part of the archive cannot be inflated.', { cause });
  }
}
