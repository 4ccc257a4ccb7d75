/**
 * Opens a document below a root, and nothing else.
 *
 * The path is checked first, so that nothing outside is even touched; the
 * decision is made on the opened file, because the path may have changed in
 * between. Missing, forbidden and unreadable all look the same from outside.
 *
 * @module
 */
import { constants } from 'node:fs';
import { type FileHandle, open, readlink, realpath, stat } from 'node:fs/promises';
import { ConvertError } from '../base/convert-error.ts';
import { isInside } from './is-inside.ts';
import type { RootedPath } from './root-set.ts';

/** Non-blocking, or opening a FIFO would wait for a writer; never a controlling terminal. */
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);

export interface OpenDocument extends AsyncDisposable {
  /** Size when opened. */
  readonly bytes: number;
  /**
   * Reads the file in pieces.
   *
   * @throws {ConvertError} `too_large` once more than `maxBytes` have been read
   */
  read(chunkBytes: number, maxBytes: number): AsyncGenerator<Uint8Array, void, void>;
}

/**
 * Opens a regular file that really lies below its root.
 *
 * @throws {ConvertError} `not_found` with the same text whatever is wrong
 */
export async function openDocument({ root, absolute }: RootedPath): Promise<OpenDocument> {
  const handle = await openBelow(root.folder, absolute).catch((cause: unknown) => {
    throw new ConvertError('not_found', undefined, { cause });
  });
  return {
    bytes: handle.bytes,
    read: (chunkBytes, maxBytes) => readPieces(handle.file, chunkBytes, maxBytes),
    [Symbol.asyncDispose]: () => handle.file.close(),
  };
}

async function openBelow(
  folder: string,
  absolute: string,
): Promise<{ file: FileHandle; bytes: number }> {
  const real = await realpath(absolute);
  if (!isInside(folder, real) || !(await stat(real)).isFile()) throw new ConvertError('not_found');
  const file = await open(real, FLAGS | (constants.O_NOFOLLOW ?? 0));
  try {
    const opened = await file.stat();
    if (!opened.isFile() || !(await isOpenedInside(folder, file, real))) {
      throw new ConvertError('not_found');
    }
    return { file, bytes: opened.size };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Asks the kernel where the opened file is; elsewhere compares it with what the path leads to. */
async function isOpenedInside(folder: string, file: FileHandle, path: string): Promise<boolean> {
  if (process.platform === 'linux')
    return isInside(folder, await readlink(`/proc/self/fd/${file.fd}`));
  const [opened, real] = [await file.stat(), await realpath(path)];
  const named = await stat(real);
  return isInside(folder, real) && opened.dev === named.dev && opened.ino === named.ino;
}

async function* readPieces(
  file: FileHandle,
  chunkBytes: number,
  maxBytes: number,
): AsyncGenerator<Uint8Array, void, void> {
  let total = 0;
  for (;;) {
    const piece = await readAt(file, total, chunkBytes);
    if (piece.length === 0) return;
    total += piece.length;
    // The file may have grown since its size was looked at.
    if (total > maxBytes) throw new ConvertError('too_large', 'The file is larger than the limit.');
    yield piece;
  }
}

async function readAt(file: FileHandle, position: number, bytes: number): Promise<Uint8Array> {
  const buffer = Buffer.allocUnsafe(bytes);
  try {
    const { bytesRead } = await file.read({ buffer, position });
    return buffer.subarray(0, bytesRead);
  } catch (cause) {
    throw new ConvertError('not_found', undefined, { cause });
  }
}
