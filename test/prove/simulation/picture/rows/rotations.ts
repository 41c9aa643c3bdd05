import type { RotationMark } from '../../timeline/timeline.ts';
import { type DrawLane, laneName } from '../drawing/frame.ts';
import { element, line } from '../drawing/svg.ts';
import { layLabels } from './labels.ts';

const DOT = 4.5;

/** Each rotation of the schedule, with what disturbed it above. */
export const drawRotations: DrawLane = ({ rotations }, scale, top) => {
  const scheduled = rotations.filter(({ by }) => by === 'schedule');
  const labels = layLabels(
    scheduled
      .filter(({ fault }) => fault !== undefined)
      .map(({ at, fault = '' }) => ({ at, lines: inTwoLines(fault) })),
    scale,
  );
  const middle = top + labels.height + DOT;
  const dots = scheduled.map((rotation) => drawDot(rotation, scale(rotation.at), middle));
  const texts = labels.drawAbove(middle - 13);
  const content = [laneName(middle + 4, 'Rotations'), ...texts, ...dots].join('\n');
  return { content, height: labels.height + 26 };
};

function drawDot({ succeeded }: RotationMark, x: number, y: number): string {
  if (succeeded) {
    return element('circle', { cx: x, cy: y, r: DOT, class: 'f-good' });
  }
  const stroke = { class: 's-bad', 'stroke-width': 2, 'stroke-linecap': 'round' };
  const arm = DOT - 1;
  return [
    line([x - arm, y - arm], [x + arm, y + arm], stroke),
    line([x - arm, y + arm], [x + arm, y - arm], stroke),
  ].join('');
}

/** The last word alone. */
function inTwoLines(words: string): readonly string[] {
  const blank = words.lastIndexOf(' ');
  return blank === -1 ? [words] : [words.slice(0, blank), words.slice(blank + 1)];
}
