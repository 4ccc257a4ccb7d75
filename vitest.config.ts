import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['packages/*/test/**/*.test.ts', 'scripts/test/*.test.ts'],
    reporters: ['default', './scripts/catalogue/reporter.ts'],
    testTimeout: 20_000,
    // Most tests wait for processes and sockets: one worker would leave half of two cores idle.
    maxWorkers: 2,
  },
});
