import type { RunTime } from '../ports/step.ts';
import { ALERT_RESERVE_MS, CONSISTENCY_BUDGET_MS, READ_TIMEOUT_MS, RESERVE_MS } from './timing.ts';

/** The time-out of a call that must leave `reserveMs` of the invocation: `longestMs` at most, 0 when it is too late. */
export function timeoutMs(time: RunTime, longestMs: number, reserveMs: number): number {
  return Math.max(0, Math.min(longestMs, time.remainingMs() - reserveMs));
}

/** The time-out of a read that only serves to explain a failure, or to repair it. It leaves the alert its time. */
export function readTimeoutMs(time: RunTime): number {
  return timeoutMs(time, READ_TIMEOUT_MS, ALERT_RESERVE_MS);
}

/** What to leave when a read is repeated, from now on, because it may show an old state. */
export function consistencyReserveMs(time: RunTime): number {
  return Math.max(RESERVE_MS, time.remainingMs() - CONSISTENCY_BUDGET_MS);
}
