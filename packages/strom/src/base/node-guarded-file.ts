/**
 * A small file of one owner that several programs change: replaced as a whole, one writer at a time.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { type Stats, statSync } from 'node:fs';
import { type FileHandle, open, realpath, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const OWNER_ONLY = 0o600;
const LOCK_TRIES = 40;
const LOCK_PAUSE_MS = 50;

/**
 * Replaces the text of a file by what `change` makes of it. A reader sees the old text or the new,
 * and two writers wait for each other. A new file is readable by its owner alone.
 *
 * @param change - gets the file, links followed, and whether it is there; nobody else writes meanwhile
 * @throws {TypeError} when somebody else is changing it for long
 */
export async function changeFile(
  file: string,
  change: (target: string, isThere: boolean) => string | Promise<string>,
): Promise<void> {
  // A link stays one: what it leads to is replaced.
  const target = isThere(file) ? await realpath(file) : file;
  const release = await lock(`${target}.lock`);
  try {
    await replaceFile(target, await change(target, isThere(target)));
  } finally {
    await release();
  }
}

function isThere(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false }) !== undefined;
}

/** Writes beside the file and renames, so that there is no moment without a text, or with half. */
async function replaceFile(file: string, text: string): Promise<void> {
  const name = `.${path.basename(file)}.${randomBytes(6).toString('hex')}`;
  const draft = path.join(path.dirname(file), name);
  const handle = await open(draft, 'wx', OWNER_ONLY);
  try {
    await handle.writeFile(text);
    await keepOwner(handle, statSync(file, { throwIfNoEntry: false }));
    await handle.sync();
    await handle.close();
    await rename(draft, file);
  } catch (error) {
    await handle.close();
    await rm(draft, { force: true });
    throw error;
  }
}

/** Who reads the file may be somebody else than the person who changes it. */
async function keepOwner(handle: FileHandle, before: Stats | undefined): Promise<void> {
  if (before === undefined) return;
  const { uid, gid } = await handle.stat();
  if (uid !== before.uid || gid !== before.gid) await handle.chown(before.uid, before.gid);
  await handle.chmod(before.mode & 0o777);
}

async function lock(file: string): Promise<() => Promise<void>> {
  for (let tries = 1; ; tries += 1) {
    try {
      const handle = await open(file, 'wx', OWNER_ONLY);
      await handle.close();
      return () => rm(file, { force: true });
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
      if (tries === LOCK_TRIES) {
        const advice = 'somebody else changes the file; if nobody does, remove this lock';
        throw new TypeError(`${file}: ${advice}`, { cause });
      }
      await pause(LOCK_PAUSE_MS);
    }
  }
}
