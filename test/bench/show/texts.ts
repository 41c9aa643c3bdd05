import type { Spread } from '../figures/spread.ts';

/** A table as people see it, in a terminal or in Markdown. */
export interface Table {
  readonly title: string;
  /** Above the cells; the first column has no heading. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly [name: string, ...cells: string[]])[];
}

/** `1,000`, `46`, `4.98`, `0.62`: three digits, or all before the point. */
export function numberText(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en', {
    maximumFractionDigits: Number.isInteger(value) ? 0 : digits,
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
