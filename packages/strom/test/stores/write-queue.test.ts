import { describe, expect, it } from 'vitest';
import { journalBounds } from '../../src/calls/journal-bounds.ts';
import { Connection } from '../../src/stores/sqlite/connection.ts';
import { isSound } from '../../src/stores/sqlite/driver.ts';
import { MIGRATIONS, migrate } from '../../src/stores/sqlite/schema.ts';
import { SqliteFile } from '../../src/stores/sqlite/sqlite-file.ts';
import { recordingDriver } from './support/recording-driver.ts';
import { TemporaryFolder } from './support/temporary-folder.ts';

/** Opens a file with one call, and counts what runs from then on. */
async function recorded(name: string): Promise<{ file: SqliteFile; statements: string[] }> {
  const statements: string[] = [];
  const connection = Connection.open(
    recordingDriver((sql) => statements.push(sql)),
    name,
  );
  const file = new SqliteFile(connection, { bounds: journalBounds({}), maxBusyMs: 1000 });
  const run = () => file.calls.hold(file.calls.create('call'), 1);
  await file.write({ run, isDurable: false, bytes: 0 });
  statements.length = 0;
  return { file, statements };
}

const append = (file: SqliteFile, isDurable = false): Promise<number> =>
  file.write({
    run: () => file.calls.add(file.calls.held('call', 1), ['event']),
    isDurable,
    bytes: 0,
  });

const count = (statements: readonly string[], sql: string): number =>
  statements.filter((statement) => statement.startsWith(sql)).length;

describe('writes of one turn', () => {
  it('are one transaction', async () => {
    using folder = new TemporaryFolder();
    const { file, statements } = await recorded(folder.file);
    await Promise.all(Array.from({ length: 100 }, () => append(file)));
    await file.close();
    expect(count(statements, 'INSERT INTO event')).toBe(100);
    expect(count(statements, 'COMMIT')).toBe(1);
    expect(count(statements, 'PRAGMA synchronous')).toBe(0);
  });

  it('are durable when one of them has to be, and the next are not', async () => {
    using folder = new TemporaryFolder();
    const { file, statements } = await recorded(folder.file);
    await Promise.all([append(file), append(file, true), append(file)]);
    await append(file);
    await file.close();
    const settings = statements.filter((sql) => /^(PRAGMA sync|COMMIT)/.test(sql));
    expect(settings).toEqual([
      'PRAGMA synchronous = FULL',
      'COMMIT',
      'PRAGMA synchronous = NORMAL',
      'COMMIT',
    ]);
  });

  it('do not hold up the event loop however many they are', async () => {
    using folder = new TemporaryFolder();
    const { file, statements } = await recorded(folder.file);
    await Promise.all(Array.from({ length: 2000 }, () => append(file)));
    await file.close();
    expect(count(statements, 'COMMIT')).toBeGreaterThan(4);
  });
});

describe('writes that wait', () => {
  it('hold 64 MiB, then further ones are refused until there is room', async () => {
    using folder = new TemporaryFolder();
    const { file } = await recorded(folder.file);
    const write = (bytes: number) => file.write({ run: () => bytes, isDurable: false, bytes });
    const first = write(64 * 1024 * 1024);
    const second = write(1);
    await expect(write(1)).rejects.toMatchObject({ code: 'ERR_STORE' });
    expect(await Promise.all([first, second])).toEqual([64 * 1024 * 1024, 1]);
    expect(await write(1)).toBe(1);
    await file.close();
  });
});

describe('a schema', () => {
  it('is brought up from an older one, with what is in it', () => {
    using folder = new TemporaryFolder();
    const driver = recordingDriver(() => undefined);
    Connection.open(driver, folder.file).close();
    const database = driver.open(folder.file);
    const next = [...MIGRATIONS, 'ALTER TABLE session ADD COLUMN note TEXT'];
    migrate(database, next);
    migrate(database, next);
    expect(database.prepare('SELECT note FROM session').all()).toEqual([]);
    expect(database.prepare('PRAGMA user_version').get()).toEqual({ user_version: next.length });
    database.close();
    expect(() => Connection.open(driver, folder.file)).toThrow(
      expect.objectContaining({ code: 'ERR_STORE' }),
    );
  });

  it('is left as it was when a step fails', () => {
    using folder = new TemporaryFolder();
    const driver = recordingDriver(() => undefined);
    Connection.open(driver, folder.file).close();
    const database = driver.open(folder.file);
    const broken = [...MIGRATIONS, 'CREATE TABLE half (id INTEGER); SELECT nonsense'];
    expect(() => migrate(database, broken)).toThrow();
    database.close();
    Connection.open(driver, folder.file).close();
  });
});

describe('a version of SQLite', () => {
  it.each([
    ['3.51.3', true],
    ['3.53.0', true],
    ['4.0.0', true],
    ['3.51.2', false],
    ['3.45.1', false],
    ['3.9.9', false],
  ])('%s is sound: %s', (version, expected) => {
    expect(isSound(version)).toBe(expected);
  });
});
