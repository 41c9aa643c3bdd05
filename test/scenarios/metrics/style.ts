import type { Colour } from '../../prove/simulation/picture/drawing/palette.ts';

/** Size of small letters. */
export const LABEL = 10;

/** CloudWatch's own colours, by those of the palette; others in their order. */
const COLOURS: Readonly<Record<string, Colour>> = {
  '#2ca02c': 'good',
  '#d62728': 'bad',
  '#ff7f0e': 'warning',
};
const ORDER: readonly Colour[] = [
  ...(['firstFamily', 'warning', 'secondFamily', 'good', 'bad', 'muted', 'text'] as const),
];
const DASHES = [undefined, '5 3', '2 2'];

export function colourOf(color: string | undefined, index: number): Colour {
  return COLOURS[color ?? ''] ?? ORDER[index % ORDER.length] ?? 'text';
}

/** Series in the same colour differ by it. */
export function dashesOf(index: number): string | undefined {
  return DASHES[Math.floor(index / ORDER.length) % DASHES.length];
}

/** Even, and one of 2, 4, 6, 8 or 10 times a power of ten. */
export function roundUp(most: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(most, 2)));
  return [2, 4, 6, 8, 10].map((each) => each * power).find((each) => each >= most) ?? most;
}

/** 25000 is 25k. */
export function shown(value: number): string {
  return value < 1000 ? String(value) : `${value / 1000}k`;
}

export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
