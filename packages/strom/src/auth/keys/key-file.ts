/**
 * The file that keeps API keys: JSON, readable by its owner, replaced as a whole.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { readFileSync, type Stats, statSync } from 'node:fs';
import { type FileHandle, open, realpath, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isJsonObject, ownValue } from '../../base/json.ts';
import type { ApiKeyRecord } from './api-key.ts';
import { type KeyAct, recordKeyAct } from './key-audit.ts';
import { checkKeyRecords } from './key-records.ts';

const VERSION = 1;
const OWNER_ONLY = 0o600;
const WRITABLE_BY_ALL = 0o002;
const LOCK_TRIES = 40;
const LOCK_PAUSE_MS = 50;

/**
 * Reads the keys.
 *
 * @throws {TypeError} naming the file: it is not there, not ours, or holds something else
 */
export function readKeyFile(file: string): readonly ApiKeyRecord[] {
  let content: unknown;
  let stats: Stats;
  try {
    stats = statSync(file);
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new TypeError(`the key file ${file} cannot be read`, { cause });
  }
  if ((stats.mode & WRITABLE_BY_ALL) !== 0) {
    throw new TypeError(`the key file ${file} can be written by everybody: chmod 600 it`);
  }
  if (!isJsonObject(content) || ownValue(content, 'version') !== VERSION) {
    throw new TypeError(`the key file ${file} holds no keys of this version`);
  }
  try {
    return checkKeyRecords(ownValue(content, 'keys'));
  } catch (cause) {
    throw new TypeError(`the key file ${file}: ${(cause as Error).message}`, { cause });
  }
}

/**
 * Replaces the keys of a file by what `change` makes of them; a file that is not there has none. A
 * reader sees the old keys or the new, and two writers wait for each other.
 *
 * @param act - written down before the change
 * @throws {TypeError} for a file that cannot be read, or that somebody else is changing for long
 */
export async function changeKeyFile(
  file: string,
  change: (records: readonly ApiKeyRecord[]) => readonly ApiKeyRecord[],
  act?: KeyAct,
): Promise<void> {
  // A link stays one: what it leads to is replaced.
  const target = isThere(file) ? await realpath(file) : file;
  const release = await lock(`${target}.lock`);
  try {
    const records = isThere(target) ? readKeyFile(target) : [];
    const content = { version: VERSION, keys: change(records) };
    if (act !== undefined) await recordKeyAct(target, act);
    await replaceFile(target, `${JSON.stringify(content, undefined, 2)}\n`);
  } finally {
    await release();
  }
}

function isThere(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false }) !== undefined;
}

/** Writes beside the file and renames, so that there is no moment without keys, or with half. */
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

/** The server may run as somebody else than the person who changes its keys. */
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
        const advice = 'somebody else changes the keys; if nobody does, remove this file';
        throw new TypeError(`${file}: ${advice}`, { cause });
      }
      await pause(LOCK_PAUSE_MS);
    }
  }
}
