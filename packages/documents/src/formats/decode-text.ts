/**
 * Bytes to text when nobody says which encoding they are in.
 *
 * Order: byte order mark, then UTF-8 if the bytes are valid UTF-8 (nothing else
 * is by accident), then a statistical guess.
 *
 * @module
 */
import { analyse } from 'chardet';
import iconv from 'iconv-lite';

/** Guessing needs a sample, not the file. */
const SAMPLE_BYTES = 64 * 1024;
/** Below this confidence a guess is worse than the commonest legacy encoding. */
const MIN_CONFIDENCE = 40;
const FALLBACK = 'windows-1252';

/** Decodes text and brings line breaks to `\n`; never throws on bad bytes. */
export function decodeText(bytes: Uint8Array): string {
  return decodeBytes(bytes).replace(/\r\n?/g, '\n');
}

function decodeBytes(bytes: Uint8Array): string {
  const mark = encodingOfMark(bytes);
  if (mark !== undefined) return new TextDecoder(mark).decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // Not UTF-8: the guess below decides.
    return iconv.decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), guess(bytes));
  }
}

function encodingOfMark(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return undefined;
}

function guess(bytes: Uint8Array): string {
  const [best] = analyse(bytes.subarray(0, SAMPLE_BYTES));
  if (!best || best.confidence < MIN_CONFIDENCE || !iconv.encodingExists(best.name)) {
    return FALLBACK;
  }
  // Browsers read Latin-1 as its superset too: https://encoding.spec.whatwg.org/#names-and-labels
  return best.name === 'ISO-8859-1' || best.name === 'UTF-8' ? FALLBACK : best.name;
}
