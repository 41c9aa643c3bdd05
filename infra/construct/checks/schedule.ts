import { Duration, Token } from 'aws-cdk-lib';
import { Schedule } from 'aws-cdk-lib/aws-events';
import { Cron } from 'croner';
import { parseLifetimeDays } from '../../../lambda/variables.ts';
import type { TokenRotationOptions } from '../props.ts';

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

/** A rotation may be late, and somebody must have time to act when it fails. */
const MARGIN_DAYS = 7;
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
  const { schedule = DEFAULT_SCHEDULE, window } = options;
  const expression = schedule.expressionString;
  const days = lifetimeDays(where, options.tokenLifetime ?? DEFAULT_LIFETIME);
  if (Token.isUnresolved(expression)) {
    throw new Error(`${where}schedule must be known at synthesis`);
  }
  const dates = datesOf(where, expression);
  if (dates.shortestGapHours < LEAST_HOURS) {
    throw new Error(
      `${where}schedule ${expression} is too frequent: Secrets Manager allows a rotation every ${LEAST_HOURS} hours`,
    );
  }
  checkLifetime(where, days, { expression, dates, options });
  return {
    scheduleExpression: expression,
    ...(window && { duration: `${windowHours(where, window, expression, dates)}h` }),
  };
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
  const [, amount = '', unit] = /^rate\((\d{1,5}) (hour|day)s?\)$/.exec(expression) ?? [];
  if (unit !== undefined) {
    return datesOfRate(where, expression, Number(amount) * (unit === 'day' ? 24 : 1));
  }
  const [, hours = '', day = '', month = '', weekday = ''] =
    /^cron\(0 (\S+) (\S+) (\S+) (\S+) \*\)$/.exec(expression) ?? [];
  // Exactly one day is `?`. Secrets Manager knows no W, and the names of fields are upper case.
  const isForm = (day === '?') !== (weekday === '?') && !/[W?a-z]/.test(`${hours}${month}`);
  const dates =
    isForm && !/W(?!ED)/.test(`${day}${weekday}`)
      ? datesOfCron(hours, `${day} ${month} ${weekday}`)
      : undefined;
  if (dates === undefined) {
    throw new Error(
      `${where}schedule ${JSON.stringify(expression)} must be a rate in hours or days, like rate(30 days), or a cron expression of Secrets Manager with minutes 0, year * and ? for one of the days, like cron(0 4 ? * SUN *), in UTC`,
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

/** Most secrets of an app have the same schedule. */
const knownDates = new Map<string, Dates | undefined>();

function datesOfCron(hours: string, days: string): Dates | undefined {
  const id = `${hours} ${days}`;
  if (!knownDates.has(id)) {
    knownDates.set(id, computedDates(hours, days));
  }
  return knownDates.get(id);
}

/** @returns undefined if it is not a cron expression, or has no dates */
function computedDates(hours: string, days: string): Dates | undefined {
  try {
    const hoursOfDay = runs(`0 0 ${hours} * * *`, 24).map((date) => date.getUTCHours());
    const onDays = runs(`0 0 0 ${days}`, DATES).map((date) => date.getTime() / 86_400_000);
    const [firstHour = 0, lastHour = 0] = [Math.min(...hoursOfDay), Math.max(...hoursOfDay)];
    const dayGaps = gaps(onDays);
    const hourGaps = gaps([...new Set(hoursOfDay)].sort((one, other) => one - other));
    const overnight = Math.min(...dayGaps) * 24 - (lastHour - firstHour);
    return {
      longestGapDays: Math.max(...dayGaps),
      shortestGapHours: Math.min(overnight, ...hourGaps),
      lastHour,
    };
  } catch {
    return undefined;
  }
}

/** From a fixed date, so that the same input has the same verdict each day. */
function runs(pattern: string, count: number): Date[] {
  // Sunday is 1, and `4/12` means from 4 on, as for AWS.
  const options = { alternativeWeekdays: true, sloppyRanges: true, paused: true, utcOffset: 0 };
  const dates = new Cron(pattern, options).nextRuns(count, new Date('2027-12-31T23:00:00Z'));
  if (dates.length < 2) {
    throw new Error('no dates');
  }
  return dates;
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
      `${where}tokenLifetime ${given} must be at least ${least} days: ${times}the longest time between two dates of ${expression}, plus ${MARGIN_DAYS} days. Or choose a shorter schedule`,
    );
  }
}

function windowHours(where: string, window: Duration, expression: string, dates: Dates): number {
  const hours = window.toHours({ integral: false });
  if (!Number.isInteger(hours) || hours < 1 || hours > 24) {
    throw new Error(
      `${where}window ${window.toHumanString()} must be a whole number of hours from 1 to 24`,
    );
  }
  const most = Math.min(24 - dates.lastHour, dates.shortestGapHours);
  if (hours > most) {
    throw new Error(
      `${where}window ${hours} hours must be at most ${most === 1 ? 'an hour' : `${most} hours`} with the schedule ${expression}: a window must not reach the next one, nor go past midnight UTC`,
    );
  }
  return hours;
}
