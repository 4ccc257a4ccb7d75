/**
 * Text from elsewhere, made safe and small enough for a terminal.
 *
 * What a server sends may hold escape sequences that move the cursor, change the clipboard or hide
 * what stands before them. Nothing of it reaches a terminal unless it went through here.
 *
 * @module
 */
import { stripVTControlCharacters } from 'node:util';
import { eastAsianWidth } from 'get-east-asian-width';

/** C0 and C1 except tab and line feed, and the marks that reorder text. */
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Text that can be shown as it is: no escape sequence, no control character but tab and newline. */
export function plainText(text: string): string {
  return stripVTControlCharacters(text).replace(/\r\n?/g, '\n').replace(UNSAFE, '');
}

/** What JSON leaves as it is, and a terminal may act on. */
const UNSAFE_IN_JSON = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** JSON that says the same, and that a terminal shows as it is. */
export function plainJson(json: string): string {
  return json.replace(
    UNSAFE_IN_JSON,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** {@link plainText} on one line. */
export function plainLine(text: string): string {
  return plainText(text).replace(/\s+/g, ' ').trim();
}

const GRAPHEMES = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Asks for the picture of a character that is text by default; pictures are wide. */
const AS_PICTURE = '\ufe0f';

function graphemeWidth(grapheme: string): number {
  if (grapheme.includes(AS_PICTURE)) return 2;
  return eastAsianWidth(grapheme.codePointAt(0) ?? 0);
}

/** The columns a plain line takes in a terminal. */
export function widthOf(line: string): number {
  let width = 0;
  for (const { segment } of GRAPHEMES.segment(line)) width += graphemeWidth(segment);
  return width;
}

/** A plain line, cut to at most `columns` columns; an ellipsis says that something is missing. */
export function fitLine(line: string, columns: number): string {
  if (columns <= 0) return '';
  let width = 0;
  let fitting = '';
  for (const { segment } of GRAPHEMES.segment(line)) {
    width += graphemeWidth(segment);
    if (width > columns) return `${fitting}…`;
    // The last column stays free as long as an ellipsis may have to go there.
    if (width < columns) fitting += segment;
  }
  return line;
}
