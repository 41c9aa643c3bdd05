import type { Timeline } from '../timeline/timeline.ts';
import { totalsOf } from '../timeline/totals.ts';
import { countText, STRATEGY_NAMES } from '../timeline/words.ts';
import { INTERVAL_DAYS } from '../world/world.ts';
import { FRAME, type Scale, scaleOf } from './drawing/frame.ts';
import { stylesheet } from './drawing/palette.ts';
import { element, line, text } from './drawing/svg.ts';
import { drawAlerts } from './rows/alerts.ts';
import { drawAxis, drawLegend } from './rows/axis.ts';
import { drawConsumers } from './rows/consumers.ts';
import { drawRotations } from './rows/rotations.ts';
import { drawLabels, drawTokens } from './rows/tokens.ts';
import { drawWatch } from './rows/watch.ts';

const FONT = "-apple-system,BlinkMacSystemFont,'Segoe UI','Noto Sans',Helvetica,Arial,sans-serif";
const HEADER = 82;

/**
 * Draws a simulation as SVG that is legible on light and on dark pages: it stands on a ground of its
 * own, and its colours follow what the reader prefers. The same timeline makes the same picture. No
 * token is in it, nor the id of one.
 */
export function drawTimeline(timeline: Timeline): string {
  const scale = scaleOf(timeline);
  const lanes: string[] = [];
  let y = HEADER;
  let plot = { top: HEADER, bottom: HEADER };
  for (const draw of [
    drawWatch,
    drawRotations,
    drawTokens,
    drawLabels,
    drawConsumers,
    drawAlerts,
  ]) {
    const { content, height } = draw(timeline, scale, y);
    lanes.push(content);
    y += height;
    plot = { top: draw === drawRotations ? y - 14 : plot.top, bottom: y };
  }
  for (const draw of [drawAxis, drawLegend]) {
    const { content, height } = draw(timeline, scale, y);
    lanes.push(content);
    y += height;
  }
  return [
    openTag(timeline, y),
    `<style>text{font-family:${FONT}}${stylesheet()}</style>`,
    ground(y),
    drawHeader(timeline),
    drawGrid(timeline, scale, plot),
    ...lanes,
    '</svg>\n',
  ].join('\n');
}

function openTag({ strategy, days }: Timeline, height: number): string {
  const name = `${STRATEGY_NAMES[strategy]} for ${days} days`;
  const size = `width="${FRAME.width}" height="${height}" viewBox="0 0 ${FRAME.width} ${height}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" aria-label="${name}">`;
}

function ground(height: number): string {
  const box = { x: 0.5, y: 0.5, width: FRAME.width - 1, height: height - 1, rx: 8 };
  return element('rect', { ...box, class: 'f-page s-frame' });
}

function drawHeader(timeline: Timeline): string {
  const { strategy, days } = timeline;
  const { calls, unauthorized, disturbed } = totalsOf(timeline);
  const about = `${days} days, a rotation every ${INTERVAL_DAYS} days, ${disturbed} of them disturbed. Four programs call GitLab every minute.`;
  const small = { size: 12, colour: 'muted' } as const;
  const colour = unauthorized === 0 ? 'good' : 'bad';
  return [
    text(FRAME.margin, 38, STRATEGY_NAMES[strategy], { size: 20, colour: 'text', bold: true }),
    text(FRAME.margin, 59, about, small),
    text(FRAME.right, 40, countText(unauthorized), { size: 26, colour, bold: true, anchor: 'end' }),
    text(FRAME.right, 59, `of ${countText(calls)} calls got 401`, { ...small, anchor: 'end' }),
  ].join('\n');
}

/** Lines that lead the eye from a rotation to all that it brought. */
function drawGrid(
  { rotations }: Timeline,
  scale: Scale,
  { top, bottom }: { readonly top: number; readonly bottom: number },
): string {
  return rotations
    .filter(({ by }) => by === 'schedule')
    .map(({ at }) => line([scale(at), top], [scale(at), bottom], { class: 's-grid' }))
    .join('\n');
}
