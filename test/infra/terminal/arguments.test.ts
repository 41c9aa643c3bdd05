import { afterEach, describe, expect, it, vi } from 'vitest';
import { readArguments, readWholeNumber } from '../../../infra/terminal/arguments.ts';

const options = {
  local: { type: 'boolean', default: false },
  secrets: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

const read = (args: string[], allowPositionals = false) =>
  readArguments({ args, options, allowPositionals });

describe('the arguments of a command', () => {
  it('are read as Node reads them', () => {
    const { values, positionals } = read(['--local', 'app/a', '--secrets=30', '-h'], true);

    expect({ ...values }).toEqual({ local: true, secrets: '30', help: true });
    expect(positionals).toEqual(['app/a']);
  });

  it.each([
    [['--local', '--secret', '30'], '--secret is not an option. Did you mean --secrets?'],
    [['--sec=30'], '--sec is not an option. Did you mean --secrets?'],
    [['--lokal'], '--lokal is not an option. Did you mean --local?'],
    [['--foo'], '--foo is not an option. Known here: --local, --secrets, --help'],
    [['-s'], '-s is not an option. Known here: --local, --secrets, --help'],
  ])('lead from what is no option to the one that was meant: %j', (args, words) => {
    // With positional arguments, Node's own words are others.
    for (const allowPositionals of [true, false]) {
      expect(() => read(args, allowPositionals)).toThrow(new Error(words));
    }
  });

  it.each([
    [['--secrets'], "Option '--secrets <value>' argument missing"],
    [['app/a'], "Unexpected argument 'app/a'"],
  ])('are refused in the words of Node where these are about them: %j', (args, words) => {
    expect(() => read(args)).toThrow(words);
  });
});

describe('an option that npm took, since -- was not before it', () => {
  const known = {
    'allow-replacement': { type: 'boolean' },
    profile: { type: 'string' },
    json: { type: 'boolean' },
  } as const;

  afterEach(() => vi.unstubAllEnvs());

  it.each([
    ['deploy', 'npm run deploy'],
    ['start', 'npm start'],
  ])('is refused with the command that was meant: %s', (script, command) => {
    vi.stubEnv('npm_config_allow_replacement', 'true');
    vi.stubEnv('npm_config_profile', 'prod');
    vi.stubEnv('npm_lifecycle_event', script);

    expect(() => readArguments({ args: [], options: known })).toThrow(
      new Error(
        `npm took --allow-replacement and --profile for its own. Put -- before the options: ${command} -- --allow-replacement --profile`,
      ),
    );
  });

  it('may be meant for npm, if npm has one of its name', () => {
    vi.stubEnv('npm_config_json', 'true');

    expect(readArguments({ args: [], options: known }).values.json).toBeUndefined();
  });
});

describe('a whole number', () => {
  const allowed = { min: 0, max: 200 };

  it.each([
    ['0', 0],
    ['007', 7],
    ['200', 200],
  ])('is read: %s', (text, number) => {
    expect(readWholeNumber('days', text, allowed)).toBe(number);
  });

  it.each(['', ' 1', '-1', '1.0', '1e2', '0x3', '201', 'ten'])('is refused: "%s"', (text) => {
    const words = `--days must be a whole number from 0 to 200, got "${text}"`;

    expect(() => readWholeNumber('days', text, allowed)).toThrow(new Error(words));
  });
});
