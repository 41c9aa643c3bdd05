import { RotationError } from '../failure.ts';
import type { Probe } from '../ports/access-tokens.ts';
import type { Run, RunTime } from '../ports/step.ts';
import { retryTransient } from '../time/poll.ts';
import { timeoutMs } from '../time/time-left.ts';
import { ALERT_RESERVE_MS, LEAST_PROBE_TIMEOUT_MS, PROBE_TIMEOUT_MS } from '../time/timing.ts';
import {
  originDetails,
  rateLimitFailure,
  reasonDetails,
  refusalDetails,
} from './answer-details.ts';

/** GitLab accepts the token. */
export type ActiveProbe = Extract<Probe, { kind: 'active' }>;

/** GitLab does not accept the token any more. */
export type DeadProbe = Extract<Probe, { kind: 'dead' }>;

/** A probe that says whether GitLab accepts the token. */
export type Verdict = ActiveProbe | DeadProbe;

/**
 * As long as a probe usually may take, but not into what must be left. Where that leaves it less
 * than its minimum, it gets that, as far as it leaves the alert its time.
 */
export function probeTimeoutMs(time: RunTime, reserveMs: number): number {
  const leftMs = time.remainingMs() - reserveMs;
  const longestMs = Math.min(PROBE_TIMEOUT_MS, Math.max(LEAST_PROBE_TIMEOUT_MS, leftMs));
  return timeoutMs(time, longestMs, ALERT_RESERVE_MS);
}

/**
 * Asks GitLab whether a token is active, again and again while the answer is
 * transient: a probe changes nothing, not even with a revoked token.
 *
 * @param reserveMs - what the probes must leave of the invocation
 * @throws {RotationError} GITLAB_UNREACHABLE, GITLAB_RATE_LIMITED, ROTATION_REFUSED
 */
export async function probeToken(
  { tokens, time }: Run,
  token: string,
  reserveMs: number,
): Promise<Verdict> {
  const probe = await retryTransient(time, reserveMs, () =>
    tokens.probe(token, probeTimeoutMs(time, reserveMs)),
  );
  return verdictOf(probe);
}

/** @throws {RotationError} GITLAB_UNREACHABLE, GITLAB_RATE_LIMITED, ROTATION_REFUSED, for a probe that says nothing of the token */
export function verdictOf(probe: Probe): Verdict {
  switch (probe.kind) {
    case 'active':
    case 'dead':
      return probe;
    case 'refused':
      throw new RotationError(
        'ROTATION_REFUSED',
        'GitLab refuses to say whether the token is active',
        { details: { ...originDetails(probe), ...refusalDetails(probe) } },
      );
    case 'rate-limited':
      throw rateLimitFailure(probe);
    case 'unreachable':
      throw new RotationError('GITLAB_UNREACHABLE', 'GitLab gave no usable answer to the probe', {
        details: reasonDetails(probe),
      });
  }
}
