import { DAY_MS, HOUR_MS, MINUTE_MS, type Strategy } from './timeline.ts';

/** What the strategies are called where people read. */
export const STRATEGY_NAMES: Readonly<Record<Strategy, string>> = {
  single: 'One token',
  alternating: 'Two tokens',
};

/** `3 h 35 min`, `5 min`, `40 s`. */
export function durationText(ms: number): string {
  if (ms < MINUTE_MS) {
    return `${Math.round(ms / 1000)} s`;
  }
  const minutes = Math.round(ms / MINUTE_MS);
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  const parts = [...(hours > 0 ? [`${hours} h`] : []), ...(rest > 0 ? [`${rest} min`] : [])];
  return parts.join(' ');
}

/** `3.6 h`, `5 min`: where there is little room. */
export function shortDuration(ms: number): string {
  return ms < HOUR_MS ? durationText(ms) : `${(ms / HOUR_MS).toFixed(1)} h`;
}

/** `388,800` */
export function countText(count: number): string {
  return count.toLocaleString('en-US');
}

/** The day of a moment, from 0, with one digit after the point. */
export function dayText(ms: number): string {
  return (ms / DAY_MS).toFixed(1);
}
