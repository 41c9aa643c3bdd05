import { basename, dirname, relative } from 'node:path';
import type {
  DryRunOptions,
  DryRunResult,
  MutantRunOptions,
  MutantRunResult,
  TestRunner,
} from '@stryker-mutator/api/test-runner';
import { strykerPlugins as vitestPlugins } from '@stryker-mutator/vitest-runner';

type Factory = ((injector: never) => TestRunner) & { readonly inject: readonly string[] };

/** What outlives the tests nearby rarely falls to the others, and all of them take a minute. */
const MOST_FAR_TESTS = 100;
/** Five seconds for a test, or a shell for each: nothing for a mutant of another file. */
const SLOW = /\/(?:time-outs|runbook-commands)\.test\.ts#/;

/**
 * Runs the tests of a mutant in three rounds: those of its own file, of its room, and some of the others
 * that reach it. Most mutants fall in the first, and so cost the tests of one file in place of a hundred.
 * One that only a test left out would notice counts as survived: the score is a lower bound.
 */
class NearestFirst implements TestRunner {
  readonly #runner: TestRunner;

  constructor(runner: TestRunner) {
    this.#runner = runner;
  }

  capabilities() {
    return this.#runner.capabilities();
  }

  async init(): Promise<void> {
    await this.#runner.init?.();
  }

  async dispose(): Promise<void> {
    await this.#runner.dispose?.();
  }

  dryRun(options: DryRunOptions): Promise<DryRunResult> {
    return this.#runner.dryRun(options);
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    const { testFilter, sandboxFileName } = options;
    if (testFilter === undefined) {
      return await this.#runner.mutantRun(options);
    }
    let nrOfTests = 0;
    for (const round of roundsOf(testFilter, sandboxFileName)) {
      const result = await this.#runner.mutantRun({ ...options, testFilter: round });
      if (result.status !== 'survived') {
        return result;
      }
      nrOfTests += result.nrOfTests;
    }
    return { status: 'survived' as MutantRunResult['status'] & 'survived', nrOfTests };
  }
}

/** Splits ids of tests (`<file>#<name>`) by how near their files are to the mutated one. */
function roundsOf(testIds: readonly string[], mutatedFile: string): readonly string[][] {
  const mutated = relative(process.cwd(), mutatedFile).replace(/\.ts$/, '');
  const room = `test/${dirname(mutated)}/`;
  const rounds: string[][] = [[], [], []];
  for (const id of testIds) {
    const [file = ''] = id.split('#');
    // Its tests are a file beside the others of the room, one in a room below, or several in theirs.
    const isOwn = file
      .slice(room.length)
      .split('/')
      .some((part) => part.startsWith(basename(mutated)));
    rounds[!file.startsWith(room) ? 2 : isOwn ? 0 : 1]?.push(id);
  }
  const [own = [], near = [], far = []] = rounds;
  const quick = (ids: readonly string[]) => ids.filter((id) => !SLOW.test(id));
  const every = Math.ceil(far.length / MOST_FAR_TESTS);
  const sample = far.filter((_, index) => index % every === 0);
  return [own, quick(near), quick(sample)].filter((round) => round.length > 0);
}

const [vitestPlugin] = vitestPlugins;
const createVitestRunner = vitestPlugin?.factory as unknown as Factory;
const createNearestFirst = Object.assign(
  (injector: never) => new NearestFirst(createVitestRunner(injector)),
  { inject: createVitestRunner.inject },
);

export const strykerPlugins = [
  { kind: 'TestRunner', name: 'nearest-first', factory: createNearestFirst },
];
