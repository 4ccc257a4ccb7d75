import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { usageError } from '../cli-error.ts';

/** Where `-` is read from. */
export type InputStream = NodeJS.ReadableStream & { readonly isTTY?: boolean };

/** @throws {CliError} `usage` naming the file that cannot be read */
export async function readTextFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const problem = code === 'ENOENT' ? 'there is no such file' : (code ?? 'unknown reason');
    throw usageError(`cannot read ${path}: ${problem}`);
  }
}

/**
 * The text behind an option: `-` is standard input, `@path` a file, anything else itself.
 *
 * @throws {CliError} `usage` when it cannot be read
 */
export async function readSource(source: string, stdin: InputStream): Promise<string> {
  if (source === '-') return text(stdin);
  return source.startsWith('@') ? readTextFile(source.slice(1)) : source;
}
