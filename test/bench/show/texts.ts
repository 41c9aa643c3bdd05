import type { Spread } from '../samples/spread.ts';

/** A table as people see it, in a terminal or in Markdown. */
export interface Table {
  readonly title: string;
  /** Above the cells; the first column has no heading. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly [name: string, ...cells: string[]])[];
}

/** `1,000`, `46`, `4.98`, `0.50`: whole, or with so many digits that there are three. */
export function numberText(value: number): string {
  const least = Math.abs(value) >= 10 ? 1 : 2;
  const digits = Number.isInteger(value) || Math.abs(value) >= 100 ? 0 : least;
  return value.toLocaleString('en', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** The median, and between which values half of the samples lie: `57.3 (56 to 60.1)`. */
export function spreadText({ median, lower, upper }: Spread): string {
  const [middle, from, to] = [median, lower, upper].map(numberText);
  return from === to ? `${middle}` : `${middle} (${from} to ${to})`;
}

export function megabytes(bytes: number): number {
  return bytes / 1024 ** 2;
}
