/** One colour, as it is on a light page and on a dark one. */
export interface Shade {
  readonly light: string;
  readonly dark: string;
}

/** What is drawn in a colour of its own. `on…` is the text upon it. */
export const PALETTE = {
  page: { light: '#ffffff', dark: '#0d1117' },
  frame: { light: '#d1d9e0', dark: '#3d444d' },
  text: { light: '#1f2328', dark: '#f0f6fc' },
  muted: { light: '#59636e', dark: '#9198a1' },
  grid: { light: '#e6eaef', dark: '#21262d' },
  firstFamily: { light: '#0969da', dark: '#58a6ff' },
  firstReserve: { light: '#cfe6ff', dark: '#16345c' },
  secondFamily: { light: '#8250df', dark: '#bc8cff' },
  secondReserve: { light: '#e6dafb', dark: '#3a2a63' },
  onFamily: { light: '#ffffff', dark: '#0d1117' },
  good: { light: '#1a7f37', dark: '#3fb950' },
  bad: { light: '#cf222e', dark: '#ff7b72' },
  warning: { light: '#9a6700', dark: '#d29922' },
} as const satisfies Readonly<Record<string, Shade>>;

export type Colour = keyof typeof PALETTE;
const COLOURS = Object.keys(PALETTE) as readonly Colour[];

/**
 * The style of a picture: a class per colour to fill with, and one to draw lines with. Rules and no
 * variables, because not everything that shows SVG knows these.
 */
export function stylesheet(): string {
  return `${rules('light')}@media (prefers-color-scheme: dark){${rules('dark')}}`;
}

function rules(scheme: keyof Shade): string {
  return COLOURS.map((name) => {
    const colour = PALETTE[name][scheme];
    return `.f-${name}{fill:${colour}}.s-${name}{stroke:${colour}}`;
  }).join('');
}
