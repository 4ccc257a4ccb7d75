import { usageError } from '../cli-error.ts';

/** An argument as it was typed: text, of which the tool's schema decides the type, or JSON. */
export type TypedValue =
  | { readonly kind: 'text'; readonly texts: readonly string[] }
  | { readonly kind: 'json'; readonly value: unknown };

/** Arguments by name; a map, so that no name can reach a prototype. */
export type TypedArguments = ReadonlyMap<string, TypedValue>;

const HINT = 'Write name=text for text, or name:=JSON for any other value.';

/**
 * Reads `name=text` and `name:=JSON`. A name given several times as text has several texts.
 *
 * @throws {CliError} `usage` naming the word that is no argument
 */
export function parsePairs(words: readonly string[]): TypedArguments {
  const pairs = new Map<string, TypedValue>();
  for (const word of words) {
    const equals = word.indexOf('=');
    const isJson = word[equals - 1] === ':';
    const name = word.slice(0, Math.max(0, isJson ? equals - 1 : equals));
    if (name === '') throw usageError(`"${word}" is no argument`, HINT);
    const text = word.slice(equals + 1);
    const known = pairs.get(name);
    if (known === undefined) {
      pairs.set(name, isJson ? json(name, text) : { kind: 'text', texts: [text] });
    } else if (known.kind === 'text' && !isJson) {
      pairs.set(name, { kind: 'text', texts: [...known.texts, text] });
    } else throw usageError(`the argument ${name} is given twice`);
  }
  return pairs;
}

function json(name: string, text: string): TypedValue {
  try {
    return { kind: 'json', value: JSON.parse(text) };
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : 'malformed';
    throw usageError(
      `the value of ${name} is no JSON: ${problem}`,
      `Text in JSON has double quotes, or write ${name}=text.`,
    );
  }
}
