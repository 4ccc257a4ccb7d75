import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'vitest';
import { sqliteStore } from '../../src/stores/sqlite/sqlite-store.ts';
import { storeContract } from '../../src/testing/store-contract.ts';

describe('the store in a file', () => {
  const cases = storeContract(async (setting) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'strom-store-'));
    const open = () => sqliteStore({ ...setting, file: path.join(folder, 'store.db') });
    return {
      store: await open(),
      again: open,
      cleanUp: () => rmSync(folder, { recursive: true }),
    };
  });
  it.each(cases.map(({ name, run }) => [name, run] as const))('%s', async (_, run) => run());
});
