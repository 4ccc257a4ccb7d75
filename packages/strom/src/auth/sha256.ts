import { createHash } from 'node:crypto';

/** Copied for each text: that spares the library the look-up of the algorithm. */
const begun = createHash('sha256');

/** SHA-256 of a text as it stands in a header, a byte for a character; in lower-case hex. */
export function sha256(text: string): string {
  return begun.copy().update(text, 'latin1').digest('hex');
}
