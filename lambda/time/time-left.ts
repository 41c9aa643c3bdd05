import type { RunTime } from '../ports/step.ts';
import { ALERT_RESERVE_MS, CONSISTENCY_BUDGET_MS, READ_TIMEOUT_MS, RESERVE_MS } from './timing.ts';

/** The time-out of a call that must leave `reserveMs` of the invocation: `longestMs` at most, 0 when it is too late. */
export function timeoutMs(time: RunTime, longestMs: number, reserveMs: number): number {
  return Math.max(0, Math.min(longestMs, time.remainingMs() - reserveMs));
}

/**
 * The time-out of a short call beside the rotation itself: a read or a probe that explains a failure
 * or decides what follows, or the move that gives consumers their old token back. It leaves the
 * alert its time.
 */
export function readTimeoutMs(time: RunTime): number {
  return timeoutMs(time, READ_TIMEOUT_MS, ALERT_RESERVE_MS);
}

/** What to leave when a read is repeated, from now on, because it may show an old state. */
export function consistencyReserveMs(time: RunTime): number {
  return Math.max(RESERVE_MS, time.remainingMs() - CONSISTENCY_BUDGET_MS);
}
