import { type AllTotals, totalsTable } from './totals.ts';

const BEGIN = '<!-- survival: made by `npm run survival -- --readme` -->';
const END = '<!-- /survival -->';

/** The README with the totals of a run between the marks. @throws {Error} where the marks are missing */
export function withTotals(readme: string, totals: AllTotals): string {
  const begin = readme.indexOf(BEGIN);
  const end = readme.indexOf(END);
  if (begin === -1 || end < begin) {
    throw new Error(`README.md must hold ${BEGIN} and ${END}`);
  }
  const table = totalsTable(totals);
  return `${readme.slice(0, begin + BEGIN.length)}\n\n${table}\n\n${readme.slice(end)}`;
}
