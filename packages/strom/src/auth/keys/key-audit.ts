import { randomBytes } from 'node:crypto';
import { appendFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import type { ApiKeyRecord } from './api-key.ts';

/** What somebody did to the keys of a server. */
export interface KeyAct {
  readonly act: 'created' | 'revoked';
  readonly key: Pick<ApiKeyRecord, 'id' | 'name' | 'scopes'>;
}

const OWNER_ONLY = 0o600;
const ID_BYTES = 6;

/** Where the acts on a key file are written, one line of JSON each; lines are only ever added. */
export function auditFileOf(keyFile: string): string {
  return `${keyFile}.audit`;
}

/**
 * Writes an act down: who, what, when. To be called before the change it tells of, so that there is no
 * change without its line.
 *
 * @throws when the line cannot be written; the change must not be made then
 */
export async function recordKeyAct(keyFile: string, { act, key }: KeyAct): Promise<void> {
  const { id, name, scopes } = key;
  const line = {
    time: new Date().toISOString(),
    act: `key ${act}`,
    key: id,
    name,
    scopes,
    by: currentUser(),
    correlation: randomBytes(ID_BYTES).toString('hex'),
  };
  await appendFile(auditFileOf(keyFile), `${JSON.stringify(line)}\n`, { mode: OWNER_ONLY });
}

function currentUser(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a number that no name belongs to.
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
