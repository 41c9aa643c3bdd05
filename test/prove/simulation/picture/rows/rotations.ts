import type { RotationMark } from '../../timeline/timeline.ts';
import { type DrawLane, FRAME, laneName, SIZE } from '../drawing/frame.ts';
import { element, line, text, widthOf } from '../drawing/svg.ts';
import { rowsOf } from './rows.ts';

const LABEL_HEIGHT = 2 * SIZE.line + 5;
const DOT = 4.5;

/** Each rotation of the schedule, with what disturbed it above. */
export const drawRotations: DrawLane = ({ rotations }, scale, top) => {
  const scheduled = rotations.filter(({ by }) => by === 'schedule');
  const labels = scheduled
    .filter(({ fault }) => fault !== undefined)
    .map(({ at, fault = '' }) => labelAt(scale(at), inTwoLines(fault)));
  const rows = rowsOf(labels);
  const height = (1 + Math.max(0, ...rows)) * LABEL_HEIGHT;
  const middle = top + height + DOT;
  const texts = labels.flatMap(({ x, lines }, index) => {
    const y = middle - 13 - (rows[index] ?? 0) * LABEL_HEIGHT - (lines.length - 1) * SIZE.line;
    return lines.map((words, place) =>
      text(x, y + place * SIZE.line, words, { size: SIZE.label, colour: 'text', anchor: 'middle' }),
    );
  });
  const dots = scheduled.map((rotation) => drawDot(rotation, scale(rotation.at), middle));
  const content = [laneName(middle + 4, 'Rotations'), ...texts, ...dots].join('\n');
  return { content, height: height + 26 };
};

/** In the middle of its dot, as far as it has room. */
function labelAt(middle: number, lines: readonly string[]) {
  const half = Math.max(...lines.map((words) => widthOf(words, SIZE.label))) / 2;
  const x = Math.min(Math.max(middle, FRAME.left + half), FRAME.right - half);
  return { x, lines, left: x - half, right: x + half };
}

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
