import type { Colour } from './palette.ts';

/** Numbers are written with one digit after the point. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** How a text stands. */
export interface TextStyle {
  readonly size: number;
  readonly colour: Colour;
  readonly bold?: boolean;
  /** @default 'start' */
  readonly anchor?: 'start' | 'middle' | 'end';
}

/** One element; its children are SVG already. */
export function element(name: string, attributes: Attributes, ...children: string[]): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${attributeText(value)}"`)
    .join('');
  return children.length === 0
    ? `<${name}${written}/>`
    : `<${name}${written}>${children.join('')}</${name}>`;
}

/** A line of text; `y` is where its letters stand. */
export function text(x: number, y: number, content: string, style: TextStyle): string {
  const { size, colour, bold, anchor } = style;
  return element(
    'text',
    {
      x,
      y,
      'font-size': size,
      class: `f-${colour}`,
      'font-weight': bold ? 600 : undefined,
      'text-anchor': anchor === 'start' ? undefined : anchor,
    },
    escapeXml(content),
  );
}

/** A bar with round corners. */
export function bar(box: Box, attributes: Attributes): string {
  return element('rect', { ...box, rx: Math.min(3, box.width / 2, box.height / 2), ...attributes });
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export function line(
  [x1, y1]: readonly [number, number],
  [x2, y2]: readonly [number, number],
  attributes: Attributes,
): string {
  return element('line', { x1, y1, x2, y2, ...attributes });
}

function escapeXml(content: string): string {
  return content
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

function attributeText(value: string | number | undefined): string {
  return typeof value === 'number' ? String(Math.round(value * 10) / 10) : escapeXml(value ?? '');
}

/** Widths as shares of the size, a little more than the fonts without serifs need. */
const WIDTHS: readonly (readonly [RegExp, number])[] = [
  [/[ijlI.,:;'|!]/, 0.3],
  [/[ ftr()·]/, 0.36],
  [/[mwMW%]/, 0.94],
  [/[A-HJ-LN-VX-Z]/, 0.7],
];
const USUAL_WIDTH = 0.58;

/** How much room a text takes at most. */
export function widthOf(content: string, size: number, bold = false): number {
  const shares = [...content].map(
    (letter) => WIDTHS.find(([letters]) => letters.test(letter))?.[1] ?? USUAL_WIDTH,
  );
  return shares.reduce((sum, share) => sum + share, 0) * size * (bold ? 1.1 : 1);
}
