import { withBlock } from '../../rig/documents/readme-block.ts';
import type { Strategy, Timeline } from './timeline/timeline.ts';
import { totalsOf, totalsTable } from './timeline/totals.ts';
import { countText, STRATEGY_NAMES } from './timeline/words.ts';

/** The files with the pictures of README.md, beside it. */
export const PICTURES: Readonly<Record<Strategy, string>> = {
  single: 'one-token.svg',
  alternating: 'two-tokens.svg',
};

/** README.md of this folder with the pictures and the numbers of both. @throws {Error} where the marks are missing */
export function withComparison(readme: string, timelines: readonly Timeline[]): string {
  const parts = [...timelines.map(pictureOf), totalsTable(timelines)];
  return withBlock(readme, 'simulate', parts.join('\n\n'));
}

function pictureOf(timeline: Timeline): string {
  const { calls, unauthorized } = totalsOf(timeline);
  const what = `${STRATEGY_NAMES[timeline.strategy]} for ${timeline.days} days`;
  const seen = `${countText(unauthorized)} of ${countText(calls)} calls were answered with 401`;
  return `![${what}: ${seen}](${PICTURES[timeline.strategy]})`;
}
