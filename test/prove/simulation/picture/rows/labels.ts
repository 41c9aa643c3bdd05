import { FRAME, type Scale, SIZE } from '../drawing/frame.ts';
import { text, widthOf } from '../drawing/svg.ts';
import { rowsOf } from './rows.ts';

const LABEL_HEIGHT = 2 * SIZE.line + 5;

/** What is written above a moment, in one line or in two. */
export interface Label {
  readonly at: number;
  readonly lines: readonly string[];
}

/** Labels above their moments, in as many rows as they need. */
export interface DrawnLabels {
  readonly height: number;
  /** @param bottom where the lowest row ends */
  readonly drawAbove: (bottom: number) => readonly string[];
}

export function layLabels(labels: readonly Label[], scale: Scale): DrawnLabels {
  const placed = labels.map(({ at, lines }) => place(scale(at), lines));
  const rows = rowsOf(placed);
  const style = { size: SIZE.label, colour: 'text', anchor: 'middle' } as const;
  return {
    height: (1 + Math.max(0, ...rows)) * LABEL_HEIGHT,
    drawAbove: (bottom) =>
      placed.flatMap(({ x, lines }, index) => {
        const y = bottom - (rows[index] ?? 0) * LABEL_HEIGHT - (lines.length - 1) * SIZE.line;
        return lines.map((words, line) => text(x, y + line * SIZE.line, words, style));
      }),
  };
}

/** In the middle of its moment, as far as it has room. */
function place(middle: number, lines: readonly string[]) {
  const half = Math.max(...lines.map((words) => widthOf(words, SIZE.label))) / 2;
  const x = Math.min(Math.max(middle, FRAME.left + half), FRAME.right - half);
  return { x, lines, left: x - half, right: x + half };
}
