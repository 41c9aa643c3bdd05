import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { textModules } from '../rig/vitest/text-modules.ts';

/** Files that take a second or more: they wait for a time-out, start a shell, or hold hundreds of tests. */
const LAST = [
  'create-secret/',
  'healing/',
  'successor/',
  'alerts/advice',
  'token/maintenance',
  'secret-value.fuzz',
  'runbook-commands',
  'time-outs',
];

/** The first test that fails ends the run of a mutant, so what is quick comes first. */
class QuickFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) =>
      LAST.findIndex((name) => moduleId.includes(name));
    return files.toSorted((one, other) => rank(one) - rank(other));
  }
}

/** For mutation testing: the tests that run `lambda/` in their own process. */
export default defineConfig({
  root: `${import.meta.dirname}/../..`,
  plugins: [textModules],
  test: {
    include: ['test/lambda/**/*.test.ts'],
    // They load all modules anew, in a test: their constants would seem to be its own.
    exclude: ['test/lambda/index*.test.ts'],
    sequence: { sequencer: QuickFirst },
    setupFiles: ['test/mutation/stryker.setup.ts'],
    // Nobody reads them.
    reporters: [{}],
    // The modules of the SDK are loaded once, not once a file: half the time.
    isolate: false,
    // The longest test waits for five seconds; a mutant can make others wait for ever.
    testTimeout: 12_000,
  },
});
