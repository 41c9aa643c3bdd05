import { isFailure } from '../failure.ts';
import type { RunTime } from '../ports/step.ts';
import { timeoutMs } from './time-left.ts';
import {
  ALERT_RESERVE_MS,
  AWS_CALL_TIMEOUT_MS,
  FIRST_PAUSE_MS,
  LONGEST_PAUSE_MS,
} from './timing.ts';

/** There is no answer yet. `waitMs`: how long the other side asks to wait. */
export interface NotYet {
  readonly notYet: true;
  readonly waitMs?: number | undefined;
}

export const NOT_YET: NotYet = { notYet: true };

/** As `reserveMs`: ask once only. */
export const ONCE = Number.POSITIVE_INFINITY;

/**
 * Asks again and again, with growing pauses, until there is an answer.
 *
 * The last pause is shortened, so that the last attempt begins when `reserveMs` are left.
 *
 * @param reserveMs - what to leave of the invocation when the last attempt begins; or ONCE
 * @returns undefined when there is no time for another attempt, or less than the
 * other side asks to wait; the first attempt is always made
 */
export async function poll<T extends object | string>(
  time: RunTime,
  reserveMs: number,
  ask: () => Promise<T | NotYet>,
): Promise<T | undefined> {
  let pauseMs = FIRST_PAUSE_MS;
  for (;;) {
    const answer = await ask();
    if (!isNotYet(answer)) {
      return answer;
    }
    const leftMs = time.remainingMs() - reserveMs;
    const waitMs = Math.max(Math.min(pauseMs, leftMs), answer.waitMs ?? FIRST_PAUSE_MS);
    if (waitMs > leftMs) {
      return undefined;
    }
    await time.sleep(waitMs);
    pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
  }
}

/**
 * Asks GitLab again while its answer is transient, and waits as long as it says.
 * For requests that only read.
 *
 * @returns a transient answer only when time is up: the last one
 */
export async function retryTransient<
  T extends { readonly kind: string; readonly retryAfterMs?: number },
>(time: RunTime, reserveMs: number, ask: () => Promise<T>): Promise<T> {
  let last: T | undefined;
  const answer = await poll<T>(time, reserveMs, async () => {
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
 * Calls again while Secrets Manager is unavailable: a short outage must not
 * leave consumers with a revoked token until AWS tries the rotation again. For
 * calls that do no harm when they are repeated.
 *
 * @throws what the call throws, transient failures only when time is up
 */
export async function retryWhileUnavailable<T>(
  time: RunTime,
  reserveMs: number,
  call: (timeoutMs: number) => Promise<T>,
): Promise<T> {
  let failure: unknown;
  const answer = await poll(time, reserveMs, async () => {
    try {
      // The last try may begin late, and must leave the alert its time.
      return { value: await call(timeoutMs(time, AWS_CALL_TIMEOUT_MS, ALERT_RESERVE_MS)) };
    } catch (error) {
      if (!isFailure(error, 'STORE_UNAVAILABLE')) {
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
