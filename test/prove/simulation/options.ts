import { readArguments, readWholeNumber } from '../../../infra/terminal/arguments.ts';
import { HELP_OPTION } from '../../../infra/terminal/command.ts';
import { list, paragraph } from '../../../infra/terminal/layout.ts';
import type { Strategy } from './timeline/timeline.ts';

/** What a person asked for. */
export interface Options {
  readonly help: boolean;
  readonly days: number;
  readonly seed: number;
  readonly strategies: readonly Strategy[];
  /** Where the picture goes; with both, their names are put before the extension. */
  readonly svg?: string;
  readonly json: boolean;
  readonly readme: boolean;
}

export const DEFAULT_DAYS = 90;
export const DEFAULT_SEED = 1;
const DAYS = { min: 10, max: 400 };
const SEEDS = { min: 0, max: 2 ** 32 - 1 };

const STRATEGIES: ReadonlyMap<string, readonly Strategy[]> = new Map([
  ['one', ['single']],
  ['two', ['alternating']],
  ['both', ['single', 'alternating']],
]);

const OPTIONS = {
  '--days <n>': `${DAYS.min} to ${DAYS.max}. Default: ${DEFAULT_DAYS}`,
  '--seed <n>': `other faults at other times; a whole number. Default: ${DEFAULT_SEED}`,
  '--tokens <number>': 'one, two or both. Default: both',
  '--svg <file>':
    'write the picture; with both, two files: picture.svg becomes ' +
    'picture-one-token.svg and picture-two-tokens.svg',
  '--json': 'print all that happened as JSON: npm run --silent simulate -- --json',
  '--readme': 'write the table and the pictures of test/prove/simulation/README.md',
  '-h, --help': 'print this',
};

const WHAT =
  'Lets four programs use one secret for ninety days, on a simulated clock, while Secrets ' +
  'Manager rotates it every ten days and things go wrong: with one token, and with two that ' +
  'alternate. Counts what they see, and draws it.';

/** @param width columns of the terminal */
export function usage(width: number): string {
  return [
    'npm run simulate [-- options]',
    '',
    ...paragraph(`  ${WHAT}`, width),
    '',
    ...list(OPTIONS, width),
  ].join('\n');
}

/** @throws {Error} that says what was given and what is allowed */
export function parseOptions(args: readonly string[]): Options {
  const { values } = readArguments({
    args: [...args],
    options: {
      days: { type: 'string', default: String(DEFAULT_DAYS) },
      seed: { type: 'string', default: String(DEFAULT_SEED) },
      tokens: { type: 'string', default: 'both' },
      svg: { type: 'string' },
      json: { type: 'boolean', default: false },
      readme: { type: 'boolean', default: false },
      help: HELP_OPTION,
    },
  });
  const { svg, json, readme, help } = values;
  const strategies = STRATEGIES.get(values.tokens);
  if (strategies === undefined) {
    const names = [...STRATEGIES.keys()].join(', ');
    throw new Error(`--tokens must be one of ${names}, got "${values.tokens}"`);
  }
  if (svg !== undefined && !svg.endsWith('.svg')) {
    throw new Error(`--svg must be a file that ends in .svg, got "${svg}"`);
  }
  const days = readWholeNumber('days', values.days, DAYS);
  const seed = readWholeNumber('seed', values.seed, SEEDS);
  const isUsual = days === DEFAULT_DAYS && seed === DEFAULT_SEED && strategies.length === 2;
  if (readme && !isUsual) {
    throw new Error('--readme shows the usual run: leave out --days, --seed and --tokens');
  }
  return { help, days, seed, strategies, ...(svg !== undefined && { svg }), json, readme };
}
