import type { Details } from '../failure.ts';
import type { SecretDescription } from '../ports/secret-store.ts';
import { dateOf } from '../time/token-expiry.ts';
import { type Finding, finding } from './finding.ts';
import { type Sight, tokenStateOf } from './sight.ts';
import type { AwsVerdict } from './watch-event.ts';

/** What a sight is judged by. */
export interface Standard {
  readonly now: Date;
  /** The function that should rotate the secret. */
  readonly rotationFunctionArn: string;
  /** What AWS reports of this secret. */
  readonly verdict?: AwsVerdict | undefined;
}

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
/** A rotation may begin in the last second of its window, and needs its time. */
const GRACE_MS = HOUR_MS;

/** Whether Secrets Manager rotates the secret, with the right function, and did so when it was due. */
export function rotationFindings(
  description: SecretDescription | undefined,
  { now, rotationFunctionArn }: Standard,
): readonly Finding[] {
  if (description === undefined) {
    return [];
  }
  if (!description.rotationEnabled) {
    return [finding('ROTATION_DISABLED', scheduleDetails(description))];
  }
  const { rotationFunctionArn: rotates } = description;
  const isOurs = rotates === rotationFunctionArn || rotates?.startsWith(`${rotationFunctionArn}:`);
  return [
    ...(isOurs === true
      ? []
      : [finding('ROTATION_BY_ANOTHER', { rotationFunctionArn: rotates ?? 'none' })]),
    ...(isOverdue(description, now.getTime())
      ? [finding('ROTATION_OVERDUE', scheduleDetails(description))]
      : []),
  ];
}

/** AWS's own date counts, which is the end of a window. Without one, the last rotation tells. */
function isOverdue(description: SecretDescription, now: number): boolean {
  const { nextRotationDate, lastRotatedDate, rotationIntervalDays } = description;
  if (nextRotationDate !== undefined) {
    return nextRotationDate.getTime() + GRACE_MS < now;
  }
  if (lastRotatedDate === undefined || rotationIntervalDays === undefined) {
    return false;
  }
  const dueAt = lastRotatedDate.getTime() + rotationIntervalDays * DAY_MS;
  return windowEnd(dueAt, description) + GRACE_MS < now;
}

/**
 * A rotation that is under way has AWSPENDING on another version than AWSCURRENT, as long as its
 * window is open at most: Secrets Manager tries no longer than that.
 */
export function stuckFindings(sight: Sight, { now }: Standard): readonly Finding[] {
  const { description, pending } = sight;
  if (description === undefined || pending === undefined) {
    return [];
  }
  const isStuck =
    pending.createdAt === undefined
      ? mustBeOver(description, now.getTime())
      : isWindowOver(pending.createdAt, description, now.getTime());
  return isStuck ? [finding('ROTATION_STUCK', pendingDetails(sight))] : [];
}

/**
 * A version without a value does not say when it was made. Its rotation may be under way unless
 * rotation is off or overdue. Even then, somebody may have begun it a moment ago.
 */
function mustBeOver(description: SecretDescription, now: number): boolean {
  const { rotationEnabled, lastChangedDate } = description;
  return (
    (!rotationEnabled || isOverdue(description, now)) &&
    (lastChangedDate === undefined || isWindowOver(lastChangedDate, description, now))
  );
}

/** Whether the window is over in which a rotation ran at that time. */
function isWindowOver(at: Date, description: SecretDescription, now: number): boolean {
  const { nextRotationDate } = description;
  const since = at.getTime();
  const ends = windowEnd(since, description);
  // AWS's own date, where that is the end of this window.
  const due = nextRotationDate?.getTime() ?? ends;
  return (due < since ? ends : Math.min(ends, due)) + GRACE_MS <= now;
}

/** What is known of the version that a rotation has left. */
export function pendingDetails({ pending }: Sight): Details {
  return pending === undefined
    ? {}
    : { pendingVersionId: pending.versionId, pendingToken: tokenStateOf(pending.seen) };
}

/** By default a window is open for an hour where the schedule is in hours, else until midnight UTC. */
function windowEnd(
  since: number,
  { windowHours, rotationIntervalDays = 1 }: SecretDescription,
): number {
  if (windowHours !== undefined) {
    return since + windowHours * HOUR_MS;
  }
  return rotationIntervalDays < 1 ? since + HOUR_MS : (Math.floor(since / DAY_MS) + 1) * DAY_MS;
}

function scheduleDetails({ lastRotatedDate, nextRotationDate }: SecretDescription): Details {
  return {
    ...(lastRotatedDate && { lastRotated: dateOf(lastRotatedDate) }),
    ...(nextRotationDate && { nextRotation: dateOf(nextRotationDate) }),
  };
}
