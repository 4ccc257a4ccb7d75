/**
 * The file that keeps API keys: JSON, readable by its owner, replaced as a whole.
 *
 * @module
 */
import { readFileSync, type Stats, statSync } from 'node:fs';
import { fromJson, isJsonObject, ownValue } from '../../base/json.ts';
import { changeFile } from '../../base/node-guarded-file.ts';
import type { ApiKeyRecord } from './api-key.ts';
import { type KeyAct, recordKeyAct } from './key-audit.ts';
import { checkKeyRecords } from './key-records.ts';

const VERSION = 1;
const WRITABLE_BY_ALL = 0o002;
/** Read at once, by a server that serves nobody meanwhile; some 50 000 keys. */
const MAX_BYTES = 16 * 1024 * 1024;

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
    // A pipe would be waited for, by everybody, and a device has no end.
    if (!stats.isFile()) throw new TypeError('no regular file');
    if (stats.size > MAX_BYTES) throw new TypeError(`more than ${MAX_BYTES} bytes`);
    content = fromJson(readFileSync(file, 'utf8'));
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const problem = isMissing ? 'is not there; strom keys create makes one' : 'cannot be read';
    throw new TypeError(`the key file ${file} ${problem}`, { cause });
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
  await changeFile(file, async (target, isThere) => {
    const content = { version: VERSION, keys: change(isThere ? readKeyFile(target) : []) };
    if (act !== undefined) await recordKeyAct(target, act);
    return `${JSON.stringify(content, undefined, 2)}\n`;
  });
}
