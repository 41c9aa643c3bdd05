import { defineConfig } from 'vitest/config';
import { ClosingLine } from '../rig/vitest/closing-line.ts';
import { LongestFirst } from '../rig/vitest/longest-first.ts';
import { projectsOf } from '../rig/vitest/projects.ts';
import { textModules } from '../rig/vitest/text-modules.ts';

/**
 * They pass in `npm test`, take long, and cover nothing that others do not: samples of all kinds of
 * texts, the alert of every situation, and the commands of the runbook, which run in processes of
 * their own.
 */
const WITHOUT = [
  'test/lambda/event.fuzz.test.ts',
  'test/lambda/secret/secret-value.fuzz.test.ts',
  'test/lambda/alerts/advice/every-situation.test.ts',
  'test/lambda/alerts/runbook/runbook-commands.test.ts',
];

/**
 * `npm run coverage`: the coverage of `lambda/` by the tests that run it in their own process. A run
 * of its own, since all that is loaded while coverage is taken is slower.
 */
export default defineConfig({
  root: `${import.meta.dirname}/../..`,
  plugins: [textModules],
  test: {
    projects: projectsOf(['test/lambda/**/*.test.ts'], ['test'], WITHOUT),
    setupFiles: ['test/rig/vitest/seed.ts'],
    globalSetup: ['test/rig/vitest/test-run.ts'],
    reporters: ['dot', new ClosingLine('npm run coverage')],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: '100%',
    sequence: { sequencer: LongestFirst },
    coverage: {
      enabled: true,
      provider: 'v8',
      include: ['lambda/**/*.ts'],
      thresholds: { 100: true },
      reporter: [['text', { skipFull: true }]],
    },
  },
});
