import { Duration, Token } from 'aws-cdk-lib';
import { Schedule } from 'aws-cdk-lib/aws-events';
import { Cron } from 'croner';
import { parseLifetimeDays } from '../../../lambda/settings/variables.ts';
import { MARGIN_DAYS, type TokenRotationOptions } from '../props.ts';
import { Problems } from './problems.ts';

/** When a secret is rotated, as CloudFormation writes it. */
export interface RotationRules {
  readonly scheduleExpression: string;
  /** Like `3h`. */
  readonly duration?: string;
}

interface Dates {
  /** The longest time between two rotations, in days; those of one day count once. */
  readonly longestGapDays: number;
  /** The shortest time between the openings of two windows. */
  readonly shortestGapHours: number;
  /** The last hour of a day at which a window opens. A rate in hours has none: it may be any. */
  readonly lastHour: number;
}

/** So many dates show the longest gap: 16 years of a monthly schedule, leap years among them. */
const DATES = 200;
/** What Secrets Manager allows. */
const LEAST_HOURS = 4;
const MOST_RATE_DAYS = 999;

const DEFAULT_SCHEDULE = Schedule.rate(Duration.days(30));
export const DEFAULT_LIFETIME = Duration.days(90);
const LONGEST_LIFETIME = Duration.days(400);

/**
 * @param where precedes the name of a prop in messages
 * @throws {Error} unless Secrets Manager takes schedule and window, and a token lives long enough
 */
export function checkedRules(where: string, options: TokenRotationOptions): RotationRules {
  const { schedule = DEFAULT_SCHEDULE, window, tokenLifetime = DEFAULT_LIFETIME } = options;
  const expression = schedule.expressionString;
  const problems = new Problems();
  const dates = problems.attempt(() => datesOf(where, expression));
  const days = problems.attempt(() => lifetimeDays(where, tokenLifetime));
  const hours = problems.attempt(() => window && wholeHours(where, window));
  if (dates && days) {
    problems.attempt(() => checkLifetime(where, days, { expression, dates, options }));
  }
  if (dates && hours) {
    problems.attempt(() => checkWindow(where, hours, expression, dates));
  }
  problems.refuse();
  return { scheduleExpression: expression, ...(hours && { duration: `${hours}h` }) };
}

/**
 * Checks what is set for all secrets. What a default is part of, each secret may set otherwise: it is
 * checked there.
 *
 * @throws {Error} see `checkedRules`
 */
export function checkCommonRules(options: TokenRotationOptions): void {
  const { schedule, tokenLifetime } = options;
  if (schedule !== undefined) {
    checkedRules('', { ...options, tokenLifetime: tokenLifetime ?? LONGEST_LIFETIME });
  } else if (tokenLifetime !== undefined) {
    lifetimeDays('', tokenLifetime);
  }
}

function datesOf(where: string, expression: string): Dates {
  if (Token.isUnresolved(expression)) {
    throw new Error(`${where}schedule must be known at synthesis`);
  }
  const [, amount = '', unit] = /^rate\((\d{1,5}) (hour|day)s?\)$/.exec(expression) ?? [];
  const dates =
    unit === undefined
      ? datesOfCron(where, expression)
      : datesOfRate(where, expression, Number(amount) * (unit === 'day' ? 24 : 1));
  if (dates.shortestGapHours < LEAST_HOURS) {
    throw new Error(
      `${where}schedule ${expression} is too frequent: Secrets Manager allows a rotation every ${LEAST_HOURS} hours`,
    );
  }
  return dates;
}

function datesOfRate(where: string, expression: string, hours: number): Dates {
  if (hours > MOST_RATE_DAYS * 24) {
    throw new Error(
      `${where}schedule ${expression} must be at most ${MOST_RATE_DAYS} days: Secrets Manager allows no more`,
    );
  }
  return { longestGapDays: hours / 24, shortestGapHours: hours, lastHour: 0 };
}

const CRON = 'cron(0 4 ? * SUN *)';

/** Most secrets of an app have the same schedule. */
const knownDates = new Map<string, Dates>();

function datesOfCron(where: string, expression: string): Dates {
  const known = knownDates.get(expression);
  if (known) {
    return known;
  }
  const [, text] = /^cron\((.*)\)$/.exec(expression) ?? [];
  const given = `${where}schedule ${JSON.stringify(expression)} must be`;
  if (text === undefined) {
    throw new Error(
      `${given} a rate in hours or days, like rate(30 days), or a cron expression in UTC, like ${CRON}`,
    );
  }
  const fields = text.trim().split(/\s+/);
  const faults = cronFaults(fields);
  if (faults.length > 0) {
    throw new Error(`${given} like ${CRON}: ${faults.join('; ')}`);
  }
  const dates = computedDates(fields);
  knownDates.set(expression, dates);
  return dates;
}

