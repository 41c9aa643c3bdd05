import { withBlock } from '../../../rig/documents/readme-block.ts';
import { type AllTotals, totalsTable } from './totals.ts';

/** The README with the totals of a run between the marks. @throws {Error} where the marks are missing */
export function withTotals(readme: string, totals: AllTotals): string {
  return withBlock(readme, 'survival', totalsTable(totals));
}
