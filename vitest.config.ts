import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['packages/*/test/**/*.test.ts', 'scripts/test/*.test.ts'],
    reporters: ['default', './scripts/catalogue/reporter.ts', './scripts/retried-tests.ts'],
    testTimeout: 20_000,
    // Real processes on a busy machine may be late once; which were is said at the end.
    retry: 1,
    // Most tests wait for processes and sockets: one worker would leave half of two cores idle.
    maxWorkers: 2,
  },
});
