/** A source of chance that tells the same story for the same seed. */
export interface Chance {
  /** From 0 up to 1. */
  next(): number;
  /** A whole number; both ends are possible. */
  between(low: number, high: number): number;
  /** The same things in another order. */
  shuffle<T>(things: readonly T[]): T[];
}

/** The generator mulberry32: small, and good enough for a story. */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    between,
    shuffle<T>(things: readonly T[]): T[] {
      const rest = [...things];
      return things.flatMap(() => rest.splice(between(0, rest.length - 1), 1));
    },
  };
}
