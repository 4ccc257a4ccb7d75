/**
 * Lists what a folder below a root holds, without opening any document.
 *
 * @module
 */
import { lstat, readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { ConvertError } from '../base/convert-error.ts';
import { type Format, formatOfName } from '../formats/format.ts';
import { isInside } from './is-inside.ts';
import type { RootedPath, RootSet } from './root-set.ts';

const MAX_DEPTH = 32;

export interface ListedDocument {
  /** As clients name it. */
  readonly path: string;
  readonly bytes: number;
  /** What the name promises; absent if the extension is unknown. */
  readonly format?: Format;
}

export interface ListOptions {
  readonly folder: string;
  /** More documents than this are an error, not a longer answer. */
  readonly maxDocuments: number;
  /** Real path of a folder to leave out: the output folder may lie below a root. */
  readonly exclude?: string;
  readonly signal?: AbortSignal;
}

interface Walk extends ListOptions {
  readonly root: string;
  readonly found: ListedDocument[];
}

/**
 * Lists the regular files of a folder and its sub-folders in natural order.
 *
 * Hidden files, hidden folders and symbolic links are left out. An empty folder
 * name lists every root.
 *
 * @throws {ConvertError} `not_found` if there is no such folder, `too_large` if it holds too much
 */
export async function listDocuments(
  roots: RootSet,
  options: ListOptions,
): Promise<ListedDocument[]> {
  const found: ListedDocument[] = [];
  for (const start of startsOf(roots, options.folder)) {
    const real = await realpath(start.absolute).catch(() => undefined);
    const isBelow = real !== undefined && isInside(start.root.folder, real);
    if (!isBelow || !(await lstat(real)).isDirectory()) throw new ConvertError('not_found');
    await walkFolder({ ...options, root: start.root.folder, found }, real, start.path);
  }
  return found;
}

function startsOf(roots: RootSet, folder: string): RootedPath[] {
  const isEverything = folder.split('/').every((segment) => segment === '' || segment === '.');
  if (!isEverything || folder.startsWith('/')) return [roots.resolve(folder)];
  if (roots.roots.length === 1) return [roots.resolve('')];
  return roots.roots.map((root) => roots.resolve(root.name));
}

async function walkFolder(walk: Walk, absolute: string, path: string): Promise<void> {
  walk.signal?.throwIfAborted();
  if (absolute === walk.exclude) return;
  if (path.split('/').length > MAX_DEPTH) {
    throw new ConvertError('too_large', 'The folder is nested too deeply.');
  }
  const entries = await readdir(absolute, { withFileTypes: true });
  const compare = new Intl.Collator('en', { numeric: true }).compare;
  for (const entry of entries.toSorted((one, other) => compare(one.name, other.name))) {
    if (entry.name.startsWith('.')) continue;
    const inside = path === '' ? entry.name : `${path}/${entry.name}`;
    if (entry.isDirectory()) await walkFolder(walk, join(absolute, entry.name), inside);
    else if (entry.isFile()) await addDocument(walk, join(absolute, entry.name), inside);
  }
}

async function addDocument(walk: Walk, absolute: string, path: string): Promise<void> {
  const stats = await lstat(absolute).catch(() => undefined);
  // Removed or replaced since the folder was read.
  if (!stats?.isFile()) return;
  if (walk.found.length >= walk.maxDocuments) {
    throw new ConvertError('too_large', 'The folder holds more documents than one call may take.');
  }
  const format = formatOfName(path);
  walk.found.push({ path, bytes: stats.size, ...(format && { format }) });
}
