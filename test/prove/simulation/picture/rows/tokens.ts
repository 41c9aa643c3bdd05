import type { LabelSpan, Timeline, TokenLife } from '../../timeline/timeline.ts';
import {
  BAR,
  type DrawLane,
  laneName,
  momentBox,
  type Scale,
  SIZE,
  spanBox,
} from '../drawing/frame.ts';
import type { Colour } from '../drawing/palette.ts';
import { type Box, bar, text, widthOf } from '../drawing/svg.ts';

/** Colours of a token family: while the token is current, and while it only lives. */
interface Shades {
  readonly strong: Colour;
  readonly pale: Colour;
}

/** Each token from its birth to its death; a family is a row, for its tokens follow each other. */
export const drawTokens: DrawLane = (timeline, scale, top) => {
  const families = [...new Set(timeline.tokens.map(({ family }) => family))].sort();
  const rows = families.map((family, index) => {
    const y = top + index * BAR.row;
    const own = timeline.tokens.filter((token) => token.family === family);
    const name = families.length === 1 ? 'Active token' : `Active token ${family}`;
    const known = own.filter((token) => token.known);
    const lost = own.filter((token) => !token.known);
    return [
      laneName(y + 14, name),
      ...known.map((token) => drawToken(timeline, token, scale, y)),
      // Over the others, which are never as short.
      ...lost.map((token) => bar(momentBox(token, scale, y), { class: 'f-warning' })),
    ].join('\n');
  });
  return { content: rows.join('\n'), height: families.length * BAR.row + 10 };
};

function drawToken({ labels }: Timeline, token: TokenLife, scale: Scale, y: number): string {
  const { strong, pale } = shadesOf(token.family);
  const box = spanBox(token, scale, y);
  const current = labels.flatMap(({ label, token: name, ...span }) => {
    const from = Math.max(span.from, token.from);
    const to = Math.min(span.to, token.to);
    return label === 'AWSCURRENT' && name === token.name && from < to ? [{ from, to }] : [];
  });
  const isCurrentFirst = (current[0]?.from ?? Number.POSITIVE_INFINITY) - token.from < SOON_MS;
  // A repair puts the same token into another version, which is no event for the token.
  const whole =
    current.length === 0 ? [] : [{ from: current[0]?.from ?? 0, to: current.at(-1)?.to ?? 0 }];
  return [
    bar(box, { class: `f-${pale}` }),
    ...whole.map((span) => bar(spanBox(span, scale, y), { class: `f-${strong}` })),
    nameIn(box, token.name, isCurrentFirst ? 'onFamily' : 'text'),
  ].join('');
}

/** A token becomes current within the rotation that made it, if ever. */
const SOON_MS = 3_600_000;

/** The versions under the two labels that are not for rotations alone. */
export const drawLabels: DrawLane = (timeline, scale, top) => {
  const rows = ['AWSCURRENT', 'AWSPREVIOUS'].map((label, index) => {
    const y = top + index * BAR.row;
    const spans = timeline.labels.filter((span) => span.label === label);
    return [
      laneName(y + 14, label),
      ...spans.map((span) => drawVersion(timeline, span, scale, y)),
      ...(label === 'AWSCURRENT' ? drawDead(timeline, spans, scale, y) : []),
    ].join('\n');
  });
  return { content: rows.join('\n'), height: rows.length * BAR.row + 10 };
};

function drawVersion({ tokens }: Timeline, span: LabelSpan, scale: Scale, y: number): string {
  const box = spanBox(span, scale, y);
  const life = tokens.find(({ name }) => name === span.token);
  const name = `v${span.version} · ${span.token ?? 'empty'}`;
  if (life === undefined || life.to <= span.from) {
    return box.width < BAR.height
      ? ''
      : bar(box, { fill: 'none', class: 's-frame', 'stroke-dasharray': '3 3' }) +
          nameIn(box, `v${span.version} dead`, 'muted');
  }
  const { strong, pale } = shadesOf(life.family);
  return span.label === 'AWSCURRENT'
    ? bar(box, { class: `f-${strong}` }) + nameIn(box, name, 'onFamily')
    : bar(box, { class: `f-${pale}` }) + nameIn(box, name, 'text');
}

/** Where consumers read a dead token for longer than a rotation takes. */
function drawDead(
  { tokens }: Timeline,
  spans: readonly LabelSpan[],
  scale: Scale,
  y: number,
): readonly string[] {
  return spans.flatMap(({ token, from, to }) => {
    const diedAt = Math.max(from, tokens.find(({ name }) => name === token)?.to ?? from);
    return to - diedAt < A_ROTATION_MS
      ? []
      : [bar(momentBox({ from: diedAt, to }, scale, y), { class: 'f-bad' })];
  });
}

const A_ROTATION_MS = 60_000;

function shadesOf(family: string): Shades {
  return family === 'A'
    ? { strong: 'firstFamily', pale: 'firstReserve' }
    : { strong: 'secondFamily', pale: 'secondReserve' };
}

function nameIn(box: Box, name: string, colour: Colour): string {
  const room = widthOf(name, SIZE.label, true) + 8;
  return room > box.width
    ? ''
    : text(box.x + 6, box.y + 14, name, { size: SIZE.label, colour, bold: true });
}
