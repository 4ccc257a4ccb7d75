import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { usageError } from '../cli-error.ts';
import { type InputStream, readSource } from '../target/read-source.ts';

/**
 * Reads a JSON object from an option: the JSON itself, `@file` or `-` for standard input.
 *
 * @param option - the name of the option, for errors
 * @throws {CliError} `usage` when it is no JSON object
 */
export async function readJsonObject(
  option: string,
  source: string,
  stdin: InputStream,
): Promise<JsonObject> {
  const text = await readSource(source, stdin);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : 'malformed';
    throw usageError(`${option} is no JSON: ${problem}`, HINT);
  }
  if (!isJsonObject(value)) throw usageError(`${option} must be a JSON object`, HINT);
  return value;
}

const HINT = `Write '{"name": "value"}' in single quotes, @file, or - for standard input.`;
