/** Nobody waits longer than this in one go; a longer pause is told as this one. */
const LONGEST_RETRY_AFTER_MS = 24 * 60 * 60 * 1000;

/** The form of RFC 9110 that is sent today, as in `Sun, 22 Nov 2026 09:03:36 GMT`. */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * Reads `Retry-After`: seconds, or a date.
 *
 * @returns milliseconds from now, at most a day; undefined when there is none that can be read
 */
export function parseRetryAfter(value: string | undefined): number | undefined {
  const ms = millisecondsIn(value ?? '');
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), LONGEST_RETRY_AFTER_MS);
}

function millisecondsIn(value: string): number {
  if (HTTP_DATE.test(value)) {
    return Date.parse(value) - Date.now();
  }
  return /^\d+$/.test(value) ? Number(value) * 1000 : Number.NaN;
}
