/** Control characters, line separators, and what turns the direction of text around. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]/gu;
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
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
