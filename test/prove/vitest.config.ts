import { defineConfig } from 'vitest/config';
import { ClosingLine } from '../rig/closing-line.ts';
import { textModules } from '../rig/text-modules.ts';

/**
 * `npm run prove`: what takes minutes. The whole matrix, the model, the simulation and the commands
 * of the README; and the coverage of `lambda/` by the tests that run it in their own process.
 */
export default defineConfig({
  root: `${import.meta.dirname}/../..`,
  plugins: [textModules],
  test: {
    include: ['test/**/*.prove.ts', 'test/{lambda,scenarios}/**/*.test.ts'],
    globalSetup: ['test/rig/temporary-folder.ts'],
    setupFiles: ['test/rig/seed.ts'],
    reporters: ['default', new ClosingLine('npm run prove')],
    testTimeout: 60_000,
    maxWorkers: '100%',
    maxConcurrency: 16,
    coverage: {
      enabled: true,
      provider: 'v8',
      include: ['lambda/**/*.ts'],
      thresholds: { 100: true },
      reporter: ['text'],
    },
  },
});
