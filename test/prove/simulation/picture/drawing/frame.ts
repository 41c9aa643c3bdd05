import { DAY_MS, type Timeline } from '../../timeline/timeline.ts';
import { type Box, text } from './svg.ts';

/** The measures that all lanes share. */
export const FRAME = { width: 900, margin: 24, left: 160, right: 876 } as const;
/** Sizes of letters, and the height of a line of them. */
export const SIZE = { name: 12, label: 11, small: 10, line: 13 } as const;
/** Height of a bar, and of a row of bars. */
export const BAR = { height: 20, row: 25 } as const;

/** A part of the picture, from its own top on. */
export interface Lane {
  readonly content: string;
  readonly height: number;
}

/** Draws one part. */
export type DrawLane = (timeline: Timeline, scale: Scale, top: number) => Lane;

/** Where on the page a moment is. */
export type Scale = (at: number) => number;

export function scaleOf({ days }: Timeline): Scale {
  const width = FRAME.right - FRAME.left;
  return (at) => FRAME.left + (at / (days * DAY_MS)) * width;
}

/** A stretch of time. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A bar as long as a stretch of time, with a little room to its neighbours. */
export function spanBox({ from, to }: Span, scale: Scale, y: number): Box {
  const x = scale(from) + 0.5;
  return { x, y, width: Math.max(0.5, scale(to) - x - 0.5), height: BAR.height };
}

/** The same, so wide and so high that it is seen however short it was. */
export function momentBox({ from, to }: Span, scale: Scale, y: number): Box {
  const width = Math.max(3.5, scale(to) - scale(from));
  return { x: scale(from) - 0.5, y: y - 2.5, width, height: BAR.height + 5 };
}

/** What a lane is called, at the left. */
export function laneName(y: number, name: string): string {
  return text(FRAME.margin, y, name, { size: SIZE.name, colour: 'text' });
}
