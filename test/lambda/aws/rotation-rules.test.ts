import { describe, expect, it } from 'vitest';
import { rotationIntervalDays } from '../../../lambda/aws/rotation-rules.ts';

describe(rotationIntervalDays, () => {
  it.each([
    ['days', { AutomaticallyAfterDays: 30 }, 30],
    ['a rate in days', { ScheduleExpression: 'rate(10 days)' }, 10],
    ['a rate of one day', { ScheduleExpression: 'rate(1 day)' }, 1],
    ['a rate in hours', { ScheduleExpression: 'rate(12 hours)' }, 0.5],
    [
      'a rate from which AWS computed whole days',
      { ScheduleExpression: 'rate(36 hours)', AutomaticallyAfterDays: 1 },
      1.5,
    ],
    [
      'a cron expression from which AWS computed days',
      { ScheduleExpression: 'cron(0 8 1 * ? *)', AutomaticallyAfterDays: 31 },
      31,
    ],
    ['a cron expression alone', { ScheduleExpression: 'cron(0 8 1 * ? *)' }, undefined],
    ['no rules', {}, undefined],
    ['no rotation', undefined, undefined],
  ])('reads the interval of %s', (_what, rules, expected) => {
    expect(rotationIntervalDays(rules)).toBe(expected);
  });
});
