import { type Details, RotationError } from '../failure.ts';
import type { AnswerOrigin, Refused } from '../ports/access-tokens.ts';

/** The details that identify an answer to the operators of GitLab. */
export function originDetails({ status, requestId, ...rest }: AnswerOrigin): Details {
  return {
    ...(status !== undefined && { status }),
    ...(requestId !== undefined && { gitlabRequestId: requestId }),
    ...maintenanceDetails(rest),
  };
}

/** The same, and the reason: why a token is dead, or why GitLab gave no usable answer. */
export function reasonDetails(answer: AnswerOrigin & { readonly reason: string }): Details {
  return { ...originDetails(answer), reason: answer.reason };
}

/** The details that say why GitLab serves nobody now, and for how long. */
export function maintenanceDetails({ says, retryAfterMs }: AnswerOrigin): Details {
  return {
    ...(says !== undefined && { gitlabSays: says }),
    ...(retryAfterMs !== undefined && { retryAfterSeconds: Math.ceil(retryAfterMs / 1000) }),
  };
}

/** Why GitLab refuses. */
export type RefusalReason = Pick<Refused, 'refusal' | 'permission'>;

/** The details of a refusal. */
export function refusalDetails({ refusal, permission }: RefusalReason): Details {
  return { refusal, ...(permission !== undefined && { permission }) };
}

/** GITLAB_RATE_LIMITED, with the pause that GitLab asks for. */
export function rateLimitFailure(origin: AnswerOrigin): RotationError {
  return new RotationError('GITLAB_RATE_LIMITED', 'GitLab limits the rate of requests', {
    details: originDetails(origin),
  });
}

/** CURRENT_TOKEN_DEAD or STANDBY_DEAD. */
export function tokenNotAccepted(
  which: 'current' | 'standby',
  details: Details,
  cause?: unknown,
): RotationError {
  const code = which === 'current' ? 'CURRENT_TOKEN_DEAD' : 'STANDBY_DEAD';
  return new RotationError(code, `GitLab does not accept the ${which} token`, { details, cause });
}

/** SCOPE_MISSING, for a token that may not rotate itself. */
export function scopeMissing(details: Details): RotationError {
  return new RotationError('SCOPE_MISSING', 'the token has neither the scope self_rotate nor api', {
    details,
  });
}
