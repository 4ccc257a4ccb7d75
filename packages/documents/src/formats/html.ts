/**
 * HTML pages.
 *
 * @module
 */
import iconv from 'iconv-lite';
import { htmlToBlocks } from '../markdown/html-to-blocks.ts';
import { stringifyMarkdown } from '../markdown/stringify-markdown.ts';
import type { Conversion, Source } from './converter.ts';
import { decodeText } from './decode-text.ts';

/** https://html.spec.whatwg.org/#prescan-a-byte-stream-to-determine-its-encoding */
const PRESCAN_BYTES = 1024;
const DECLARED_CHARSET = /<meta[^>]{0,200}?charset\s*=\s*["']?([A-Za-z0-9_:.-]{1,40})/i;

/** Converts a page; its own `charset` is honoured. */
export async function convertHtml(source: Source): Promise<Conversion> {
  return { markdown: stringifyMarkdown(await htmlToBlocks(decodeHtml(source.bytes))) };
}

function decodeHtml(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const declared = DECLARED_CHARSET.exec(buffer.toString('latin1', 0, PRESCAN_BYTES))?.[1];
  // A page that declares a single-byte set may still be guessed wrong from so few letters.
  if (declared && !/^utf/i.test(declared) && iconv.encodingExists(declared)) {
    return iconv.decode(buffer, /^iso-?8859-1$/i.test(declared) ? 'windows-1252' : declared);
  }
  return decodeText(bytes);
}
