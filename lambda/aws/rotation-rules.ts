import type { RotationRulesType } from '@aws-sdk/client-secrets-manager';

const HOURS_PER_DAY = 24;

/**
 * The days between two rotations, a fraction for a schedule in hours; undefined
 * for a cron expression, whose steps are not even, unless AWS computes them.
 */
export function rotationIntervalDays(rules: RotationRulesType | undefined): number | undefined {
  const { ScheduleExpression: expression = '', AutomaticallyAfterDays: days } = rules ?? {};
  const [, count, unit] = /rate\((\d+) (hour|day)/.exec(expression) ?? [];
  if (count === undefined) {
    return days;
  }
  return unit === 'hour' ? Number(count) / HOURS_PER_DAY : Number(count);
}
