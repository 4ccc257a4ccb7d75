/**
 * Files that are being written, beside the ones they are to replace. Their names say which process
 * writes them, so that those of a process that was killed can be told and removed.
 *
 * @module
 */
import { createHash, randomUUID } from 'node:crypto';
import { lstat, readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** A process number means something on one machine only, and the folder may be shared by several. */
const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
const NAME = /^\.([0-9a-f]{8})-(\d{1,10})-[0-9a-f-]{36}\.tmp$/;
/** Longer than any write takes, for files whose process cannot be looked at. */
const MAX_AGE_MS = 3_600_000;

/** A hidden name that no other write uses. */
export function temporaryName(): string {
  return `.${HOST}-${process.pid}-${randomUUID()}.tmp`;
}

/** Removes the files in a folder that nobody writes any more. Never rejects. */
export async function removeStaleFiles(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    const match = NAME.exec(name);
    if (match === null) continue;
    const file = join(folder, name);
    const modifiedMs = (await lstat(file).catch(() => undefined))?.mtimeMs ?? 0;
    const isOurs = match[1] === HOST && isStale(Number(match[2]), modifiedMs);
    // Somebody else may have removed it, or may be about to.
    if (isOurs || Date.now() - modifiedMs > MAX_AGE_MS)
      await rm(file, { force: true }).catch(nothing);
  }
}

function isStale(pid: number, modifiedMs: number): boolean {
  // A process that was here before may have had the same number: in a container it is always 1.
  if (pid === process.pid) return modifiedMs < performance.timeOrigin;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    // EPERM: it runs, as somebody else.
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

function nothing(): void {
  // It is removed the next time.
}
