import { describe, expect, it } from 'vitest';
import { parseOptions, usage } from './options.ts';

describe('the options of npm run bench', () => {
  it('are the usual run, where nothing is said', () => {
    expect(parseOptions([])).toEqual({
      help: false,
      parts: ['bundle', 'rotation', 'fleet', 'memory'],
      samples: 25,
      secrets: 1000,
      invocations: 10_000,
      seed: 1,
      json: false,
      readme: false,
    });
  });

  it('are what was said', () => {
    const args = '--only rotation,bundle --samples 3 --secrets 30 --seed 0 --json'.split(' ');

    expect(parseOptions(args)).toMatchObject({
      parts: ['bundle', 'rotation'],
      samples: 3,
      secrets: 30,
      seed: 0,
      json: true,
    });
  });

  it.each([
    [['--samples', '0'], '--samples must be a whole number from 1 to 1000, got "0"'],
    [['--secrets', '1e2'], '--secrets must be a whole number from 1 to 1000, got "1e2"'],
    [['--invocations', '79'], '--invocations must be a whole number from 80 to 1000000, got "79"'],
    [['--seed', '4294967296'], '--seed must be a whole number from 0 to 4294967295'],
    [['--only', 'import'], '--only must be of bundle, rotation, fleet, memory, got "import"'],
    [['--readme', '--samples', '3'], '--readme shows the usual run: leave out --only, --samples'],
    [['--readme', '--only', 'fleet'], '--readme shows the usual run'],
    [['--sample', '3'], '--sample is not an option. Did you mean --samples?'],
  ])('%j is refused, with words that help', (args, words) => {
    expect(() => parseOptions(args)).toThrow(words);
  });

  it('are explained in lines that fit', () => {
    const lines = usage(60).split('\n');

    expect(lines.filter((line) => line.length > 60)).toEqual([]);
  });
});
