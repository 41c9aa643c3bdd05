import { defineConfig } from 'vitest/config';
import { isNoCdkWarning } from '../rig/vitest/cdk-warnings.ts';
import { ClosingLine } from '../rig/vitest/closing-line.ts';
import { LongestFirst } from '../rig/vitest/longest-first.ts';
import { projectsOf } from '../rig/vitest/projects.ts';
import { textModules } from '../rig/vitest/text-modules.ts';

/**
 * `npm run prove`: what takes minutes. The whole matrix, the model, the simulation and the commands
 * of the documents; and the coverage of `lambda/` by the tests that run it in their own process.
 */
export default defineConfig({
  root: `${import.meta.dirname}/../..`,
  plugins: [textModules],
  test: {
    projects: projectsOf(['test/**/*.prove.ts', 'test/lambda/**/*.test.ts'], ['prove', 'test']),
    globalSetup: ['test/rig/vitest/test-run.ts'],
    setupFiles: ['test/rig/vitest/seed.ts'],
    reporters: ['default', new ClosingLine('npm run prove')],
    onConsoleLog: isNoCdkWarning,
    // CDK's own checks of each template cost half of a synthesis: nag.prove.ts has them.
    env: { CDK_VALIDATION: 'false' },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: '100%',
    sequence: { sequencer: LongestFirst },
    coverage: {
      enabled: true,
      provider: 'v8',
      include: ['lambda/**/*.ts'],
      thresholds: { 100: true },
      reporter: ['text'],
    },
  },
});
