import { basename, dirname, relative } from 'node:path';
import type {
  DryRunOptions,
  DryRunResult,
  MutantRunOptions,
  MutantRunResult,
  TestRunner,
} from '@stryker-mutator/api/test-runner';
import { strykerPlugins as vitestPlugins } from '@stryker-mutator/vitest-runner';
import type { Vitest } from 'vitest/node';
import { WarmPool } from './stryker.warm-worker.ts';

/** Stryker's runner for Vitest, with what it keeps to itself in its types. */
type VitestRunner = Required<TestRunner> & { readonly ctx?: Vitest };
type Factory = ((injector: never) => VitestRunner) & { readonly inject: readonly string[] };

/** Two mutants of three fall to one of the last five tests that killed others of their file. */
const LIKELY_KILLERS = 5;
const SURVIVED = 'survived' as MutantRunResult['status'] & 'survived';
/** What outlives the tests nearby rarely falls to the others, and all of them take a minute. */
const MOST_FAR_TESTS = 100;
/** Five seconds for a test, or a shell for each: nothing for a mutant of another file. */
const SLOW = /\/(?:time-outs|runbook-commands)\.test\.ts#/;

/**
 * Runs the tests of a mutant in four rounds: those that killed others of its file, those of its own file,
 * of its room, and some of the others that reach it. Most mutants fall in the first two, and so cost a few
 * tests in place of hundreds. One that only a test left out would notice counts as survived: the score is a
 * lower bound.
 */
class NearestFirst implements TestRunner {
  readonly #runner: VitestRunner;
  readonly #pool = new WarmPool();
  /** By mutated file: the tests that killed its mutants, the last one first. */
  readonly #killers = new Map<string, readonly string[]>();

  constructor(runner: VitestRunner) {
    this.#runner = runner;
  }

  capabilities() {
    return this.#runner.capabilities();
  }

  async init(): Promise<void> {
    await this.#runner.init();
    for (const { config } of this.#runner.ctx?.projects ?? []) {
      Object.assign(config, { pool: this.#pool.name, poolRunner: this.#pool });
    }
  }

  async dispose(): Promise<void> {
    await this.#pool.replace();
    await this.#runner.dispose();
  }

  dryRun(options: DryRunOptions): Promise<DryRunResult> {
    return this.#runner.dryRun(options);
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    const result = await this.#runRounds(options);
    if (result.status === 'survived' || (await this.#isConfirmed(result, options))) {
      return result;
    }
    await this.#pool.replace();
    const again = await this.#runRounds(options);
    return again.status !== 'killed' || (await this.#isConfirmed(again, options))
      ? again
      : { status: SURVIVED, nrOfTests: again.nrOfTests };
  }

  /**
   * The tests that failed pass without a mutant, and fail with this one again: what other mutants left
   * behind in the thread must not kill it.
   */
  async #isConfirmed(result: MutantRunResult, options: MutantRunOptions): Promise<boolean> {
    if (result.status !== 'killed') {
      return false;
    }
    const testFilter = [...result.killedBy];
    const activeMutant = { ...options.activeMutant, id: 'none' };
    const without = await this.#runner.mutantRun({ ...options, activeMutant, testFilter });
    const passes = without.status === 'survived' && without.nrOfTests > 0;
    return passes && (await this.#runRound(testFilter, options)).status === 'killed';
  }

  async #runRounds(options: MutantRunOptions): Promise<MutantRunResult> {
    const { testFilter, sandboxFileName } = options;
    if (testFilter === undefined) {
      return await this.#runner.mutantRun(options);
    }
    const killers = this.#killers.get(sandboxFileName) ?? [];
    const likely = killers.filter((id) => testFilter.includes(id)).slice(0, LIKELY_KILLERS);
    const others = testFilter.filter((id) => !likely.includes(id));
    let nrOfTests = 0;
    for (const round of [likely, ...roundsOf(others, sandboxFileName)]) {
      const result = await this.#runRound(round, options);
      if (result.status === 'killed') {
        this.#killers.set(sandboxFileName, [...new Set([...result.killedBy, ...killers])]);
      }
      if (result.status !== 'survived') {
        return result;
      }
      nrOfTests += result.nrOfTests;
    }
    return { status: SURVIVED, nrOfTests };
  }

  async #runRound(testFilter: string[], options: MutantRunOptions): Promise<MutantRunResult> {
    return testFilter.length === 0
      ? { status: SURVIVED, nrOfTests: 0 }
      : await this.#runner.mutantRun({ ...options, testFilter });
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
  return [own, quick(near), quick(sample)];
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
