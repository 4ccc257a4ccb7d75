import { describe, expect, it } from 'vitest';
import { sqliteStore } from '../../src/stores/sqlite/sqlite-store.ts';
import { SmallDisk } from './support/small-disk.ts';
import { allEvents, claimed } from './support/tasks.ts';
import '../faults/support/base-line.ts';

const ERR_STORE = expect.objectContaining({ code: 'ERR_STORE' });

describe.skipIf(!SmallDisk.isPossible())('F08: a store on a disk that fails', () => {
  it('refuses when the disk is full, keeps what it said is written, and goes on with room', async () => {
    using disk = new SmallDisk(1024);
    await using store = await sqliteStore({ file: disk.file });
    const fence = await claimed(store, 'task');
    const text = 'x'.repeat(10_000);
    let acknowledged = 0;
    const fill = async (): Promise<void> => {
      for (;;) acknowledged = await store.append('task', fence, [text]);
    };
    await expect(fill()).rejects.toEqual(ERR_STORE);
    await expect(claimed(store, 'another')).rejects.toEqual(ERR_STORE);
    expect(acknowledged).toBeGreaterThan(10);
    expect((await allEvents(store, 'task')).length).toBe(acknowledged);

    disk.resize(4096);
    expect(await store.append('task', fence, [text])).toBe(acknowledged + 1);
    await claimed(store, 'another');
  });

  it('spoils none of those written at once that fit', async () => {
    using disk = new SmallDisk(1024);
    await using store = await sqliteStore({ file: disk.file });
    const fence = await claimed(store, 'task');
    const results = await Promise.allSettled(
      ['small', 'x'.repeat(3_000_000), 'small'].map((text) => store.append('task', fence, [text])),
    );
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((await allEvents(store, 'task')).map(({ seq }) => seq)).toEqual([1, 2]);
  });

  it('refuses a file that cannot be written to', async () => {
    using disk = new SmallDisk(2048);
    await using store = await sqliteStore({ file: disk.file });
    const fence = await claimed(store, 'task');
    await store.append('task', fence, ['a']);
    const file = disk.readOnlyFile;
    await expect(sqliteStore({ file })).rejects.toEqual(ERR_STORE);
    expect(await store.append('task', fence, ['b'])).toBe(2);
  });
});
