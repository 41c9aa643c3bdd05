import { defineConfig } from 'vitest/config';
import { isNoCdkWarning } from '../rig/vitest/cdk-warnings.ts';
import { ClosingLine } from '../rig/vitest/closing-line.ts';
import { LongestFirst } from '../rig/vitest/longest-first.ts';
import { projectsOf } from '../rig/vitest/projects.ts';
import { textModules } from '../rig/vitest/text-modules.ts';

/**
 * `npm run prove`: what takes minutes. The whole matrix, the model, the simulation and the commands
 * of the documents. The coverage of `lambda/` has a run of its own before: coverage.config.ts.
 */
export default defineConfig({
  root: `${import.meta.dirname}/../..`,
  plugins: [textModules],
  test: {
    projects: projectsOf(['test/**/*.prove.ts'], ['prove']),
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
  },
});
