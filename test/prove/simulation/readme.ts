import { withBlock } from '../../readme/readme-block.ts';
import type { Strategy, Timeline } from './timeline.ts';
import { totalsOf, totalsTable } from './totals.ts';
import { countText, STRATEGY_NAMES } from './words.ts';

/** Where the pictures of the README are, beside this file. */
export const PICTURES: Readonly<Record<Strategy, string>> = {
  single: 'one-token.svg',
  alternating: 'two-tokens.svg',
};
const FOLDER = 'test/prove/simulation';

/** The README with pictures and table between the marks. @throws {Error} where the marks are missing */
export function withSimulation(readme: string, timelines: readonly Timeline[]): string {
  const pictures = timelines.map(pictureOf);
  return withBlock(readme, 'simulate', [...pictures, totalsTable(timelines)].join('\n\n'));
}

function pictureOf(timeline: Timeline): string {
  const { strategy, days } = timeline;
  const { calls, unauthorized } = totalsOf(timeline);
  const what = `${STRATEGY_NAMES[strategy]} for ${days} days`;
  const seen = `${countText(unauthorized)} of ${countText(calls)} calls were answered with 401`;
  return `![${what}: ${seen}](${FOLDER}/${PICTURES[strategy]})`;
}
