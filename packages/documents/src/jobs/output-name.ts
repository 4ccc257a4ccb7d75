/**
 * Where the Markdown of a document goes, relative to the output folder.
 *
 * @module
 */
import { createHash } from 'node:crypto';

/** NAME_MAX on the usual file systems. */
const MAX_NAME_BYTES = 255;
const HASH_CHARS = 8;

/**
 * Appends `.md` to the whole file name, so `report.pdf` and `report.docx` stay
 * apart; sub-folders are mirrored.
 */
export function outputName(path: string): string {
  const slash = path.lastIndexOf('/') + 1;
  return path.slice(0, slash) + fitName(path.slice(slash));
}

function fitName(name: string): string {
  if (Buffer.byteLength(name) + 3 <= MAX_NAME_BYTES) return `${name}.md`;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, HASH_CHARS);
  const room = MAX_NAME_BYTES - `~${hash}.md`.length;
  let short = name;
  while (Buffer.byteLength(short) > room) short = short.slice(0, -1);
  return `${short}~${hash}.md`;
}
