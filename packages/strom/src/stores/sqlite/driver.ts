import { createRequire } from 'node:module';
import { StromError } from '../../base/strom-error.ts';

/** What a parameter or a column may be. */
export type SqliteValue = string | number | null;

/** As much of `StatementSync` of `node:sqlite` as is needed. */
export interface SqliteStatement {
  run(...values: SqliteValue[]): { readonly changes: number | bigint };
  get(...values: SqliteValue[]): unknown;
  all(...values: SqliteValue[]): unknown[];
}

/** As much of `DatabaseSync` of `node:sqlite` as is needed. */
export interface SqliteDatabase {
  exec(sql: string): void;
  prepare(sql: string): SqliteStatement;
  close(): void;
}

/** A library that speaks SQLite. */
export interface SqliteDriver {
  readonly name: string;
  /** Of SQLite itself. */
  readonly version: string;
  open(file: string): SqliteDatabase;
}

interface SqliteModule {
  readonly DatabaseSync: new (file: string) => SqliteDatabase;
}

/** Older versions may damage a file in WAL mode that several connections write to. */
const LEAST_VERSION = [3, 51, 3] as const;

const PEER = '@photostructure/sqlite';

const HOW_TO_INSTALL =
  `install it with "npm install ${PEER}@1", or use a Node whose node:sqlite has SQLite ` +
  `${LEAST_VERSION.join('.')} or newer`;

/**
 * The driver to use: the one built into Node where its SQLite is new enough, the optional peer
 * otherwise.
 *
 * @throws {StromError} `ERR_STORE` when neither can be used; the message says what to install
 */
export function loadDriver(): SqliteDriver {
  const builtIn = process.getBuiltinModule?.('node:sqlite') as SqliteModule | undefined;
  const native = builtIn && driverOf('node:sqlite', builtIn);
  if (native !== undefined && isSound(native.version)) return native;
  const peer = driverOf(PEER, loadPeer());
  if (isSound(peer.version)) return peer;
  throw new StromError('ERR_STORE', `${PEER} has SQLite ${peer.version}: ${HOW_TO_INSTALL}`);
}

function loadPeer(): SqliteModule {
  try {
    return createRequire(import.meta.url)(PEER) as SqliteModule;
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND';
    const what = isMissing ? 'is not installed' : 'cannot be loaded here';
    throw new StromError('ERR_STORE', `${PEER} ${what}: ${HOW_TO_INSTALL}`, { cause });
  }
}

function driverOf(name: string, { DatabaseSync }: SqliteModule): SqliteDriver {
  const probe = new DatabaseSync(':memory:');
  try {
    const { version } = probe.prepare('SELECT sqlite_version() AS version').get() as {
      version: string;
    };
    return { name, version, open: (file) => new DatabaseSync(file) };
  } finally {
    probe.close();
  }
}

/** Whether a version of SQLite is new enough to be trusted with a file of several processes. */
export function isSound(version: string): boolean {
  const numbers = version.split('.').map(Number);
  for (const [index, least] of LEAST_VERSION.entries()) {
    const number = numbers[index] ?? 0;
    if (number !== least) return number > least;
  }
  return true;
}
