import { invalidParameter } from './errors.ts';
import type { RequestFields } from './request.ts';
import { nextCronWindow, parseCron } from './rotation-cron.ts';

/** When to rotate; the members as AWS names them. */
export interface RotationRules {
  readonly AutomaticallyAfterDays?: number;
  /** How long a window stays open: `3h`. */
  readonly Duration?: string;
  /** `rate(10 days)` or `cron(0 8 1 * ? *)`, UTC. */
  readonly ScheduleExpression?: string;
}

/** How a secret rotates; kept when rotation is cancelled. */
export interface RotationConfiguration {
  readonly lambdaArn: string;
  readonly rules?: RotationRules;
  /** From the last rotation to the next, for rules that name an expression and no days. */
  readonly calculatedDays?: number;
  readonly enabled: boolean;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const RATE = /^rate\((\d+) (hours?|days?)\)$/;

/**
 * Reads RotationRules (Secrets Manager API, RotationRulesType).
 *
 * @throws {Refusal} InvalidParameterException
 */
export function parseRotationRules(fields: RequestFields): RotationRules {
  const days = fields.wholeNumber('AutomaticallyAfterDays', { min: 1, max: 1000 });
  const duration = fields.text('Duration', { min: 2, max: 3 });
  const expression = fields.text('ScheduleExpression', { min: 1, max: 256 });
  if (days !== undefined && expression !== undefined) {
    throw invalidParameter(
      'You cannot specify both rotation frequency and schedule expression together.',
    );
  }
  if (duration !== undefined && !/^[1-9]\d?h$/.test(duration)) {
    throw invalidParameter('Duration must be a number of hours, such as 3h.');
  }
  const rules = {
    ...(days !== undefined && { AutomaticallyAfterDays: days }),
    ...(duration !== undefined && { Duration: duration }),
    ...(expression !== undefined && { ScheduleExpression: expression }),
  };
  if (expression !== undefined && !isRate(expression) && !parseCron(expression)) {
    throw invalidParameter('ScheduleExpression must be a rate or cron expression.');
  }
  return rules;
}

/**
 * The date on or before which the next rotation happens: the last second of the next window
 * (Secrets Manager User Guide, rotate-secrets_schedule).
 *
 * @param from the last rotation or change of the schedule, in milliseconds
 * @returns undefined where the rules name no schedule
 */
export function nextRotationAt(rules: RotationRules | undefined, from: number): number | undefined {
  const window = rules && nextWindow(rules, from);
  if (!window) {
    return undefined;
  }
  const hours = Number.parseInt(rules.Duration ?? '', 10);
  const endOfDay = startOf(DAY_MS, window.opensAt) + DAY_MS;
  const length = Number.isNaN(hours) ? window.defaultMs : hours * HOUR_MS;
  // A window never reaches into the next UTC day.
  return Math.min(window.opensAt + length, endOfDay) - 1000;
}

/**
 * What a rotation, or a value that somebody puts by hand, changes in the plan: the next date, and
 * the days until then, which AWS calculates for every schedule but does not say how.
 */
export function replanned(
  rotation: RotationConfiguration | undefined,
  now: number,
): { readonly nextRotationAt?: number; readonly rotation?: RotationConfiguration } {
  const { enabled = false, rules } = rotation ?? {};
  const window = enabled && rules ? nextWindow(rules, now) : undefined;
  const next = window && nextRotationAt(rules, now);
  if (!rotation || !window || next === undefined) {
    return {};
  }
  const days = (startOf(DAY_MS, window.opensAt) - startOf(DAY_MS, now)) / DAY_MS;
  // The least that the API allows; a schedule in hours may come round within the day.
  const calculated = rules?.ScheduleExpression !== undefined && {
    calculatedDays: Math.max(1, days),
  };
  return { nextRotationAt: next, rotation: { ...rotation, ...calculated } };
}

interface Window {
  readonly opensAt: number;
  readonly defaultMs: number;
}

function nextWindow(rules: RotationRules, from: number): Window | undefined {
  const { AutomaticallyAfterDays: days, ScheduleExpression: expression } = rules;
  if (days !== undefined) {
    return inDays(from, days);
  }
  const [, count, unit] = RATE.exec(expression ?? '') ?? [];
  if (unit?.startsWith('day')) {
    return inDays(from, Number(count));
  }
  if (unit !== undefined) {
    return { opensAt: startOf(HOUR_MS, from) + Number(count) * HOUR_MS, defaultMs: HOUR_MS };
  }
  const cron = parseCron(expression ?? '');
  const opensAt = cron && nextCronWindow(cron, from);
  if (!cron || opensAt === undefined) {
    return undefined;
  }
  // Several hours a day make a schedule in hours.
  return { opensAt, defaultMs: cron.hours.size > 1 ? HOUR_MS : DAY_MS };
}

function inDays(from: number, days: number): Window {
  return { opensAt: startOf(DAY_MS, from) + days * DAY_MS, defaultMs: DAY_MS };
}

function startOf(unitMs: number, time: number): number {
  return Math.floor(time / unitMs) * unitMs;
}

/** From 4 hours to 999 days. */
function isRate(expression: string): boolean {
  const [, count, unit] = RATE.exec(expression) ?? [];
  const hours = Number(count) * (unit?.startsWith('day') ? 24 : 1);
  return unit !== undefined && hours >= 4 && hours <= 999 * 24;
}
