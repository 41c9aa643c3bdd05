import { RotationError } from '../failure.ts';
import type { Clock, Deadline } from '../ports/step.ts';
import {
  ALERT_RESERVE_MS,
  AWS_CALL_TIMEOUT_MS,
  CONSISTENCY_BUDGET_MS,
  FIRST_PAUSE_MS,
  LONGEST_PAUSE_MS,
  RESERVE_MS,
} from './timing.ts';

/** Says that an attempt brought nothing, and how long the other side asks to wait. */
export interface NotYet {
  readonly notYet: true;
  readonly waitMs?: number | undefined;
}

export const NOT_YET: NotYet = { notYet: true };

/** `floorMs`: what must remain of the invocation when the last attempt begins; or ONCE. */
export interface PollLimits {
  readonly clock: Clock;
  readonly deadline: Deadline;
  readonly floorMs: number;
}

/** As `floorMs`: no attempt follows the first. */
export const ONCE = Number.POSITIVE_INFINITY;

/**
 * Asks again and again, with growing pauses, until there is an answer.
 *
 * The last pause is shortened, so that the last attempt begins at the floor.
 *
 * @returns undefined when there is no time for another attempt, or less than the
 * other side asks to wait; the first attempt is always made
 */
export async function poll<T extends object | string>(
  { clock, deadline, floorMs }: PollLimits,
  ask: () => Promise<T | NotYet>,
): Promise<T | undefined> {
  let pauseMs = FIRST_PAUSE_MS;
  for (;;) {
    const answer = await ask();
    if (!isNotYet(answer)) {
      return answer;
    }
    const leftMs = deadline.remainingMs() - floorMs;
    const waitMs = Math.max(Math.min(pauseMs, leftMs), answer.waitMs ?? FIRST_PAUSE_MS);
    if (waitMs > leftMs) {
      return undefined;
    }
    await clock.sleep(waitMs);
    pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
  }
}

/**
 * Asks GitLab again while its answer is transient, and waits as long as it says.
 * For requests that only look.
 *
 * @returns a transient answer only when time is up: the last one
 */
export async function askAgain<T extends { readonly kind: string; readonly retryAfterMs?: number }>(
  limits: PollLimits,
  ask: () => Promise<T>,
): Promise<T> {
  let last: T | undefined;
  const answer = await poll<T>(limits, async () => {
    last = await ask();
    switch (last.kind) {
      case 'unreachable':
      case 'rate-limited':
        return { ...NOT_YET, waitMs: last.retryAfterMs };
      default:
        return last;
    }
  });
  return answer ?? (last as T);
}

/**
 * Calls again while Secrets Manager is unavailable: a moment's outage must not
 * leave consumers with a dead token until AWS tries the rotation again. For
 * calls that do no harm when they are repeated.
 *
 * @throws what the call throws, transient failures only when time is up
 */
export async function persist<T>(
  limits: PollLimits,
  call: (timeoutMs: number) => Promise<T>,
): Promise<T> {
  let failure: unknown;
  const answer = await poll(limits, async () => {
    // The last try may begin late, and must leave the alert its time.
    const leftMs = Math.max(0, limits.deadline.remainingMs() - ALERT_RESERVE_MS);
    try {
      return { value: await call(Math.min(AWS_CALL_TIMEOUT_MS, leftMs)) };
    } catch (error) {
      if (!(error instanceof RotationError && error.code === 'STORE_UNAVAILABLE')) {
        throw error;
      }
      failure = error;
      return NOT_YET;
    }
  });
  if (answer === undefined) {
    throw failure;
  }
  return answer.value;
}

function isNotYet(answer: object | string): answer is NotYet {
  return typeof answer === 'object' && 'notYet' in answer;
}

/** What must remain when a read is repeated because the view may be old. */
export function consistencyFloor(remainingMs: number): number {
  return Math.max(RESERVE_MS, remainingMs - CONSISTENCY_BUDGET_MS);
}
