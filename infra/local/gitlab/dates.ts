const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const WEEKDAYS = 'sun mon tue wed thu fri sat'.split(' ');

const OFFSET = String.raw`(?:Z|UTC|[+-]\d{2}:?\d{2})`;
const TIME = String.raw`(?:[T\s]+\d{1,2}:?\d{2}(?::?\d{2}(?:\.\d+)?)?\s*${OFFSET}?)?`;
const MONTH = String.raw`(?<month>${MONTHS.join('|')})[a-z]*\.?`;

// With numbers for all three parts; a time and its offset are read and dropped.
const NUMERIC = [
  new RegExp(String.raw`^(?<y>\d{4})-(?<m>\d{1,2})-(?<d>\d{1,2})${TIME}$`, 'i'),
  new RegExp(String.raw`^(?<y>\d{4})(?<m>\d{2})(?<d>\d{2})${TIME}$`, 'i'),
  new RegExp(String.raw`^(?<y>\d{4})/(?<m>\d{1,2})/(?<d>\d{1,2})${TIME}$`, 'i'),
  new RegExp(String.raw`^(?<d>\d{1,2})/(?<m>\d{1,2})/(?<y>\d{4})${TIME}$`, 'i'),
];
// With the month in words; without a year it is this year's.
const NAMED = [
  new RegExp(String.raw`^${MONTH}\s*(?<d>\d{1,2})(?:,?\s+(?<y>\d{4}))?$`, 'i'),
  new RegExp(String.raw`^(?<d>\d{1,2})\s*${MONTH}(?:\s+(?<y>\d{4}))?$`, 'i'),
];
const WEEKDAY = new RegExp(String.raw`\b(${WEEKDAYS.join('|')})[^-/\d\s]*`, 'i');

/**
 * Reads a date as Ruby's lenient `Date.parse` does, for these forms and no
 * others: `2026-12-31` and `2026-1-5`, `20261231`, `2026/12/31`, `31/12/2026`
 * (day first), each with or without a time, which is dropped with its offset;
 * `jan 5` and `5 january`, with or without a year; and any text with the name
 * of a weekday in it, which is that day of this week, past or not.
 *
 * @param today `YYYY-MM-DD`, for what the text leaves out
 * @returns `YYYY-MM-DD`, or undefined for what is no date
 */
export function parseLenientDate(text: string, today: string): string | undefined {
  const trimmed = text.trim();
  for (const form of [...NUMERIC, ...NAMED]) {
    const parts = form.exec(trimmed)?.groups;
    if (parts) {
      const month = parts['m'] ?? MONTHS.indexOf((parts['month'] ?? '').toLowerCase()) + 1;
      return civilDate(Number(parts['y'] ?? today.slice(0, 4)), Number(month), Number(parts['d']));
    }
  }
  const weekday = WEEKDAY.exec(trimmed)?.[1]?.toLowerCase();
  if (weekday === undefined) {
    return undefined;
  }
  return addDays(today, WEEKDAYS.indexOf(weekday) - new Date(today).getUTCDay());
}

function civilDate(year: number, month: number, day: number): string | undefined {
  const date = new Date(Date.UTC(year, month - 1, day));
  const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return exists ? isoDate(date) : undefined;
}

/** The day of an instant in UTC, `YYYY-MM-DD`. */
export function isoDate(instant: Date): string {
  return instant.toISOString().slice(0, 10);
}

/** By their time zones: to make one takes longer than all else that a call needs. */
const CALENDARS = new Map<string, Intl.DateTimeFormat>();

/** The day on which an instant falls in an IANA time zone, `YYYY-MM-DD`. */
export function dayIn(timeZone: string, instant: Date): string {
  // Sweden writes dates as ISO does.
  const calendar = CALENDARS.get(timeZone) ?? new Intl.DateTimeFormat('sv-SE', { timeZone });
  CALENDARS.set(timeZone, calendar);
  return calendar.format(instant);
}

/** The date that many days later, `YYYY-MM-DD` both. */
export function addDays(date: string, days: number): string {
  const later = new Date(date);
  later.setUTCDate(later.getUTCDate() + days);
  return isoDate(later);
}
