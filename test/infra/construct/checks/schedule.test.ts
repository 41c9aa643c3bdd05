import { Duration, Lazy } from 'aws-cdk-lib';
import { Schedule } from 'aws-cdk-lib/aws-events';
import { describe, expect, it } from 'vitest';
import { checkedRules } from '../../../../infra/construct/checks/schedule.ts';
import type { TokenRotationOptions } from '../../../../infra/index.ts';

const { days, hours } = Duration;
const LONGEST = days(400);

function rules(schedule: string, options: TokenRotationOptions = {}) {
  return checkedRules('', { schedule: Schedule.expression(schedule), ...options });
}

/** The least lifetime without the margin. */
function longestGap(schedule: string, alternatingTokens = false): number {
  for (let lifetime = 2; lifetime <= 400; lifetime += 1) {
    try {
      rules(schedule, { tokenLifetime: days(lifetime), alternatingTokens });
      return lifetime - 7;
    } catch {
      // Too short.
    }
  }
  return Number.NaN;
}

describe('a schedule', () => {
  it('is every 30 days by default', () => {
    expect(checkedRules('', {})).toEqual({ scheduleExpression: 'rate(30 days)' });
  });

  it.each([
    ['rate(4 hours)', 1],
    ['rate(25 hours)', 2],
    ['rate(30 days)', 30],
    ['cron(0 4 ? * SUN *)', 7],
    ['cron(0 4 ? * 1 *)', 7],
    ['cron(0 4 ? * MON-FRI *)', 3],
    ['cron(0 4 1 * ? *)', 31],
    ['cron(0 4 L * ? *)', 31],
    ['cron(0 4 ? * SUN#1 *)', 35],
    ['cron(0 4 ? * 6L *)', 35],
    ['cron(0 4 1,15 * ? *)', 17],
    ['cron(0 4/12 * * ? *)', 1],
    ['cron(0 /8 1,15 1-6 ? *)', 200],
    ['cron(0 1 1 1/3 ? *)', 92],
    ['cron(0 1 1 JAN,JUL ? *)', 184],
    ['cron(0 1 1 1 ? *)', 366],
  ])('%s has a token outlive its longest gap, %i days, and a week', (schedule, gap) => {
    expect(longestGap(schedule)).toBe(gap);
  });

  it('has alternating tokens outlive two gaps', () => {
    expect(longestGap('rate(25 hours)', true)).toBe(3);
    expect(() => rules('rate(42 days)', { alternatingTokens: true })).toThrow(
      new Error(
        'tokenLifetime 90 days, the default, must be at least 91 days: twice (tokens alternate) the longest time between two dates of rate(42 days), plus 7 days. Or rotate more often',
      ),
    );
  });

  it.each(['rate(30 minutes)', 'rate(0.5 days)', '0 4 * * SUN'])(
    'is refused where it has another form: %s',
    (schedule) => {
      expect(() => rules(schedule)).toThrow(
        `schedule "${schedule}" must be a rate in hours or days, like rate(30 days), or a cron expression in UTC, like cron(0 4 ? * SUN *)`,
      );
    },
  );

  it.each([
    ['cron(15 4 ? * SUN *)', 'the minutes must be 0, got 15'],
    ['cron(* 4 ? * SUN *)', 'the minutes must be 0, got *'],
    ['cron(0 24 ? * SUN *)', 'the hours must be 0 to 23, like 4 or 1,13, got 24'],
    ['cron(0 ? ? * SUN *)', 'the hours must be 0 to 23, like 4 or 1,13, got ?'],
    [
      'cron(0 4 15W * ? *)',
      'the day of the month must be 1 to 31, L for the last, * or ?, got 15W',
    ],
    ['cron(0 4 LW * ? *)', 'the day of the month must be 1 to 31, L for the last, * or ?, got LW'],
    ['cron(0 4 ? jan SUN *)', 'the month must be 1 to 12, or JAN to DEC, or *, got jan'],
    [
      'cron(0 4 ? * SOMEDAY *)',
      'the day of the week must be 1 to 7, or SUN to SAT, or * or ?, got SOMEDAY',
    ],
    [
      'cron(0 4 * * SUN *)',
      'exactly one of the days must be ?, got * (of the month) and SUN (of the week)',
    ],
    [
      'cron(0 4 ? * ? *)',
      'exactly one of the days must be ?, got ? (of the month) and ? (of the week)',
    ],
    ['cron(0 4 ? * SUN 2030)', 'the year must be *, got 2030'],
    ['cron(0 4 31 2 ? *)', 'the day 31 never comes in the month 2'],
    [
      'cron(0 4 ? * SUN)',
      'it has 5 fields in place of 6: minutes, hours, day of the month, month, day of the week, year',
    ],
    ['cron(5 4 29 2 ? 2028)', 'the minutes must be 0, got 5; the year must be *, got 2028'],
  ])('%s is refused for each part that Secrets Manager does not take', (schedule, faults) => {
    expect(() => rules(schedule, { tokenLifetime: LONGEST })).toThrow(
      new Error(`schedule "${schedule}" must be like cron(0 4 ? * SUN *): ${faults}`),
    );
  });

  it('is refused together with window and lifetime', () => {
    expect(() =>
      rules('cron(0 23 ? * SUN *)', { window: hours(2), tokenLifetime: days(9) }),
    ).toThrow(/^tokenLifetime 9 days must be .*\nwindow 2 hours must be at most an hour/);
    expect(() => rules('weekly', { window: hours(25), tokenLifetime: days(1) })).toThrow(
      /^schedule "weekly" must .*\ntokenLifetime 1 day must .*\nwindow 1 day 1 hour must/,
    );
  });

  it.each(['rate(3 hours)', 'cron(0 /3 * * ? *)', 'cron(0 0,22 * * ? *)'])(
    'is refused if it is too frequent: %s',
    (schedule) => {
      expect(() => rules(schedule)).toThrow(
        `schedule ${schedule} is too frequent: Secrets Manager allows a rotation every 4 hours`,
      );
    },
  );

  it('is refused if it is too rare, or not known', () => {
    expect(() => rules('rate(1000 days)')).toThrow('schedule rate(1000 days) must be at most 999');
    expect(() => rules(Lazy.string({ produce: () => 'rate(1 day)' }))).toThrow(
      'schedule must be known at synthesis',
    );
  });
});

