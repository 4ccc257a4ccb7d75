import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadDriver, type SqliteDatabase } from '../../src/stores/sqlite/driver.ts';
import { sqliteStore } from '../../src/stores/sqlite/sqlite-store.ts';
import { claimed } from './support/tasks.ts';
import { TemporaryFolder } from './support/temporary-folder.ts';
import '../faults/support/base-line.ts';

const ERR_STORE = expect.objectContaining({ code: 'ERR_STORE' });
const PAGE_BYTES = 4096;

/** Runs a statement on a file, as somebody else. */
function meddle(file: string, work: (database: SqliteDatabase) => void): void {
  const database = loadDriver().open(file);
  try {
    work(database);
  } finally {
    database.close();
  }
}

describe('F08, F10: the file of a store', () => {
  it('belongs to its owner alone', async () => {
    using folder = new TemporaryFolder();
    await using store = await sqliteStore({ file: folder.file });
    await claimed(store, 'task');
    for (const name of [folder.file, `${folder.file}-wal`, `${folder.file}-shm`]) {
      expect(statSync(name).mode & 0o777).toBe(0o600);
    }
  });

  it('is refused when it is no database', async () => {
    using folder = new TemporaryFolder();
    writeFileSync(folder.file, 'something else entirely\n'.repeat(1000));
    const before = readFileSync(folder.file);
    await expect(sqliteStore({ file: folder.file })).rejects.toEqual(ERR_STORE);
    expect(readFileSync(folder.file).equals(before)).toBe(true);
  });

  it('is refused when it is the database of another program', async () => {
    using folder = new TemporaryFolder();
    meddle(folder.file, (database) => database.exec('CREATE TABLE other (id INTEGER)'));
    const before = readFileSync(folder.file);
    await expect(sqliteStore({ file: folder.file })).rejects.toEqual(ERR_STORE);
    expect(readFileSync(folder.file).equals(before)).toBe(true);
  });

  it('is refused when a newer version has written it', async () => {
    using folder = new TemporaryFolder();
    await (await sqliteStore({ file: folder.file })).close();
    meddle(folder.file, (database) => database.exec('PRAGMA user_version = 999'));
    await expect(sqliteStore({ file: folder.file })).rejects.toEqual(ERR_STORE);
  });

  it('is refused when it is a folder, or lies in none', async () => {
    using folder = new TemporaryFolder();
    mkdirSync(folder.file);
    await expect(sqliteStore({ file: folder.file })).rejects.toEqual(ERR_STORE);
    const file = `${folder.path}/absent/store.db`;
    await expect(sqliteStore({ file })).rejects.toEqual(ERR_STORE);
  });

  it('gives an error where it is damaged', async () => {
    using folder = new TemporaryFolder();
    const store = await sqliteStore({ file: folder.file });
    const fence = await claimed(store, 'task');
    await store.append('task', fence, ['x'.repeat(500_000)]);
    await store.close();
    const descriptor = openSync(folder.file, 'r+');
    const pages = statSync(folder.file).size / PAGE_BYTES;
    for (let page = 1; page < pages; page += 1) {
      writeSync(descriptor, Buffer.alloc(PAGE_BYTES, 0xa5), 0, PAGE_BYTES, page * PAGE_BYTES);
    }
    closeSync(descriptor);
    const damaged = async (): Promise<void> => {
      await using opened = await sqliteStore({ file: folder.file });
      await opened.append('task', fence, ['more']);
    };
    await expect(damaged()).rejects.toEqual(ERR_STORE);
  });

  it.each([
    ['deleted', (file: string) => rmSync(file)],
    ['moved away', (file: string) => renameSync(file, `${file}.moved`)],
    [
      'replaced',
      (file: string) => {
        renameSync(file, `${file}.moved`);
        writeFileSync(file, '');
      },
    ],
  ])('is missed when it was %s: nothing more is said to be written', async (_, lose) => {
    using folder = new TemporaryFolder();
    await using store = await sqliteStore({ file: folder.file });
    const fence = await claimed(store, 'task');
    await store.append('task', fence, ['a']);
    const followed = store.tail('task', 1, AbortSignal.timeout(15_000))[Symbol.asyncIterator]();
    const end = expect(followed.next()).rejects.toEqual(ERR_STORE);
    lose(folder.file);
    await end;
    await expect(store.append('task', fence, ['b'])).rejects.toEqual(ERR_STORE);
    await expect(store.get('task')).rejects.toEqual(ERR_STORE);
  });

  it('is waited for while another keeps it busy, for as long as was asked', async () => {
    using folder = new TemporaryFolder();
    await using store = await sqliteStore({ file: folder.file, maxBusyMs: 60 });
    const fence = await claimed(store, 'task');
    const other = loadDriver().open(folder.file);
    try {
      other.exec('BEGIN IMMEDIATE');
      await expect(store.append('task', fence, ['late'])).rejects.toEqual(ERR_STORE);
      expect((await store.get('task'))?.seq).toBe(0);
      const waiting = store.append('task', fence, ['in time']);
      setTimeout(() => other.exec('ROLLBACK'), 10);
      expect(await waiting).toBe(1);
    } finally {
      other.close();
    }
  });
});
