import { stylesheet } from '../../prove/simulation/picture/drawing/palette.ts';
import { type Box, element, text } from '../../prove/simulation/picture/drawing/svg.ts';
import type { AlarmState } from './alarm-state.ts';
import type { Series } from './cloudwatch.ts';
import { drawBars, drawGraph, type Mark, type Range } from './graph.ts';
import { dayOf, LABEL } from './style.ts';

interface Alarm {
  readonly name: string;
  readonly state: AlarmState;
}

/** What a widget shows. */
type Content =
  | { readonly kind: 'number' | 'bars'; readonly series: readonly Series[] }
  | {
      readonly kind: 'graph';
      readonly series: readonly Series[];
      readonly isStacked: boolean;
      readonly marks: readonly Mark[];
    }
  | { readonly kind: 'alarms'; readonly alarms: readonly Alarm[] };

/** Its place is in the units of the dashboard. */
export type DrawnWidget = Box & { readonly title: string; readonly content: Content };

const FONT = "-apple-system,BlinkMacSystemFont,'Segoe UI','Noto Sans',Helvetica,Arial,sans-serif";
const WIDTH = 900;
const EDGE = 6;
/** A dashboard is 24 units wide. */
const UNIT = { width: (WIDTH - 2 * EDGE) / 24, height: 33 } as const;
const STATE_COLOURS = { OK: 'good', ALARM: 'bad' } as const;

/** Draws a dashboard as SVG that is legible on light and on dark pages, much as CloudWatch does. */
export function drawDashboard(widgets: readonly DrawnWidget[], range: Range): string {
  const height = Math.max(...widgets.map((each) => each.y + each.height)) * UNIT.height + 2 * EDGE;
  const size = `width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" aria-label="The dashboard">`,
    `<style>text{font-family:${FONT}}${stylesheet()}</style>`,
    element('rect', { ...{ x: 0, y: 0, width: WIDTH, height, rx: 8 }, class: 'f-page' }),
    ...widgets.map((widget) => drawWidget(widget, range)),
    '</svg>\n',
  ].join('\n');
}

function drawWidget({ title, content, ...place }: DrawnWidget, range: Range): string {
  const box = {
    x: EDGE + place.x * UNIT.width + 3,
    y: EDGE + place.y * UNIT.height + 3,
    width: place.width * UNIT.width - 6,
    height: place.height * UNIT.height - 6,
  };
  return [
    element('rect', { ...box, rx: 4, class: 'f-page s-frame' }),
    text(box.x + 10, box.y + 19, title, { size: 12, colour: 'text', bold: true }),
    drawContent(content, box, range),
  ].join('\n');
}

function drawContent(content: Content, box: Box, range: Range): string {
  switch (content.kind) {
    case 'number':
      return drawNumber(content.series, box);
    case 'bars':
      return drawBars(content.series, box);
    case 'graph':
      return drawGraph(content, box, range);
    case 'alarms':
      return drawAlarms(content.alarms, box);
  }
}

function drawNumber([series]: readonly Series[], { x, y, width, height }: Box): string {
  const { value = 0, at = 0 } = series?.points.at(-1) ?? {};
  const middle = x + width / 2;
  return [
    text(middle, y + height / 2 + 18, String(value), {
      ...{ size: 44, colour: 'text', anchor: 'middle' },
    }),
    text(middle, y + height - 14, dayOf(at), { size: LABEL, colour: 'muted', anchor: 'middle' }),
  ].join('');
}

function drawAlarms(alarms: readonly Alarm[], { x, y, width }: Box): string {
  return alarms
    .map(({ name, state }, index) => {
      const top = y + 34 + index * 50;
      return [
        element('rect', {
          ...{ x: x + 10, y: top, width: width - 20, height: 42, rx: 4 },
          class: `f-page s-${STATE_COLOURS[state]}`,
        }),
        text(x + 18, top + 17, name, { size: LABEL, colour: 'text' }),
        text(x + 18, top + 33, state, { size: LABEL, colour: STATE_COLOURS[state], bold: true }),
      ].join('');
    })
    .join('\n');
}
