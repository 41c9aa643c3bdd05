import { describe, expect, it } from 'vitest';
import { ratioOf, spreadOf } from './spread.ts';

describe('the spread of samples', () => {
  it.each([
    [[7], { median: 7, lower: 7, upper: 7 }],
    [[4, 2], { median: 3, lower: 2.5, upper: 3.5 }],
    [[9, 1, 5, 3, 7], { median: 5, lower: 3, upper: 7 }],
    [[10, 9, 8, 100], { median: 9.5, lower: 8.75, upper: 32.5 }],
  ])('of %j is %j', (values, expected) => {
    expect(spreadOf(values)).toEqual(expected);
  });

  it('leaves the samples in their order', () => {
    const values = [3, 1, 2];

    spreadOf(values);

    expect(values).toEqual([3, 1, 2]);
  });

  it('of a ratio is taken sample by sample: what slowed both counts for neither', () => {
    // The ratio of the medians is 2.
    expect(ratioOf([1, 10, 6], [2, 10, 3]).median).toBe(1);
  });
});
