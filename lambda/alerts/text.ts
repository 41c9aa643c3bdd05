/** A line of an alert: what it tells, and the value. Both are free of control characters. */
export type Fact = readonly [label: string, value: string];

const CUT = '…';

/**
 * A text from outside as one line of at most `limit` UTF-16 units: controls,
 * line breaks and characters that reorder or hide others become blanks.
 */
export function tidy(text: string, limit: number): string {
  return clip(text.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ').trim(), limit);
}

/** The beginning of a text, marked where it was cut, and never half a character. */
export function clip(text: string, limit: number): string {
  if (text.length <= limit) {
    return text;
  }
  const cut = text.slice(0, limit - CUT.length);
  return `${cut.isWellFormed() ? cut : cut.slice(0, -1)}${CUT}`;
}

/** The beginning and the end of a text: names often differ in the end only. */
export function clipMiddle(text: string, limit: number): string {
  if (text.length <= limit) {
    return text;
  }
  const kept = limit - 3;
  return `${text.slice(0, Math.floor(kept / 2))}...${text.slice(text.length - Math.ceil(kept / 2))}`;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A pause as people say it. Nobody asks for more than a day: a longer pause is told as one. */
export function durationText(seconds: number): string {
  if (seconds >= DAY) {
    return 'a day or more';
  }
  if (seconds >= 2 * HOUR) {
    return `about ${Math.round(seconds / HOUR)} hours`;
  }
  if (seconds >= 2 * MINUTE) {
    return `about ${Math.round(seconds / MINUTE)} minutes`;
  }
  return seconds === 1 ? '1 second' : `${seconds} seconds`;
}
