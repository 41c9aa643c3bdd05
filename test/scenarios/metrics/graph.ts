import {
  type Box,
  bar,
  element,
  line,
  text,
  widthOf,
} from '../../prove/simulation/picture/drawing/svg.ts';
import type { Series } from './cloudwatch.ts';
import { colourOf, dashesOf, dayOf, LABEL, roundUp, shown } from './style.ts';

export interface Range {
  readonly from: number;
  readonly to: number;
}

/** A horizontal annotation. */
export interface Mark {
  readonly value: number;
  readonly label: string;
}

type Points = Series['points'];
type Scale = (value: number) => number;

const DAY_MS = 24 * 60 * 60 * 1000;
const LINE = 14;
const MUTED = { size: LABEL, colour: 'muted' } as const;

/** What is above 0 and below the highest, with three lines. */
function frameOf(series: readonly Series[], highest: number, box: Box) {
  const legend = drawLegend(series, box);
  const plot = {
    x: box.x + 34,
    y: box.y + 34,
    width: box.width - 50,
    height: box.height - 34 - legend.height - 20,
  };
  const most = roundUp(highest);
  const yOf: Scale = (value) => plot.y + plot.height * (1 - value / most);
  const grid = [0, most / 2, most].map((value) => {
    const [y, right] = [yOf(value), plot.x + plot.width];
    return (
      line([plot.x, y], [right, y], { class: 's-grid' }) +
      text(plot.x - 5, y + 3, shown(value), { ...MUTED, anchor: 'end' })
    );
  });
  return { plot, yOf, drawn: [...grid, legend.content].join('\n') };
}

/** The sum of each series, over the whole range. */
export function drawBars(series: readonly Series[], box: Box): string {
  const sums = series.map(({ points }) => points.reduce((sum, { value }) => sum + value, 0));
  const { plot, yOf, drawn } = frameOf(series, Math.max(...sums), box);
  const each = plot.width / series.length;
  const bars = series.map(({ color }, index) => {
    const sum = sums[index] ?? 0;
    const middle = plot.x + (index + 0.5) * each;
    const [width, y] = [Math.min(40, each * 0.6), yOf(sum)];
    const place = { x: middle - width / 2, y, width, height: yOf(0) - y };
    return (
      bar(place, { class: `f-${colourOf(color, index)}` }) +
      text(middle, y - 4, shown(sum), { size: LABEL, colour: 'text', anchor: 'middle' })
    );
  });
  return [drawn, ...bars].join('\n');
}

interface Graph {
  readonly series: readonly Series[];
  readonly isStacked: boolean;
  readonly marks: readonly Mark[];
}

export function drawGraph({ series, isStacked, marks }: Graph, box: Box, range: Range): string {
  const floors = isStacked ? floorsOf(series) : series.map(() => new Map<number, number>());
  const tops = series.map(({ points }, index) =>
    points.map(({ at, value }) => ({ at, value: value + (floors[index]?.get(at) ?? 0) })),
  );
  const highest = [...tops.flat(), ...marks].map(({ value }) => value);
  const { plot, yOf, drawn } = frameOf(series, Math.max(...highest), box);
  const xOf: Scale = (at) => plot.x + ((at - range.from) / (range.to - range.from)) * plot.width;
  const [right, bottom] = [plot.x + plot.width, plot.y + plot.height];
  return [
    drawn,
    text(plot.x, bottom + 14, dayOf(range.from), MUTED),
    text(right, bottom + 14, dayOf(range.to), { ...MUTED, anchor: 'end' }),
    ...marks.map(({ value, label }) => {
      const ends = [[plot.x, yOf(value)] as const, [right, yOf(value)] as const] as const;
      const words = { size: LABEL, colour: 'bad', anchor: 'end' } as const;
      return (
        line(...ends, { class: 's-bad', 'stroke-dasharray': '6 3' }) +
        text(right, yOf(value) - 3, `${label} ${value}`, words)
      );
    }),
    ...series.map(({ color }, index) => {
      const style = { colour: colourOf(color, index), dashes: dashesOf(index) };
      const floor = isStacked ? floors[index] : undefined;
      return drawSeries(tops[index] ?? [], floor, style, xOf, yOf);
    }),
  ].join('\n');
}

/** What lies below each point of each series. */
function floorsOf(series: readonly Series[]): readonly ReadonlyMap<number, number>[] {
  const height = new Map<number, number>();
  return series.map(({ points }) => {
    const floor = new Map(points.map(({ at }) => [at, height.get(at) ?? 0]));
    for (const { at, value } of points) {
      height.set(at, (height.get(at) ?? 0) + value);
    }
    return floor;
  });
}

/** A line between neighbouring days; a day alone is a dot. */
function drawSeries(
  points: Points,
  floor: ReadonlyMap<number, number> | undefined,
  { colour, dashes }: { readonly colour: string; readonly dashes: string | undefined },
  xOf: Scale,
  yOf: Scale,
): string {
  const dots = points.map(({ at, value }) =>
    element('circle', { cx: xOf(at), cy: yOf(value), r: 2, class: `f-${colour}` }),
  );
  const strokes = points.slice(1).flatMap((point, before) => {
    const last = points[before];
    if (last === undefined || point.at - last.at > DAY_MS) {
      return [];
    }
    const ends = [last, point].map(({ at, value }) => [xOf(at), yOf(value)] as const);
    const [from, to] = ends as [(typeof ends)[number], (typeof ends)[number]];
    const below = [point, last].map(({ at }) => [xOf(at), yOf(floor?.get(at) ?? 0)]);
    const area = [from, to, ...below].map((corner) => corner.map((each) => each.toFixed(1)).join());
    return [
      ...(floor
        ? [element('polygon', { points: area.join(' '), class: `f-${colour}`, opacity: '0.3' })]
        : []),
      line(from, to, { class: `s-${colour}`, 'stroke-width': 1.5, 'stroke-dasharray': dashes }),
    ];
  });
  return [...strokes, ...dots].join('');
}

function drawLegend(series: readonly Series[], { x, y, width, height }: Box) {
  let [left, row] = [0, 0];
  const items = series.map(({ label, color }, index) => {
    const room = 20 + widthOf(label, LABEL) + 8;
    if (left > 0 && left + room > width - 20) {
      [left, row] = [0, row + 1];
    }
    const item = { label, index, left, row, colour: colourOf(color, index) };
    left += room;
    return item;
  });
  const top = y + height - 8 - row * LINE;
  const content = items.map(({ label, index, colour, ...place }) => {
    const [from, base] = [x + 10 + place.left, top + place.row * LINE];
    const sample = line([from, base - 3], [from + 15, base - 3], {
      ...{ class: `s-${colour}`, 'stroke-width': 2, 'stroke-dasharray': dashesOf(index) },
    });
    return sample + text(from + 20, base, label, { size: LABEL, colour: 'text' });
  });
  return { content: content.join('\n'), height: (row + 1) * LINE + 4 };
}
