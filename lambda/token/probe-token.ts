import { type Details, RotationError } from '../failure.ts';
import type { AnswerOrigin, Probe, Refused } from '../ports/access-tokens.ts';
import type { Deadline, StepDeps } from '../ports/step.ts';
import { askAgain } from '../time/poll.ts';
import { LEAST_PROBE_TIMEOUT_MS, PROBE_TIMEOUT_MS } from '../time/timing.ts';

/** A probe that told whether the token lives. */
export type Verdict = Extract<Probe, { kind: 'alive' | 'dead' }>;

/** That it lives. */
export type Alive = Extract<Verdict, { kind: 'alive' }>;

/** `floorMs`: what the probes must leave of the invocation. */
export interface ProbeLimits {
  readonly deadline: Deadline;
  readonly floorMs: number;
}

/** As long as a probe usually may take, but not into what must be left. */
export function probeTimeoutMs({ deadline, floorMs }: ProbeLimits): number {
  const leftMs = deadline.remainingMs() - floorMs;
  return Math.min(PROBE_TIMEOUT_MS, Math.max(LEAST_PROBE_TIMEOUT_MS, leftMs));
}

/**
 * Asks GitLab whether a token lives, again and again while the answer is
 * transient: a probe changes nothing, not even with a dead token.
 *
 * @throws {RotationError} GITLAB_UNREACHABLE, GITLAB_RATE_LIMITED, ROTATION_REFUSED
 */
export async function probeToken(
  { tokens, clock }: Pick<StepDeps, 'tokens' | 'clock'>,
  token: string,
  limits: ProbeLimits,
): Promise<Verdict> {
  const probe = await askAgain({ clock, ...limits }, () =>
    tokens.probe(token, probeTimeoutMs(limits)),
  );
  if (probe.kind === 'alive' || probe.kind === 'dead') {
    return probe;
  }
  throw failureOf(probe);
}

function failureOf(probe: Exclude<Probe, Verdict>): RotationError {
  const details = originOf(probe);
  switch (probe.kind) {
    case 'refused':
      return new RotationError(
        'ROTATION_REFUSED',
        'GitLab refuses to say whether the token lives',
        {
          details: { ...details, ...refusalIn(probe) },
        },
      );
    case 'rate-limited':
      return rateLimited(probe);
    case 'unreachable':
      return new RotationError('GITLAB_UNREACHABLE', 'GitLab gave no usable answer to the probe', {
        details: { ...details, reason: probe.reason },
      });
  }
}

/** GITLAB_RATE_LIMITED, with the pause that GitLab asked for. */
export function rateLimited(origin: AnswerOrigin): RotationError {
  return new RotationError('GITLAB_RATE_LIMITED', 'GitLab limits the rate of requests', {
    details: originOf(origin),
  });
}

/** What lets GitLab's operators find an answer in their logs. */
export function originOf({ status, requestId, ...rest }: AnswerOrigin): Details {
  return {
    ...(status !== undefined && { status }),
    ...(requestId !== undefined && { gitlabRequestId: requestId }),
    ...saidIn(rest),
  };
}

/** Why GitLab serves nobody now, and for how long. */
export function saidIn({ says, retryAfterMs }: AnswerOrigin): Details {
  return {
    ...(says !== undefined && { gitlabSays: says }),
    ...(retryAfterMs !== undefined && { retryAfterSeconds: Math.ceil(retryAfterMs / 1000) }),
  };
}

/** What a refusal is told with. */
export function refusalIn({ refusal, permission }: Refused): Details {
  return { refusal, ...(permission !== undefined && { permission }) };
}
