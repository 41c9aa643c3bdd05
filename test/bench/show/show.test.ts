import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { FIGURES } from '../figures/given-figures.ts';
import { withFigures } from './readme.ts';
import { present } from './terminal.ts';
import { numberText, spreadText } from './texts.ts';

const MARKS = ['<!-- bench: made by `npm run bench -- --readme` -->', '<!-- /bench -->'] as const;

describe('the figures in the terminal', () => {
  it.each([70, 80, 120])('fit %i columns', (width) => {
    const lines = stripVTControlCharacters(present(FIGURES, width)).split('\n');

    expect(lines.filter((line) => line.length > width)).toEqual([]);
  });

  it('are those of the parts that were asked for', () => {
    const { bundle } = FIGURES;

    const text = stripVTControlCharacters(present({ bundle }, 80));

    expect(text).toContain('import, ms');
    expect(text).not.toContain('Secrets with');
  });

  it.each([
    [846, '846'],
    [1765, '1,765'],
    [0, '0'],
    [0.4795, '0.48'],
    [0.5, '0.50'],
    [12.34, '12.3'],
    [1020.4, '1,020'],
  ])('show %d as %s', (value, text) => {
    expect(numberText(value)).toBe(text);
  });

  it('show between which values half of the samples lie, where that is not one value', () => {
    expect(spreadText({ median: 57.25, lower: 55, upper: 60 })).toBe('57.3 (55 to 60)');
    expect(spreadText({ median: 5, lower: 5, upper: 5 })).toBe('5');
  });
});

describe('the figures in README.md', () => {
  it('stand between the marks, with the ratio first', () => {
    const [begin, end] = MARKS;

    const text = withFigures(`before\n${begin}\nan earlier run\n${end}\nafter`, FIGURES);

    expect(text).toMatch(/^before\n<!-- bench/);
    expect(text).toMatch(/<!-- \/bench -->\nafter$/);
    expect(text).not.toContain('an earlier run');
    expect(text).toContain('| ratio | 0.48 |');
    expect(text).toContain('| this project | 846 |');
    expect(text).toContain('| two tokens | 1,020 |');
    expect(text).toContain(
      '1,000 are rotated, of which the credential recovered 0, and 0 are lost',
    );
  });
});
