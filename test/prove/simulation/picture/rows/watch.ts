import { changesFound } from '../../timeline/story.ts';
import { shortDuration } from '../../timeline/words.ts';
import { type DrawLane, laneName } from '../drawing/frame.ts';
import { element } from '../drawing/svg.ts';
import { layLabels } from './labels.ts';

const DOT = 4.5;
const TICK = 7;

/** A stroke for each run of the watch, a dot where it found something, above that what was changed. */
export const drawWatch: DrawLane = (timeline, scale, top) => {
  const found = changesFound(timeline);
  const labels = layLabels(
    found.map(({ at, what, afterMs }) => ({
      at: at + afterMs,
      lines: [what, `found after ${shortDuration(afterMs)}`],
    })),
    scale,
  );
  const middle = top + labels.height + DOT;
  const strokes = timeline.watches
    .map(({ at }) => `M${scale(at).toFixed(1)} ${middle - TICK / 2}v${TICK}`)
    .join('');
  const dots = timeline.watches
    .filter(({ codes }) => codes.length > 0)
    .map(({ at, risk }) => {
      const colour = risk === 'none' ? 'warning' : 'bad';
      return element('circle', { cx: scale(at), cy: middle, r: DOT, class: `f-${colour}` });
    });
  const content = [
    laneName(middle + 4, 'Daily watch'),
    ...labels.drawAbove(middle - 13),
    element('path', { d: strokes, class: 's-good', 'stroke-width': 1.5 }),
    ...dots,
  ];
  return { content: content.join('\n'), height: labels.height + 20 };
};
