import { describe, it } from 'vitest';
import { memoryStore } from '../../src/stores/memory/memory-store.ts';
import { storeContract } from '../../src/testing/store-contract.ts';

describe('the store in memory', () => {
  const cases = storeContract((setting) => ({ store: memoryStore(setting) }));
  it.each(cases.map(({ name, run }) => [name, run] as const))('%s', async (_, run) => run());
});
