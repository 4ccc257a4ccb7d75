/**
 * Fences text so that nothing inside can end the fence.
 *
 * @module
 */

/** A fenced code block; the fence is longer than any run of backticks in the text. */
export function codeBlock(text: string, language = ''): string {
  let longest = 2;
  for (const [run] of text.matchAll(/`+/g)) longest = Math.max(longest, run.length);
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}
