import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: `${import.meta.dirname}/..`,
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/rig/temporary-folder.ts',
    // Real servers, child processes and syntheses: slower than unit tests on a small machine.
    testTimeout: 30_000,
    // Tests that say so mostly wait.
    maxConcurrency: 16,
    coverage: {
      provider: 'v8',
      include: ['lambda/**'],
      thresholds: { 100: true },
      reporter: ['text'],
    },
  },
});
