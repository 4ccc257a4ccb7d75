/**
 * Escapes in the strings of JSON, for readers of texts that come in parts.
 *
 * @module
 */

/** The longest escape: a backslash, u and four digits. */
const ESCAPE_CHARS = 6;

/** Whether the character before a place escapes the one there; `start` is where the string begins. */
export function isEscaped(text: string, start: number, index: number): boolean {
  let first = index;
  while (first > start && text[first - 1] === '\\') first -= 1;
  return (index - first) % 2 === 1;
}

/** Up to where no escape of a part of a string is cut. */
export function lastWhole(text: string): number {
  const backslash = text.lastIndexOf('\\');
  if (backslash === -1 || backslash < text.length - ESCAPE_CHARS) return text.length;
  return isEscaped(text, 0, backslash) ? backslash - 1 : backslash;
}

/** The text of one JSON string that comes in pieces, made while it is read; as often as they can be. */
export function unescaped(pieces: Iterable<string>): Iterable<string> {
  return {
    *[Symbol.iterator]() {
      // The quote before the first character is none of the text.
      let start = 1;
      let rest = '';
      for (const piece of pieces) {
        if (piece === '') continue;
        const text = rest + piece.slice(start);
        start = 0;
        const end = lastWhole(text);
        rest = text.slice(end);
        yield parsed(text.slice(0, end));
      }
      yield parsed(rest);
    },
  };
}

/** The characters of a part of a string, with the quote that ends it or without. */
function parsed(part: string): string {
  const isEnd = part.endsWith('"') && !isEscaped(part, 0, part.length - 1);
  return String(JSON.parse(`"${isEnd ? part.slice(0, -1) : part}"`));
}
