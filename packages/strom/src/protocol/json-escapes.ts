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
