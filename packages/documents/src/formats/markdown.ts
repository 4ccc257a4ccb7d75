/**
 * Markdown stays as it is, in UTF-8 and with one kind of line break.
 *
 * @module
 */
import type { Conversion, Source } from './converter.ts';
import { decodeText } from './decode-text.ts';

/** Passes Markdown through. */
export function convertMarkdown(source: Source): Conversion {
  return { markdown: `${decodeText(source.bytes).trimEnd()}\n` };
}
