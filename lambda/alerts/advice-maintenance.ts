import type { Details } from '../failure.ts';
import { type Action, action } from './advice-actions.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** That GitLab says it is in maintenance, and until when; undefined where it says nothing of the kind. */
export function maintenanceIn(details: Details): string | undefined {
  const { gitlabSays, status, retryAfterSeconds } = details;
  if (gitlabSays !== 'maintenance') {
    return undefined;
  }
  const answer = typeof status === 'number' ? ` (status ${status})` : '';
  const back =
    typeof retryAfterSeconds === 'number'
      ? ` It expects to be back in ${durationText(retryAfterSeconds)}, counted from this alert.`
      : '';
  return `GitLab says: maintenance${answer}.${back}`;
}

/** What to do about a maintenance. */
export const AWAIT_MAINTENANCE: Action = action(
  'Wait until the maintenance is over: the administrators of GitLab know when.',
);

/** A pause as people say it. Nobody asks for more than a day: a longer pause is told as one. */
export function durationText(seconds: number): string {
  if (seconds >= DAY) {
    return 'a day or more';
  }
  if (seconds >= 2 * HOUR) {
    return `about ${Math.round(seconds / HOUR)} hours`;
  }
  if (seconds >= 2 * MINUTE) {
    return `about ${Math.round(seconds / MINUTE)} minutes`;
  }
  return seconds === 1 ? '1 second' : `${seconds} seconds`;
}
