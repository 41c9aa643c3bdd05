/** The two secrets of a world. */
export const NAMES = ['A', 'B'] as const;
export type Name = (typeof NAMES)[number];
