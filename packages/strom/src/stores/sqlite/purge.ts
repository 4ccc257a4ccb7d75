import type { Sessions } from './sessions.ts';
import type { SqliteFile } from './sqlite-file.ts';
import type { Tasks } from './tasks.ts';

/** Most records of one transaction. */
const RECORDS_AT_ONCE = 50;
/** Most events of one transaction. */
const EVENTS_AT_ONCE = 500;
/** Pages given back to the file system, after each step. */
const PAGES_AT_ONCE = 50;

export interface Purged {
  readonly file: SqliteFile;
  readonly tasks: Tasks;
  readonly sessions: Sessions;
}

/**
 * Deletes what has expired, and what is left of calls that were deleted before, in transactions that
 * take a few milliseconds each.
 *
 * @returns how many tasks and sessions were deleted
 */
export async function purge(purged: Purged, limit: number): Promise<number> {
  let deleted = 0;
  while (deleted < limit) {
    const most = Math.min(RECORDS_AT_ONCE, limit - deleted);
    const count = await inOneStep(purged, () => {
      const tasks = purged.tasks.deleteExpired(most);
      return tasks + purged.sessions.deleteExpired(most - tasks);
    });
    deleted += count;
    if (count < most) break;
  }
  while (await inOneStep(purged, () => purged.file.calls.sweep(EVENTS_AT_ONCE))) {
    await inOneStep(purged, () => {
      purged.file.connection.exec(`PRAGMA incremental_vacuum(${PAGES_AT_ONCE})`);
    });
  }
  return deleted;
}

function inOneStep<T>({ file }: Purged, run: () => T): Promise<T> {
  return file.write({ run, isDurable: false, bytes: 0 });
}
