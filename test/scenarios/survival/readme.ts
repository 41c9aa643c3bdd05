import { withBlock } from '../readme-block.ts';
import type { Totals } from './totals.ts';
import { totalsTable } from './totals.ts';

/** The README with the totals of a run between the marks. @throws {Error} where the marks are missing */
export function withTotals(readme: string, ours: Totals, textbook: Totals): string {
  return withBlock(readme, 'survival', totalsTable(ours, textbook));
}
