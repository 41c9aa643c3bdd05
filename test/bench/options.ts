import { readArguments, readWholeNumber } from '../../infra/terminal/arguments.ts';
import { HELP_OPTION } from '../../infra/terminal/command.ts';
import { list, paragraph } from '../../infra/terminal/layout.ts';

/** What is measured. */
const PARTS = ['bundle', 'rotation', 'fleet', 'memory'] as const;
export type Part = (typeof PARTS)[number];

/** What a person asked for. */
export interface Options {
  readonly help: boolean;
  readonly parts: readonly Part[];
  readonly samples: number;
  /** In the largest fleet. */
  readonly secrets: number;
  /** Of the instance whose memory is measured. */
  readonly invocations: number;
  readonly seed: number;
  readonly json: boolean;
  readonly readme: boolean;
}

const NUMBERS = {
  samples: { usual: 25, min: 1, max: 1000 },
  secrets: { usual: 1000, min: 1, max: 1000 },
  invocations: { usual: 10_000, min: 80, max: 1_000_000 },
  seed: { usual: 1, min: 0, max: 2 ** 32 - 1 },
} as const;

const OPTIONS = {
  '--only <part>': `${PARTS.join(', ')}; several with commas. Default: all`,
  '--samples <n>': `of each time that is measured. Default: ${NUMBERS.samples.usual}`,
  '--secrets <n>': `in the largest fleet, at most ${NUMBERS.secrets.max}. Default: ${NUMBERS.secrets.usual}`,
  '--invocations <n>': `of the instance whose memory is measured. Default: ${NUMBERS.invocations.usual}`,
  '--seed <n>': `other faults in the fleet. Default: ${NUMBERS.seed.usual}`,
  '--json': 'print all figures as JSON: npm run --silent bench -- --json',
  '--readme': 'write the main figures into README.md',
  '-h, --help': 'print this',
};

const WHAT =
  'Measures the function that is deployed, beside a rotator as a user would write it: the bundle, ' +
  'a rotation, a fleet of secrets, and what each memory setting would bring. It takes some minutes. ' +
  'Let the machine do nothing else meanwhile. The exit code is 1 if a token was lost.';

/** @param width columns of the terminal */
export function usage(width: number): string {
  return [
    'npm run bench [-- options]',
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
      only: { type: 'string', default: PARTS.join(',') },
      samples: { type: 'string', default: String(NUMBERS.samples.usual) },
      secrets: { type: 'string', default: String(NUMBERS.secrets.usual) },
      invocations: { type: 'string', default: String(NUMBERS.invocations.usual) },
      seed: { type: 'string', default: String(NUMBERS.seed.usual) },
      json: { type: 'boolean', default: false },
      readme: { type: 'boolean', default: false },
      help: HELP_OPTION,
    },
  });
  const { json, readme, help } = values;
  const numberIn = (name: keyof typeof NUMBERS) =>
    readWholeNumber(name, values[name], NUMBERS[name]);
  const options = {
    help,
    parts: partsIn(values.only),
    samples: numberIn('samples'),
    secrets: numberIn('secrets'),
    invocations: numberIn('invocations'),
    seed: numberIn('seed'),
    json,
    readme,
  };
  if (readme && !isUsual(options)) {
    const others = Object.keys(NUMBERS).map((name) => `--${name}`);
    throw new Error(`--readme shows the usual run: leave out --only, ${others.join(', ')}`);
  }
  return options;
}

function isUsual(options: Options): boolean {
  const names = Object.keys(NUMBERS) as (keyof typeof NUMBERS)[];
  return (
    options.parts.length === PARTS.length &&
    names.every((name) => options[name] === NUMBERS[name].usual)
  );
}

function partsIn(text: string): readonly Part[] {
  const names = text.split(',');
  const unknown = names.find((name) => !(PARTS as readonly string[]).includes(name));
  if (unknown !== undefined) {
    throw new Error(`--only must be of ${PARTS.join(', ')}, got "${unknown}"`);
  }
  return PARTS.filter((part) => names.includes(part));
}
