/** Controls, halves of characters, line separators, and what nobody sees, such as what turns text around. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const MAX_CHARS = 128;
/** Nearly all names; for them the search below would be most of the price of a line. */
const PLAIN = /^[\x20-\x7e]{0,128}$/;

/** Text of a stranger, fit for one line of a log that people read in a terminal. */
export function cleanText(text: string): string {
  if (PLAIN.test(text)) return text;
  const cut = text.length > MAX_CHARS ? `${text.slice(0, MAX_CHARS)}…` : text;
  return cut.replace(UNSAFE, escaped);
}

function escaped(character: string): string {
  return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
}
