import { expect, it } from 'vitest';
import { rowsOf } from './rows.ts';

it('puts labels that meet into rows of their own, as few as need be', () => {
  const labels = [
    { left: 0, right: 100 },
    { left: 80, right: 180 },
    { left: 120, right: 200 },
    { left: 150, right: 250 },
  ];

  expect(rowsOf(labels)).toEqual([0, 1, 0, 2]);
});

it('has no rows for no labels', () => {
  expect(rowsOf([])).toEqual([]);
});
