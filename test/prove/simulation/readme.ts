import { withBlock } from '../../readme/readme-block.ts';
import type { Strategy, Timeline } from './timeline/timeline.ts';
import { totalsOf, totalsTable } from './timeline/totals.ts';
import { countText, STRATEGY_NAMES } from './timeline/words.ts';

/** Where the pictures of the documents are, beside this file. */
export const PICTURES: Readonly<Record<Strategy, string>> = {
  single: 'one-token.svg',
  alternating: 'two-tokens.svg',
};

/** README.md with the picture of two tokens between the marks. @throws {Error} where the marks are missing */
export function withPicture(readme: string, timelines: readonly Timeline[]): string {
  return withBlock(
    readme,
    'simulate',
    pictureOf('alternating', timelines, 'test/prove/simulation'),
  );
}

/** test/README.md with the picture of one token, and both compared. @throws {Error} where the marks are missing */
export function withComparison(readme: string, timelines: readonly Timeline[]): string {
  const picture = pictureOf('single', timelines, 'prove/simulation');
  return withBlock(readme, 'simulate', `${picture}\n\n${totalsTable(timelines)}`);
}

function pictureOf(strategy: Strategy, timelines: readonly Timeline[], folder: string): string {
  return timelines
    .filter((timeline) => timeline.strategy === strategy)
    .map((timeline) => {
      const { calls, unauthorized } = totalsOf(timeline);
      const what = `${STRATEGY_NAMES[strategy]} for ${timeline.days} days`;
      const seen = `${countText(unauthorized)} of ${countText(calls)} calls were answered with 401`;
      return `![${what}: ${seen}](${folder}/${PICTURES[strategy]})`;
    })
    .join('\n\n');
}
