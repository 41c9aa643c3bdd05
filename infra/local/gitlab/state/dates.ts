/** Whether a text is a date that exists, `YYYY-MM-DD`. */
export function isDate(text: string): boolean {
  const date = new Date(text);
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(date.getTime()) && isoDate(date) === text;
}

function isoDate(instant: Date): string {
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