describe('a lifetime', () => {
  it.each([
    [days(1), 'tokenLifetime 1 day must be a whole number of days from 2 to 400, got 1'],
    [days(401), 'tokenLifetime 401 days must be a whole number of days from 2 to 400, got 401'],
    [hours(36), 'tokenLifetime 1 day 12 hours must be a whole number of days from 2 to 400'],
  ])('is refused unless GitLab takes it: %o', (tokenLifetime, message) => {
    expect(() => checkedRules('', { tokenLifetime })).toThrow(new Error(message));
  });
});

describe('a window', () => {
  it.each([
    ['rate(30 days)', 24],
    ['rate(4 hours)', 4],
    ['cron(0 1 ? * SUN *)', 23],
    ['cron(0 23 ? * SUN *)', 1],
    ['cron(0 /6 * * ? *)', 6],
    ['cron(0 2,12 * * ? *)', 10],
  ])('of %s may last %i hours, and no longer', (schedule, most) => {
    expect(rules(schedule, { window: hours(most) })).toEqual({
      scheduleExpression: schedule,
      duration: `${most}h`,
    });
    expect(() => rules(schedule, { window: hours(most + 1) })).toThrow('window ');
  });

  it('says what it may be', () => {
    expect(() => rules('cron(0 22 ? * SUN *)', { window: hours(3) })).toThrow(
      new Error(
        'window 3 hours must be at most 2 hours with the schedule cron(0 22 ? * SUN *): a window must not reach the next one, nor go past midnight UTC',
      ),
    );
  });

  it.each([Duration.minutes(90), hours(0), hours(25)])('is of whole hours: %o', (window) => {
    expect(() => rules('rate(30 days)', { window })).toThrow(
      'must be a whole number of hours from 1 to 24',
    );
  });
});
