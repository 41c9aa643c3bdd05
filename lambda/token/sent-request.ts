import { type Details, RotationError } from '../failure.ts';
import type {
  ActiveToken,
  DeathReason,
  IssuedToken,
  Refusal,
  RotateOutcome,
} from '../ports/access-tokens.ts';
import type { Run } from '../ports/step.ts';
import { NOT_YET, poll } from '../time/poll.ts';
import { RESERVE_MS } from '../time/timing.ts';
import {
  maintenanceDetails,
  originDetails,
  type RefusalReason,
  refusalDetails,
  scopeMissing,
} from './answer-details.ts';
import { probeTimeoutMs, probeToken } from './probe-token.ts';

/**
 * Whether GitLab read a rotate request of ours when the token was revoked already. Then it has
 * revoked what another run got for that token: a revoked token that is presented once more counts
 * as stolen, and GitLab revokes its successor (reuse detection), stored or not, tested or not.
 * `perhaps`: nobody knows when GitLab read the request, or whether it still will.
 */
export type Presented = 'no' | 'yes' | 'perhaps';

/** The details of a failure that reuse detection may be the cause of. */
export function reuseDetails(presented: Presented): Details {
  return presented === 'no' ? {} : { reuseDetected: true };
}

/** What became of a token, as far as one run can know. */
export type Rotation =
  | { readonly kind: 'rotated'; readonly successor: IssuedToken }
  /** Revoked or expired, and GitLab did not carry out our request. The successor, if there is one, is somebody else's. */
  | {
      readonly kind: 'dead';
      readonly reason: DeathReason;
      readonly details: Details;
      readonly presented: Presented;
    }
  /** Revoked after our request, whose own answer never came. Nobody saw the successor. */
  | { readonly kind: 'lost'; readonly details: Details; readonly presented: Presented };

// Something before GitLab may have given these answers, and only GitLab can say that
// nothing happened. After a 400 without a date a probe is due in any case.
const DOUBTFUL: ReadonlySet<Refusal> = new Set([
  'forbidden',
  'intercepted',
  'legacy-token',
  'other',
]);

/**
 * Finds out what a rotate request did that was sent, and that is not sent again in this run.
 *
 * @throws {RotationError} SCOPE_MISSING, ROTATION_REFUSED, ROTATION_OUTCOME_UNKNOWN
 */
export async function readSentOutcome(
  run: Run,
  { token, active }: { readonly token: string; readonly active: ActiveToken },
  outcome: Exclude<RotateOutcome, { kind: 'not-sent' | 'rate-limited' | 'date-too-far' }>,
): Promise<Rotation> {
  const details = originDetails(outcome);
  switch (outcome.kind) {
    case 'rotated': {
      const { successor } = outcome;
      // Case 7 of createSecret. A rotation keeps the user: so answers were confused on the way, and
      // ours is lost.
      return isOfAnotherUser(successor, active.userId)
        ? probeUntilDead(run, token, { ...details, ...userDetails(successor, active.userId) })
        : { kind: 'rotated', successor };
    }
    case 'dead': {
      // Only a revoked token sets off reuse detection. One that has expired as well does not.
      const presented = outcome.reason === 'revoked' ? 'yes' : 'no';
      return { kind: 'dead', reason: outcome.reason, details, presented };
    }
    case 'refused':
      if (outcome.refusal === 'scope-missing') {
        throw scopeMissing(details);
      }
      if (!DOUBTFUL.has(outcome.refusal)) {
        throw rotationRefused(outcome, details);
      }
      return decideByProbe(run, token, outcome);
    case 'perhaps-raced':
      return decideByProbe(run, token, outcome);
    case 'unknown':
      return probeUntilDead(run, token, details);
  }
}

/** False where one of the users is not known. */
export function isOfAnotherUser({ userId }: IssuedToken, expected: string | undefined): boolean {
  return userId !== undefined && expected !== undefined && userId !== expected;
}

/** The details of an answer that held the token of another user. */
export function userDetails({ userId }: IssuedToken, expected: string | undefined): Details {
  return { userId: String(userId), expectedUserId: String(expected) };
}

/** The same, of a failure that has them. */
export function userDetailsOf({ details: { userId, expectedUserId } }: RotationError): Details {
  return {
    ...(userId !== undefined && { userId }),
    ...(expectedUserId !== undefined && { expectedUserId }),
  };
}

/** GitLab did not carry out our request. Whether it carried out somebody else's, a probe shows. */
async function decideByProbe(
  run: Run,
  token: string,
  outcome: Extract<RotateOutcome, { kind: 'refused' | 'perhaps-raced' }>,
): Promise<Rotation> {
  const details = originDetails(outcome);
  const verdict = await probeToken(run, token, RESERVE_MS).catch((cause: unknown) => {
    // The request was sent: a probe that fails must not turn the risk into `none`.
    throw outcomeUnknown({ ...details, ...maintenanceIn(cause) }, cause);
  });
  if (verdict.kind === 'dead') {
    return { kind: 'dead', reason: verdict.reason, details, presented: 'no' };
  }
  throw rotationRefused(outcome.kind === 'refused' ? outcome : { refusal: 'other' }, details);
}

/** What a probe that failed learned about when GitLab is back. */
function maintenanceIn(cause: unknown): Details {
  const { gitlabSays, retryAfterSeconds } = cause instanceof RotationError ? cause.details : {};
  return gitlabSays === undefined || retryAfterSeconds === undefined
    ? {}
    : { gitlabSays, retryAfterSeconds };
}

/**
 * GitLab may go on for up to 60 s after we gave up on it, so one probe that
 * finds the token active proves nothing: asks until the time is used up.
 */
async function probeUntilDead(
  { tokens, time, log }: Run,
  token: string,
  details: Details,
): Promise<Rotation> {
  log.warn('the outcome of the rotate request is unknown: probing the token', details);
  let maintenance: Details = {};
  const dead = await poll(time, RESERVE_MS, async () => {
    const probe = await tokens.probe(token, probeTimeoutMs(time, RESERVE_MS));
    maintenance = probe.kind === 'unreachable' ? maintenanceDetails(probe) : {};
    return probe.kind === 'dead' ? probe : NOT_YET;
  });
  if (dead === undefined) {
    throw outcomeUnknown({ ...details, ...maintenance });
  }
  return { kind: 'lost', details: { ...details, reason: dead.reason }, presented: 'perhaps' };
}

function outcomeUnknown(details: Details, cause?: unknown): RotationError {
  const reason = 'the rotate request got no usable answer';
  return new RotationError('ROTATION_OUTCOME_UNKNOWN', reason, { details, cause });
}

/** ROTATION_REFUSED. */
export function rotationRefused(why: RefusalReason, details: Details): RotationError {
  return new RotationError('ROTATION_REFUSED', 'GitLab refuses to rotate the token', {
    details: { ...details, ...refusalDetails(why) },
  });
}
