import { type Incident, incidentsOf } from '../../timeline/story.ts';
import { shortDuration } from '../../timeline/words.ts';
import { type DrawLane, FRAME, laneName, type Scale, SIZE } from '../drawing/frame.ts';
import type { Colour } from '../drawing/palette.ts';
import { element, text, widthOf } from '../drawing/svg.ts';
import { rowsOf } from './rows.ts';

const DOT = 4;
const INDENT = 7;

/** What the topic told of each incident, and how it ended. */
export const drawAlerts: DrawLane = (timeline, scale, top) => {
  const blocks = incidentsOf(timeline)
    .filter(({ told }) => told.length > 0)
    .map((incident) => blockOf(incident, scale));
  const rows = rowsOf(blocks);
  const lines = Math.max(1, ...blocks.map(({ texts }) => texts.length));
  const rowHeight = lines * SIZE.line + 8;
  const drawn = blocks.map(({ x, left, right, anchor, texts, colour }, index) => {
    const y = top + 12 + (rows[index] ?? 0) * rowHeight;
    const start = anchor === 'start' ? left + DOT + INDENT : right - DOT - INDENT;
    return [
      element('circle', { cx: x, cy: y - 3.5, r: DOT, class: `f-${colour}` }),
      ...texts.map(([words, own], place) =>
        text(start, y + place * SIZE.line, words, { size: SIZE.small, colour: own, anchor }),
      ),
    ].join('');
  });
  const height = (1 + Math.max(0, ...rows)) * rowHeight;
  return { content: [laneName(top + 12, 'Alerts'), ...drawn].join('\n'), height: height + 12 };
};

function blockOf(incident: Incident, scale: Scale) {
  const isGrave = incident.told.some(({ risk }) => risk !== 'none');
  const colour: Colour = isGrave ? 'bad' : 'warning';
  const texts: readonly (readonly [string, Colour])[] = [
    ...incident.told.map(
      ({ code, times }) => [times === 1 ? code : `${code} ×${times}`, colour] as const,
    ),
    [endOf(incident), 'muted'],
  ];
  const width = Math.max(...texts.map(([words]) => widthOf(words, SIZE.small))) + INDENT + 2 * DOT;
  const x = scale(incident.at);
  const isAtEdge = x + width > FRAME.right;
  const left = isAtEdge ? x + DOT - width : x - DOT;
  const anchor = isAtEdge ? ('end' as const) : ('start' as const);
  return { x, left, right: left + width, anchor, texts, colour };
}

function endOf({ repair, overAfterMs }: Incident): string {
  if (repair) {
    return `${repair.what} after ${shortDuration(repair.afterMs)}`;
  }
  return overAfterMs === 0
    ? 'then went through'
    : `went through after ${shortDuration(overAfterMs)}`;
}
