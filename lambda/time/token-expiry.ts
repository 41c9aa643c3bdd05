import type { SecretDescription } from '../ports/secret-store.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * The `expires_at` to ask for: `YYYY-MM-DD`, days counted in UTC.
 *
 * To GitLab the token is expired from 00:00 UTC of that day on, so it is active for
 * up to one day less than `lifetimeDays`.
 */
export function tokenExpiry(now: Date, lifetimeDays: number): string {
  return dateOf(new Date(now.getTime() + lifetimeDays * DAY_MS));
}

/** GitLab's own limit for a request. The token may be issued at its end. */
const ISSUED_WITHIN_MS = 60_000;

/**
 * Whether a token with this `expires_at` would be expired the moment it is issued.
 * GitLab has no lower bound: it takes the date, and the old token is revoked all the same.
 */
export function expiresImmediately(now: Date, expiresAt: string): boolean {
  return Date.parse(expiresAt) <= now.getTime() + ISSUED_WITHIN_MS;
}

/** The next rotation, or the one after it. */
export type RotationsAhead = 1 | 2;

/**
 * The day of the next rotation after `now`, `YYYY-MM-DD`, or of the one after it,
 * as far as the schedule tells. A rotation restarts the interval; before one,
 * AWS's own date counts. Of uneven steps only the first is known: during a rotation
 * the second is taken to be as long, and before one it is not known.
 */
export function nextRotation(
  now: Date,
  { rotationIntervalDays, nextRotationDate }: SecretDescription,
  from: 'this-rotation' | 'schedule',
  count: RotationsAhead = 1,
): string | undefined {
  const scheduled = nextRotationDate !== undefined && nextRotationDate > now;
  const intervalMs = rotationIntervalDays && rotationIntervalDays * DAY_MS;
  if (scheduled && (from === 'schedule' || intervalMs === undefined)) {
    const stepMs = from === 'schedule' ? 0 : nextRotationDate.getTime() - now.getTime();
    return dateOf(new Date(nextRotationDate.getTime() + (count - 1) * (intervalMs ?? stepMs)));
  }
  return intervalMs === undefined
    ? undefined
    : dateOf(new Date(now.getTime() + count * intervalMs));
}

/** Whether a token with this `expires_at` is expired before that day is over. Where either is unknown, no. */
export function expiresBy(expiresAt: string | null, day: string | undefined): boolean {
  return expiresAt !== null && day !== undefined && expiresAt <= day;
}

/** Whole days in UTC until GitLab takes a token with this `expires_at` for expired. */
export function daysUntil(expiresAt: string, now: Date): number {
  return (Date.parse(expiresAt) - Date.parse(dateOf(now))) / DAY_MS;
}

/** `YYYY-MM-DD`, in UTC. */
export function dateOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}
