import { parseHttpDate } from './http-date.ts';

/** Nobody waits longer than this in one go; a longer pause is told as this one. */
const LONGEST_RETRY_AFTER_MS = 24 * 60 * 60 * 1000;

/**
 * Reads `Retry-After`: seconds, or a date.
 *
 * @returns milliseconds from now, at most a day; undefined when there is none that can be read
 */
export function parseRetryAfter(value: string | undefined): number | undefined {
  const ms = millisecondsIn(value ?? '');
  return ms === undefined ? undefined : Math.min(Math.max(0, ms), LONGEST_RETRY_AFTER_MS);
}

function millisecondsIn(value: string): number | undefined {
  const date = parseHttpDate(value);
  if (date !== undefined) {
    return date.getTime() - Date.now();
  }
  return /^\d+$/.test(value) ? Number(value) * 1000 : undefined;
}
