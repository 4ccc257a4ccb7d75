import { closeSync, openSync, statSync } from 'node:fs';
import path from 'node:path';
import { StromError } from '../../base/strom-error.ts';
import type { SqliteDatabase, SqliteDriver, SqliteStatement, SqliteValue } from './driver.ts';
import { assertUsable, migrate } from './schema.ts';

/** How long SQLite itself waits, blocking, before it says that the file is busy. */
const BUSY_TIMEOUT_MS = 5;

/** How much of a write-ahead log that has grown stays on disk after it was written back. */
const LOG_SIZE_LIMIT_BYTES = 64 * 1024 * 1024;

const OPEN_FOR_OWNER_ALONE = 0o600;

/** An open file, its statements, and its transactions. Everything is synchronous. */
export class Connection {
  readonly file: string;
  readonly #database: SqliteDatabase;
  readonly #statements = new Map<string, SqliteStatement>();
  readonly #identity: string | undefined;
  #isFull = false;
  /** Why it cannot be used any more. */
  #end: StromError | undefined;

  private constructor(file: string, database: SqliteDatabase) {
    this.file = file;
    this.#database = database;
    this.#identity = identityOf(file);
  }

  /** Opens a file, which is made when it is not there. Errors are SQLite's, or the file system's. */
  static open(driver: SqliteDriver, name: string): Connection {
    const file = path.resolve(name);
    // SQLite gives the files beside it the same mode.
    closeSync(openSync(file, 'a', OPEN_FOR_OWNER_ALONE));
    const database = driver.open(file);
    try {
      prepareFile(database);
      return new Connection(file, database);
    } catch (error) {
      database.close();
      throw error;
    }
  }

  run(sql: string, ...values: SqliteValue[]): number {
    return Number(this.prepare(sql).run(...values).changes);
  }

  get<Row>(sql: string, ...values: SqliteValue[]): Row | undefined {
    return this.prepare(sql).get(...values) as Row | undefined;
  }

  all<Row>(sql: string, ...values: SqliteValue[]): readonly Row[] {
    return this.prepare(sql).all(...values) as Row[];
  }

  /** Statements without parameters or results, one after another. */
  exec(sql: string): void {
    this.assertOpen();
    this.#database.exec(sql);
  }

  /** A number that changes when another connection has written. */
  dataVersion(): number {
    return this.get<{ data_version: number }>('PRAGMA data_version')?.data_version ?? 0;
  }

  /**
   * Begins to write. A transaction that is durable also makes those before it so, because the log is
   * one file.
   */
  begin(isDurable: boolean): void {
    if (isDurable !== this.#isFull) {
      this.exec(`PRAGMA synchronous = ${isDurable ? 'FULL' : 'NORMAL'}`);
      this.#isFull = isDurable;
    }
    this.run('BEGIN IMMEDIATE');
  }

  commit(): void {
    this.run('COMMIT');
    this.assertFileIsThere();
  }

  rollback(): void {
    try {
      this.run('ROLLBACK');
    } catch {
      // SQLite has rolled back by itself, as it does when the disk is full.
    }
  }

  /**
   * SQLite goes on writing to a file that was deleted, and nobody would find there what it said is
   * written.
   *
   * @throws {StromError} `ERR_STORE` when the file is gone or another one; for ever
   */
  assertFileIsThere(): void {
    if (identityOf(this.file) === this.#identity) return;
    this.#end ??= new StromError('ERR_STORE', 'the file was deleted or replaced');
    throw this.#end;
  }

  /** @throws {StromError} `ERR_STORE` */
  assertOpen(): void {
    if (this.#end !== undefined) throw this.#end;
  }

  close(): void {
    this.#writeBack();
    this.#end = new StromError('ERR_STORE', 'the store is closed');
    this.#statements.clear();
    this.#database.close();
  }

  /**
   * Leaves everything in the one file, for who copies it. SQLite does so by itself when a file is
   * closed, but a driver may put that off until its statements are collected.
   */
  #writeBack(): void {
    if (this.#end !== undefined) return;
    try {
      this.get('PRAGMA wal_checkpoint(TRUNCATE)');
    } catch {
      // Others use the file, or it cannot be written to: the log is good where it is.
    }
  }

  /** A statement to run many times. */
  prepare(sql: string): SqliteStatement {
    this.assertOpen();
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

function prepareFile(database: SqliteDatabase): void {
  database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
  database.exec('PRAGMA trusted_schema = OFF');
  assertUsable(database);
  // Has an effect on a new file alone, and only before anything is written to it.
  database.exec('PRAGMA auto_vacuum = INCREMENTAL');
  const mode = database.prepare('PRAGMA journal_mode = WAL').get() as { journal_mode: string };
  if (mode.journal_mode !== 'wal') {
    throw new StromError('ERR_STORE', 'no write-ahead log is possible here: use a local disk');
  }
  database.exec('PRAGMA synchronous = NORMAL');
  database.exec(`PRAGMA journal_size_limit = ${LOG_SIZE_LIMIT_BYTES}`);
  migrate(database);
}

/** Which file a name stands for; `undefined` for none. */
function identityOf(file: string): string | undefined {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats && `${stats.dev}:${stats.ino}`;
}
