import { describe, expect, it } from 'vitest';
import { parseOptions } from './options.ts';

describe('the options of npm run simulate', () => {
  it('are ninety days with one token and with two, where nothing is said', () => {
    expect(parseOptions([])).toEqual({
      help: false,
      days: 90,
      seed: 1,
      strategies: ['single', 'alternating'],
      json: false,
      readme: false,
    });
  });

  it('are what was said', () => {
    const args = '--days 30 --seed 0 --tokens two --svg picture.svg --json'.split(' ');

    expect(parseOptions(args)).toMatchObject({
      days: 30,
      seed: 0,
      strategies: ['alternating'],
      svg: 'picture.svg',
      json: true,
    });
  });

  it.each([
    [['--days', '9'], '--days must be a whole number from 10 to 400, got "9"'],
    [['--days', '1e2'], '--days must be a whole number from 10 to 400, got "1e2"'],
    [['--seed', '-1'], "Option '--seed' argument is ambiguous"],
    [['--seed', '4294967296'], '--seed must be a whole number from 0 to 4294967295'],
    [['--tokens', '1'], '--tokens must be one of one, two, both, got "1"'],
    [['--tokens', 'toString'], '--tokens must be one of one, two, both'],
    [['--svg', 'picture.png'], '--svg must be a file that ends in .svg, got "picture.png"'],
    [['--readme', '--days', '30'], '--readme shows the usual run'],
    [['--json', '--svg'], "Option '--svg <value>' argument missing"],
    [['--nonsense'], '--nonsense is not an option. Known here: --days, --seed, '],
    [['--token', 'one'], '--token is not an option. Did you mean --tokens?'],
  ])('%j is refused, with words that help', (args, words) => {
    expect(() => parseOptions(args)).toThrow(words);
  });
});
