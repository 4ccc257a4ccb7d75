/**
 * Rebuilds an office archive so that a library only sees what was checked.
 *
 * The libraries for DOCX and XLSX bring their own zip readers, which know no
 * limits and might read the directory differently from ours. They are handed a
 * fresh archive instead: inflated within bounds, stored, without media.
 *
 * @module
 */
import { zipSync } from 'fflate';
import { ConvertError } from '../base/convert-error.ts';
import type { Limits } from '../base/limits.ts';
import { hasDoctype } from './xml-doctype.ts';
import { openZip } from './zip-archive.ts';

const XML_PART = /\.(xml|rels|vml)$/i;
/** Parts whose text ends up in the Markdown; media, fonts and macros do not. */
const TEXT_PART = /(^mimetype|\.(xml|rels|bin))$/i;
const MACROS = /vbaProject\.bin$/i;

/**
 * Returns a stored copy of the text-bearing parts of an office document.
 *
 * @throws {ConvertError} if the archive breaks a limit or an XML part declares a DTD
 */
export function repackOffice(bytes: Uint8Array, limits: Limits): Buffer {
  const archive = openZip(bytes, limits);
  const parts: Record<string, Uint8Array> = Object.create(null);
  for (const name of archive.names) {
    if (!TEXT_PART.test(name) || MACROS.test(name)) continue;
    const part = archive.read(name);
    if (XML_PART.test(name) && hasDoctype(part)) {
      throw new ConvertError('corrupt', 'The document declares an XML DTD, which is not allowed.');
    }
    parts[name] = part;
  }
  const stored = zipSync(parts, { level: 0 });
  return Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
}
