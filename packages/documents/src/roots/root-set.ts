/**
 * The folders documents may be read from.
 *
 * Clients name documents by paths relative to a root, with `/` between
 * segments. With several roots the first segment is the name of the root. What
 * a path may look like is decided here; what it really leads to is decided by
 * {@link openDocument} on the opened file.
 *
 * @module
 */
import { realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ConvertError } from '../base/convert-error.ts';

/** PATH_MAX on Linux; nothing longer can be opened. */
const MAX_PATH_BYTES = 4096;

export interface Root {
  readonly name: string;
  /** Real path: no symbolic link in it. */
  readonly folder: string;
}

/** A client's path, resolved as far as its text allows. */
export interface RootedPath {
  readonly root: Root;
  readonly absolute: string;
  /** The path as clients write it; also the name of the document in a manifest. */
  readonly path: string;
}

/** Several roots of one name get a number, so that every name is taken once. */
export interface RootSet {
  readonly roots: readonly Root[];
  /**
   * @throws {ConvertError} `not_found` for any path that is absolute, climbs or is malformed
   */
  resolve(path: string): RootedPath;
}

/**
 * Opens the roots.
 *
 * @throws {TypeError} if there is no root, or a root is not a folder
 */
export async function createRootSet(folders: readonly string[]): Promise<RootSet> {
  if (folders.length === 0) throw new TypeError('At least one root folder is needed.');
  const roots: Root[] = [];
  for (const folder of folders) roots.push(await openRoot(folder, roots));
  const [first] = roots;
  const only = roots.length === 1 ? first : undefined;
  return {
    roots,
    resolve(path) {
      const segments = segmentsOf(path);
      const root = only ?? roots.find((candidate) => candidate.name === segments[0]);
      if (!root) throw new ConvertError('not_found');
      const inside = only ? segments : segments.slice(1);
      return { root, absolute: join(root.folder, ...inside), path: segments.join('/') };
    },
  };
}

async function openRoot(folder: string, taken: readonly Root[]): Promise<Root> {
  const real = await realpath(folder).catch(() => undefined);
  if (real === undefined || !(await stat(real)).isDirectory()) {
    throw new TypeError(`The root ${folder} is not a folder.`);
  }
  const base = basename(real) || 'root';
  const isTaken = (name: string): boolean => taken.some((root) => root.name === name);
  let name = base;
  for (let number = 2; isTaken(name); number += 1) name = `${base}-${number}`;
  return { name, folder: real };
}

function segmentsOf(path: string): string[] {
  const isMalformed = path.includes('\0') || Buffer.byteLength(path) > MAX_PATH_BYTES;
  const isAbsolute = /^[/\\]|^[A-Za-z]:/.test(path);
  if (isMalformed || isAbsolute) throw new ConvertError('not_found');
  const segments = path.split(process.platform === 'win32' ? /[/\\]/ : '/');
  if (segments.includes('..')) throw new ConvertError('not_found');
  return segments.filter((segment) => segment !== '' && segment !== '.');
}
