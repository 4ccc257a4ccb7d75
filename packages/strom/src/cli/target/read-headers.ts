import { usageError } from '../cli-error.ts';
import { type Environment, expandEnv } from './expand-env.ts';
import { readTextFile } from './read-source.ts';

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const HINT = "Write -H 'Name: value', or -H @file with one header a line.";

/**
 * Reads the `-H` options: `Name: value`, or `@file` with one header a line. Environment variables in
 * values are expanded here, so that a secret need not stand on the command line.
 *
 * @throws {CliError} `usage`; the value of a header is never part of an error
 */
export async function readHeaders(
  options: readonly string[],
  env: Environment,
): Promise<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const option of options) {
    for (const line of await linesOf(option)) addHeader(headers, line, env);
  }
  return headers;
}

async function linesOf(option: string): Promise<readonly string[]> {
  if (!option.startsWith('@')) return [option];
  const lines = (await readTextFile(option.slice(1))).split(/\r?\n/);
  return lines.filter((line) => line.trim() !== '' && !line.startsWith('#'));
}

function addHeader(headers: Record<string, string>, line: string, env: Environment): void {
  const colon = line.indexOf(':');
  const name = line.slice(0, Math.max(0, colon)).trim();
  // A line without a colon may be a bare secret, so it is not repeated.
  if (!NAME.test(name)) throw usageError('a header needs a name and a colon', HINT);
  headers[name] = headerValue(name, line.slice(colon + 1), env);
}

/**
 * The value of a header, with its variables expanded.
 *
 * @throws {CliError} `usage` naming the header when the value cannot be sent
 */
export function headerValue(name: string, text: string, env: Environment): string {
  const value = expandEnv(text, env).trim();
  if (!VALUE.test(value)) {
    throw usageError(`the value of the header ${name} holds characters that cannot be sent`);
  }
  return value;
}
