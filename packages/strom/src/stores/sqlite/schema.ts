import { StromError } from '../../base/strom-error.ts';
import type { SqliteDatabase } from './driver.ts';

/** "Stro": tells a file of ours from others. */
const APPLICATION_ID = 0x5374_726f;

/**
 * From each version of the schema to the next, beginning with an empty file. A step that was
 * released is never changed.
 *
 * `call` has a row for each journal, `event` the events of all of them in one order, so that one
 * look finds what is new. `event.total` counts the bytes of a call up to that event: what a journal
 * holds is a difference of two. The events of a call that was deleted are removed later, in small
 * steps; until then the call is `doomed`.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE state (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    event_floor INTEGER NOT NULL,
    deletions INTEGER NOT NULL,
    claimables INTEGER NOT NULL
  );
  INSERT INTO state VALUES (1, 0, 0, 0);

  CREATE TABLE call (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    fence INTEGER NOT NULL,
    is_held INTEGER NOT NULL
  );
  CREATE TABLE doomed (call INTEGER PRIMARY KEY);

  CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    call INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    total INTEGER NOT NULL,
    text TEXT NOT NULL,
    UNIQUE (call, seq)
  );

  CREATE TABLE task (
    id INTEGER PRIMARY KEY,
    owner TEXT NOT NULL,
    kind TEXT NOT NULL,
    phase INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    lease_until INTEGER,
    holder TEXT,
    is_cancel_requested INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    expires_at INTEGER,
    message TEXT,
    work TEXT
  );
  CREATE INDEX task_free ON task (id, kind) WHERE phase = 0 AND lease_until IS NULL;
  CREATE INDEX task_held ON task (lease_until) WHERE phase = 0 AND lease_until IS NOT NULL;
  CREATE INDEX task_open ON task (owner) WHERE phase = 0;
  CREATE INDEX task_work ON task (owner, work, created_at) WHERE work IS NOT NULL;
  CREATE INDEX task_expiry ON task (expires_at) WHERE expires_at IS NOT NULL;

  CREATE TABLE task_text (
    id INTEGER PRIMARY KEY,
    request TEXT NOT NULL,
    ending TEXT
  );
  CREATE TABLE task_value (
    id INTEGER PRIMARY KEY,
    task INTEGER NOT NULL,
    role INTEGER NOT NULL,
    name TEXT NOT NULL,
    text TEXT NOT NULL,
    UNIQUE (task, role, name)
  );

  CREATE TABLE session (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    facts TEXT NOT NULL,
    expires_at INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX session_expiry ON session (expires_at);
  CREATE TABLE stream (
    call INTEGER PRIMARY KEY,
    session TEXT NOT NULL,
    id TEXT NOT NULL,
    facts TEXT NOT NULL,
    UNIQUE (session, id)
  );
  `,
  // How a task ended are values of it (role 3), a piece each; which kind of end is told by its phase.
  `
  INSERT INTO task_value (task, role, name, text)
    SELECT id, 3, '0', CASE
      WHEN substr(ending, 1, 10) = '{"result":' THEN substr(ending, 11, length(ending) - 11)
      WHEN substr(ending, 1, 9) = '{"error":' THEN substr(ending, 10, length(ending) - 10)
      ELSE ending
    END
    FROM task_text WHERE ending IS NOT NULL;
  ALTER TABLE task_text DROP COLUMN ending;
  `,
];

/** A number SQLite keeps in the head of the file. */
function pragma(database: SqliteDatabase, name: 'application_id' | 'user_version'): number {
  const row = database.prepare(`PRAGMA ${name}`).get() as Readonly<Record<string, number>>;
  return row[name] ?? 0;
}

/**
 * Looks at a file before anything is changed in it.
 *
 * @throws {StromError} `ERR_STORE` when it is of a newer version, or not of this library
 */
export function assertUsable(database: SqliteDatabase, migrations = MIGRATIONS): void {
  if (database.prepare('SELECT 1 FROM sqlite_master LIMIT 1').get() === undefined) return;
  if (pragma(database, 'application_id') !== APPLICATION_ID) {
    throw new StromError('ERR_STORE', 'the file is the database of another program');
  }
  const version = pragma(database, 'user_version');
  if (version <= migrations.length) return;
  throw new StromError(
    'ERR_STORE',
    `the file has schema ${version}, this version of strom knows ${migrations.length}: use a newer one`,
  );
}

/**
 * Brings a file up to the newest schema. Several processes may try at once; one does it.
 *
 * @throws {StromError} see {@link assertUsable}
 */
export function migrate(database: SqliteDatabase, migrations = MIGRATIONS): void {
  if (pragma(database, 'user_version') === migrations.length) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    // Another process may have done it in between.
    assertUsable(database, migrations);
    for (const step of migrations.slice(pragma(database, 'user_version'))) database.exec(step);
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
    database.exec(`PRAGMA user_version = ${migrations.length}`);
    database.exec('COMMIT');
  } catch (error) {
    rollback(database);
    throw error;
  }
}

function rollback(database: SqliteDatabase): void {
  try {
    database.exec('ROLLBACK');
  } catch {
    // SQLite has rolled back by itself, as it does when the disk is full.
  }
}
