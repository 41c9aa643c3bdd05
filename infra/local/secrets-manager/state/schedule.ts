/** When to rotate; the members as AWS names them. Expressions (`rate`, `cron`) are not played. */
export interface RotationRules {
  readonly AutomaticallyAfterDays?: number;
  /** How long a window stays open: `3h`. */
  readonly Duration?: string;
}

/** How AWS itself rotates a managed external secret; the members as AWS names them. */
export interface ExternalRotation {
  readonly roleArn: string;
  readonly metadata: readonly { readonly Key: string; readonly Value: string }[];
}

/** How a secret rotates, by one or the other; kept when rotation is cancelled. */
export interface RotationConfiguration {
  readonly lambdaArn?: string;
  readonly external?: ExternalRotation;
  readonly rules?: RotationRules;
  readonly enabled: boolean;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * The date on or before which the next rotation happens: the last second of the next window
 * (Secrets Manager User Guide, rotate-secrets_schedule).
 *
 * @param from the last rotation or change of the schedule, in milliseconds
 * @returns undefined where the rules name no schedule
 */
export function nextRotationAt(rules: RotationRules | undefined, from: number): number | undefined {
  const { AutomaticallyAfterDays: days, Duration: duration } = rules ?? {};
  if (days === undefined) {
    return undefined;
  }
  const opensAt = Math.floor(from / DAY_MS) * DAY_MS + days * DAY_MS;
  const length = duration === undefined ? DAY_MS : Number.parseInt(duration, 10) * HOUR_MS;
  // A window never reaches into the next UTC day.
  return opensAt + Math.min(length, DAY_MS) - 1000;
}

/** The next date after a rotation or a new current value; empty where nothing is planned. */
export function replanned(
  rotation: RotationConfiguration | undefined,
  now: number,
): { readonly nextRotationAt?: number } {
  const next = rotation?.enabled ? nextRotationAt(rotation.rules, now) : undefined;
  return next === undefined ? {} : { nextRotationAt: next };
}
