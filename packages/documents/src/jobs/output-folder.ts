/**
 * The folder Markdown is written to.
 *
 * A file appears under its name complete or not at all: it is written beside it
 * and renamed. Links inside the folder cannot lead a write out of it.
 *
 * @module
 */
import { mkdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { ConvertError } from '../base/convert-error.ts';
import { isInside } from '../roots/is-inside.ts';
import { removeStaleFiles, temporaryName } from './temporary-files.ts';

export interface OutputFolder {
  /** Real path of the folder. */
  readonly folder: string;
  /**
   * Writes one file below the folder.
   *
   * @throws {ConvertError} `output_failed`
   */
  write(path: string, bytes: Uint8Array): Promise<void>;
  /** Reads a file written earlier, or `undefined` if there is none. */
  read(path: string): Promise<Buffer | undefined>;
  /** Removes what processes that were killed have left half written in these sub-folders. */
  tidy(subfolders: readonly string[]): Promise<void>;
}

/** Creates the folder if need be. */
export async function openOutputFolder(path: string): Promise<OutputFolder> {
  await mkdir(path, { recursive: true });
  const folder = await realpath(path);
  return {
    folder,
    async write(name, bytes) {
      try {
        await writeAtomically(folder, name, bytes);
      } catch (cause) {
        throw new ConvertError('output_failed', undefined, { cause });
      }
    },
    async read(name) {
      const real = await realpath(join(folder, name)).catch(() => undefined);
      if (real === undefined || !isInside(folder, real)) return undefined;
      return readFile(real).catch(() => undefined);
    },
    async tidy(subfolders) {
      for (const subfolder of subfolders) {
        const real = await realpath(join(folder, subfolder)).catch(() => undefined);
        if (real !== undefined && isInside(folder, real)) await removeStaleFiles(real);
      }
    },
  };
}

/**
 * Checks the name of a sub-folder a client asked for.
 *
 * @throws {ConvertError} `not_found` unless it is a plain relative path
 */
export function checkSubfolder(path: string): string {
  const segments = path.split(/[/\\]/).filter((segment) => segment !== '' && segment !== '.');
  const isPlain = segments.every((segment) => !segment.startsWith('.') && !/[:\0]/.test(segment));
  if (!isPlain || /^[/\\]/.test(path)) {
    throw new ConvertError('not_found', 'The output must be a relative folder name without dots.');
  }
  return segments.join('/');
}

async function writeAtomically(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  const parent = await makeFolder(folder, posix.dirname(name));
  const temporary = join(parent, temporaryName());
  try {
    // On disk before it has its name: a loss of power leaves no empty file behind.
    await writeFile(temporary, bytes, { flag: 'wx', flush: true });
    await rename(temporary, join(parent, posix.basename(name)));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Creates sub-folders one by one, so that no link on the way is followed out. */
async function makeFolder(folder: string, path: string): Promise<string> {
  let current = folder;
  for (const segment of path.split('/').filter((part) => part !== '.' && part !== '')) {
    const next = join(current, segment);
    await mkdir(next, { recursive: true });
    current = await realpath(next);
    if (!isInside(folder, current)) throw new ConvertError('output_failed');
  }
  return current;
}
