/** `cron(0 hour day-of-month month day-of-week *)`, in UTC. */
export interface Cron {
  readonly hours: ReadonlySet<number>;
  /** 1 to 12. */
  readonly months: ReadonlySet<number>;
  readonly isDay: (day: Date) => boolean;
}

interface Range {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const MIN_GAP_HOURS = 4;
/** 29 February can be eight years away. */
const LOOKAHEAD_DAYS = 8 * 366;

const HOURS: Range = { min: 0, max: 23 };
const DAYS: Range = { min: 1, max: 31 };
const MONTHS: Range = {
  min: 1,
  max: 12,
  names: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
};
const WEEKDAYS: Range = {
  min: 1,
  max: 7,
  names: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'],
};

/**
 * Reads a schedule as Secrets Manager allows it: on the hour, every year, no more often than
 * every four hours (User Guide, rotate-secrets_schedule).
 *
 * @returns undefined for anything else
 */
export function parseCron(expression: string): Cron | undefined {
  const [minute, hour, day, month, weekday, year, ...rest] =
    /^cron\((.*)\)$/.exec(expression)?.[1]?.split(' ') ?? [];
  if (minute !== '0' || year !== '*' || rest.length > 0) {
    return undefined;
  }
  const hours = parseField(hour, HOURS);
  const months = parseField(month, MONTHS);
  const isDay = parseDays(day, weekday);
  return hours && months && isDay && isSparse(hours) ? { hours, months, isDay } : undefined;
}

/** When the first window after `from` opens, in milliseconds; undefined if never. */
export function nextCronWindow(cron: Cron, from: number): number | undefined {
  const today = Math.floor(from / DAY_MS) * DAY_MS;
  const hours = [...cron.hours].sort((a, b) => a - b);
  for (let offset = 0; offset <= LOOKAHEAD_DAYS; offset += 1) {
    const midnight = today + offset * DAY_MS;
    const day = new Date(midnight);
    if (!cron.months.has(day.getUTCMonth() + 1) || !cron.isDay(day)) {
      continue;
    }
    const opensAt = hours.map((hour) => midnight + hour * HOUR_MS).find((time) => time > from);
    if (opensAt !== undefined) {
      return opensAt;
    }
  }
  return undefined;
}

/** One of day of month and day of week is `?`. */
function parseDays(day = '', weekday = ''): Cron['isDay'] | undefined {
  if (weekday === '?') {
    return parseDaysOfMonth(day);
  }
  return day === '?' ? parseWeekdays(weekday) : undefined;
}

function parseDaysOfMonth(field: string): Cron['isDay'] | undefined {
  if (field === 'L') {
    return (day) => day.getUTCDate() === lastOfMonth(day);
  }
  const days = parseField(field, DAYS);
  return days && ((day) => days.has(day.getUTCDate()));
}

function parseWeekdays(field: string): Cron['isDay'] | undefined {
  const [, name = '', nth, last] = /^(\w+?)(?:#([1-5])|(L))$/.exec(field) ?? [];
  const wanted = parseValue(name, WEEKDAYS);
  if (wanted !== undefined) {
    return (day) =>
      day.getUTCDay() + 1 === wanted &&
      (last === undefined
        ? Math.ceil(day.getUTCDate() / 7) === Number(nth)
        : day.getUTCDate() + 7 > lastOfMonth(day));
  }
  const weekdays = parseField(field, WEEKDAYS);
  return weekdays && ((day) => weekdays.has(day.getUTCDay() + 1));
}

/** `*`, `5`, `MON-FRI`, `1,15`, `0/6`, in any mixture. */
function parseField(field = '', range: Range): ReadonlySet<number> | undefined {
  const values = new Set<number>();
  for (const part of field.split(',')) {
    const [, base = '', step] = /^([^/]+)(?:\/([1-9]\d*))?$/.exec(part) ?? [];
    const [first = '', last] = base === '*' ? [`${range.min}`, `${range.max}`] : base.split('-');
    const from = parseValue(first, range);
    const to =
      last === undefined && step === undefined ? from : parseValue(last ?? `${range.max}`, range);
    if (from === undefined || to === undefined || to < from) {
      return undefined;
    }
    for (let value = from; value <= to; value += Number(step ?? 1)) {
      values.add(value);
    }
  }
  return values;
}

function parseValue(text: string, { min, max, names }: Range): number | undefined {
  const named = names?.indexOf(text) ?? -1;
  const value = named >= 0 ? named + min : /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : undefined;
}

function isSparse(hours: ReadonlySet<number>): boolean {
  const sorted = [...hours].sort((a, b) => a - b);
  // The first hour of the next day follows the last of this one.
  return sorted.every((hour, index) => {
    const next = sorted[index + 1] ?? (sorted[0] ?? 0) + 24;
    return next - hour >= MIN_GAP_HOURS;
  });
}

function lastOfMonth(day: Date): number {
  return new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate();
}
