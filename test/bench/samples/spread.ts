/** Samples of one figure: half of them lie between the quartiles. */
export interface Spread {
  readonly median: number;
  readonly lower: number;
  readonly upper: number;
}

/** @param values at least one */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const quantile = (share: number) => {
    const place = share * (sorted.length - 1);
    const below = sorted[Math.floor(place)] ?? Number.NaN;
    const above = sorted[Math.ceil(place)] ?? Number.NaN;
    return below + (above - below) * (place % 1);
  };
  return { median: quantile(0.5), lower: quantile(0.25), upper: quantile(0.75) };
}

/**
 * How many times one is the other. Each sample is held against that of the other which was taken
 * right beside it, so that what else the machine did then counts for both.
 */
export function ratioOf(ones: readonly number[], others: readonly number[]): Spread {
  return spreadOf(ones.map((one, index) => one / (others[index] ?? Number.NaN)));
}
