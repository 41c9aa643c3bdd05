import { defineConfig } from 'vitest/config';
import { isNoCdkWarning } from './rig/vitest/cdk-warnings.ts';
import { ClosingLine } from './rig/vitest/closing-line.ts';
import { LongestFirst } from './rig/vitest/longest-first.ts';
import { projectsOf } from './rig/vitest/projects.ts';
import { textModules } from './rig/vitest/text-modules.ts';

/** `npm test`: all that a change can break at once. */
export default defineConfig({
  root: `${import.meta.dirname}/..`,
  plugins: [textModules],
  test: {
    projects: projectsOf(['test/**/*.test.ts'], ['test']),
    globalSetup: ['test/rig/vitest/test-run.ts'],
    setupFiles: ['test/rig/vitest/seed.ts'],
    reporters: ['default', new ClosingLine('npm test')],
    onConsoleLog: isNoCdkWarning,
    // CDK's own checks of each template cost half of a synthesis: nag.prove.ts has them.
    env: { CDK_VALIDATION: 'false' },
    // Child processes, servers and syntheses: slower than unit tests on a small machine.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: '100%',
    sequence: { sequencer: LongestFirst },
  },
});