/** What Secrets Manager refuses in the fields of a cron expression. */
function cronFaults(fields: readonly string[]): readonly string[] {
  const [minutes, hours = '', day = '', month = '', weekday = '', year] = fields;
  if (fields.length !== 6) {
    return [
      `it has ${fields.length} fields in place of 6: minutes, hours, day of the month, month, day of the week, year`,
    ];
  }
  // Secrets Manager knows no W, and the names of months are upper case.
  const isPlain = (field: string) => !/[W?a-z]/.test(field);
  const isDay = (field: string) => !/W(?!ED)/.test(field);
  const faults = [
    minutes !== '0' && `the minutes must be 0, got ${minutes}`,
    !(isPlain(hours) && hasRuns(`0 0 ${hours} * * *`)) &&
      `the hours must be 0 to 23, like 4 or 1,13, got ${hours}`,
    !(isDay(day) && hasRuns(`0 0 0 ${day} * *`)) &&
      `the day of the month must be 1 to 31, L for the last, * or ?, got ${day}`,
    !(isPlain(month) && hasRuns(`0 0 0 1 ${month} *`)) &&
      `the month must be 1 to 12, or JAN to DEC, or *, got ${month}`,
    !(isDay(weekday) && hasRuns(`0 0 0 * * ${weekday}`)) &&
      `the day of the week must be 1 to 7, or SUN to SAT, or * or ?, got ${weekday}`,
    (day === '?') === (weekday === '?') &&
      `exactly one of the days must be ?, got ${day} (of the month) and ${weekday} (of the week)`,
    year !== '*' && `the year must be *, got ${year}`,
  ].filter((fault) => fault !== false);
  return faults.length > 0 || hasRuns(`0 0 0 ${day} ${month} ${weekday}`)
    ? faults
    : [`the day ${day} never comes in the month ${month}`];
}

function computedDates(fields: readonly string[]): Dates {
  const [, hours, ...days] = fields.slice(0, 5);
  const hoursOfDay = runs(`0 0 ${hours} * * *`, 24).map((date) => date.getUTCHours());
  const onDays = runs(`0 0 0 ${days.join(' ')}`, DATES).map((date) => date.getTime() / 86_400_000);
  const [firstHour = 0, lastHour = 0] = [Math.min(...hoursOfDay), Math.max(...hoursOfDay)];
  const dayGaps = gaps(onDays);
  const hourGaps = gaps([...new Set(hoursOfDay)].sort((one, other) => one - other));
  const overnight = Math.min(...dayGaps) * 24 - (lastHour - firstHour);
  return {
    longestGapDays: Math.max(...dayGaps),
    shortestGapHours: Math.min(overnight, ...hourGaps),
    lastHour,
  };
}

/** Whether it is a cron expression, and has dates. */
function hasRuns(pattern: string): boolean {
  try {
    return runs(pattern, 2).length === 2;
  } catch {
    return false;
  }
}

/** From a fixed date, so that the same input has the same verdict each day. */
function runs(pattern: string, count: number): Date[] {
  // Sunday is 1, and `4/12` means from 4 on, as for AWS.
  const options = { alternativeWeekdays: true, sloppyRanges: true, paused: true, utcOffset: 0 };
  return new Cron(pattern, options).nextRuns(count, new Date('2027-12-31T23:00:00Z'));
}

function gaps(sorted: readonly number[]): number[] {
  return sorted.slice(1).map((value, index) => value - (sorted[index] ?? 0));
}

function lifetimeDays(where: string, lifetime: Duration): number {
  const text = String(lifetime.toDays({ integral: false }));
  const days = parseLifetimeDays(text);
  if (typeof days === 'object') {
    throw new Error(`${where}tokenLifetime ${lifetime.toHumanString()} ${days.problem}`);
  }
  return days;
}

function checkLifetime(
  where: string,
  days: number,
  about: { expression: string; dates: Dates; options: TokenRotationOptions },
): void {
  const { expression, dates, options } = about;
  // An alternating token is current until the next rotation, and stands by until the one after it.
  const rotations = options.alternatingTokens ? 2 : 1;
  const least = Math.ceil(dates.longestGapDays * rotations) + MARGIN_DAYS;
  if (days < least) {
    const given =
      options.tokenLifetime === undefined ? `${days} days, the default,` : `${days} days`;
    const times = rotations === 2 ? 'twice (tokens alternate) ' : '';
    throw new Error(
      `${where}tokenLifetime ${given} must be at least ${least} days: ${times}the longest time between two dates of ${expression}, plus ${MARGIN_DAYS} days. Or rotate more often`,
    );
  }
}

function wholeHours(where: string, window: Duration): number {
  const hours = window.toHours({ integral: false });
  if (!Number.isInteger(hours) || hours < 1 || hours > 24) {
    throw new Error(
      `${where}window ${window.toHumanString()} must be a whole number of hours from 1 to 24`,
    );
  }
  return hours;
}

function checkWindow(where: string, hours: number, expression: string, dates: Dates): void {
  const most = Math.min(24 - dates.lastHour, dates.shortestGapHours);
  if (hours > most) {
    throw new Error(
      `${where}window ${hours} hours must be at most ${most === 1 ? 'an hour' : `${most} hours`} with the schedule ${expression}: a window must not reach the next one, nor go past midnight UTC`,
    );
  }
}
