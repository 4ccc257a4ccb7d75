import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['packages/*/test/**/*.test.ts', 'scripts/test/*.test.ts'],
    reporters: ['default', './scripts/catalogue/reporter.ts'],
    testTimeout: 20_000,
  },
});
