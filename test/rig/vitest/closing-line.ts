import type { Reporter, TestModule, TestRunEndReason } from 'vitest/node';

declare module 'vitest' {
  interface TaskMeta {
    /** Cells of the matrix that this test held against what is written. */
    cells?: { readonly played: number; readonly of: number };
    /** Sequences of the model that this test played. */
    sequences?: number;
    /** Days of the simulation that this test looked at. */
    days?: number;
  }
}

/** Ends a run with one line that says what passed, or how much failed. */
export class ClosingLine implements Reporter {
  readonly #command: string;

  /** @param command what a person typed */
  constructor(command: string) {
    this.#command = command;
  }

  onTestRunEnd(
    modules: readonly TestModule[],
    errors: readonly unknown[],
    reason: TestRunEndReason,
  ): void {
    const line = lineOf(modules, errors.length);
    // At the very end: coverage, too, may fail, and is printed later than this is called.
    process.once('exit', (code) => {
      const verdict = code === 0 && reason === 'passed' ? 'passed' : 'failed';
      process.stdout.write(`\n${this.#command}: ${verdict}: ${line}\n`);
    });
  }
}

function lineOf(modules: readonly TestModule[], errors: number): string {
  const tests = modules.flatMap(({ children }) => [...children.allTests()]);
  const inState = (state: string) => tests.filter((test) => test.result().state === state).length;
  const failed = inState('failed');
  const broken = modules.filter((module) => module.state() === 'failed').length;
  const metas = tests.map((test) => test.meta());
  const sum = (numbers: readonly (number | undefined)[]) =>
    numbers.reduce<number>((total, number = 0) => total + number, 0);
  const cells = sum(metas.map((meta) => meta.cells?.played));
  const allCells = sum(metas.map((meta) => meta.cells?.of));
  const sequences = sum(metas.map((meta) => meta.sequences));
  const days = sum(metas.map((meta) => meta.days));
  return [
    `${count(inState('passed'), 'test')} in ${count(modules.length - broken, 'file')}`,
    ...(failed + broken + errors > 0
      ? [
          `${count(failed, 'test')} failed, ${count(broken, 'file')} failed, ${count(errors, 'error')} outside of tests`,
        ]
      : []),
    ...(allCells > 0 ? [`${numberText(cells)} of ${count(allCells, 'cell')} of the matrix`] : []),
    ...(sequences > 0 ? [`${count(sequences, 'sequence')} of the model`] : []),
    ...(days > 0 ? [`${count(days, 'simulated day')}`] : []),
    `seed ${process.env['SEED']}`,
  ].join(', ');
}

function count(number: number, noun: string): string {
  return `${numberText(number)} ${noun}${number === 1 ? '' : 's'}`;
}

function numberText(number: number): string {
  return number.toLocaleString('en-GB');
}
