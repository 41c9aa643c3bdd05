import type { Outage } from '../../timeline/timeline.ts';
import { shortDuration } from '../../timeline/words.ts';
import { type DrawLane, FRAME, laneName, type Scale, SIZE } from '../drawing/frame.ts';
import { bar, line, text, widthOf } from '../drawing/svg.ts';
import { type Extent, isApart } from './rows.ts';

const ROW = 38;
const NAME_ROOM = 30;

/** A line for each consumer, with a bar where its calls failed: the longer, the higher. */
export const drawConsumers: DrawLane = ({ consumers }, scale, top) => {
  const rows = consumers.map(({ name, outages }, index) => {
    const y = top + NAME_ROOM + index * ROW;
    return [
      text(FRAME.margin, y + 4, name, { size: SIZE.label, colour: 'muted' }),
      line([FRAME.left, y], [FRAME.right, y], { class: 's-good', 'stroke-width': 2 }),
      ...drawOutages(outages, scale, y),
    ].join('\n');
  });
  const content = [laneName(top + NAME_ROOM - 16, 'Consumers'), ...rows].join('\n');
  return { content, height: NAME_ROOM + consumers.length * ROW - 14 };
};

/** The longest first: where there is no room for all durations, theirs are told. */
function drawOutages(outages: readonly Outage[], scale: Scale, y: number): string[] {
  const told: Extent[] = [];
  const byLength = outages.toSorted((a, b) => b.to - b.from - (a.to - a.from));
  return byLength.map(({ kind, from, to }) => {
    const width = Math.max(4, scale(to) - scale(from));
    const height = heightOf(to - from);
    const middle = (scale(from) + scale(to)) / 2;
    const box = { x: middle - width / 2, y: y - height, width, height: height + 1 };
    const label = shortDuration(to - from);
    const half = widthOf(label, SIZE.small) / 2;
    const x = Math.min(middle, FRAME.right - half);
    const extent = { left: x - half, right: x + half };
    const isFree = told.every((other) => isApart(extent, other));
    if (isFree) {
      told.push(extent);
    }
    const colour = kind === 'unauthorized' ? 'bad' : 'muted';
    const style = { size: SIZE.small, colour, anchor: 'middle' } as const;
    return (
      bar(box, { class: `f-${colour}` }) + (isFree ? text(x, y - height - 4, label, style) : '')
    );
  });
}

/** By its logarithm, from a minute to some hours. */
function heightOf(ms: number): number {
  return 5 + Math.min(12, Math.max(0, Math.log10(ms / 60_000) * 5));
}
