import { usageError } from './cli-error.ts';

/** The words of a command line: the server, the name of something it has, and the rest. */
export interface SplitWords {
  readonly word: string | undefined;
  readonly name: string | undefined;
  readonly rest: readonly string[];
}

/** Where a command stands after `--`, that is the server, and the first word is the name. */
export function splitWords(
  words: readonly string[],
  command: readonly string[] | undefined,
): SplitWords {
  const [word, ...others] = words;
  const [name, ...rest] = command === undefined ? others : words;
  return { word: command === undefined ? word : undefined, name, rest };
}

/** @throws {CliError} `usage` for words that have no meaning here */
export function refuseRest(rest: readonly string[]): void {
  const [first] = rest;
  if (first !== undefined) throw usageError(`"${first}" is one word too many`);
}
