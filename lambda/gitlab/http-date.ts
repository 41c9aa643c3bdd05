/** The form of RFC 9110 that is sent today, as in `Sun, 22 Nov 2026 09:03:36 GMT`. */
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * Reads a date in a header.
 *
 * @returns undefined for what is none, or no day that there is
 */
export function parseHttpDate(value = ''): Date | undefined {
  const time = HTTP_DATE.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? undefined : new Date(time);
}
