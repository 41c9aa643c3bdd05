import { defineConfig } from 'vitest/config';
import { ClosingLine } from './rig/closing-line.ts';
import { textModules } from './rig/text-modules.ts';

/** Each loads modules anew, to see what they do when they are loaded. */
const FRESH = ['test/lambda/index*.test.ts', 'test/infra/local/lambda/**/*.test.ts'];

/** `npm test`: all that a change can break at once. */
export default defineConfig({
  root: `${import.meta.dirname}/..`,
  plugins: [textModules],
  test: {
    globalSetup: ['test/rig/temporary-folder.ts'],
    setupFiles: ['test/rig/seed.ts'],
    reporters: ['default', new ClosingLine('npm test')],
    // Child processes, servers and syntheses: slower than unit tests on a small machine.
    testTimeout: 60_000,
    maxWorkers: '100%',
    projects: [
      {
        extends: true,
        test: {
          name: 'shared',
          include: ['test/**/*.test.ts'],
          exclude: FRESH,
          // The SDK, CDK and the rigs are loaded once by each worker, not once a file.
          isolate: false,
        },
      },
      { extends: true, test: { name: 'fresh', include: FRESH } },
    ],
  },
});
