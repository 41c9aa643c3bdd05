import { type Details, RotationError } from '../failure.ts';
import type {
  DeathReason,
  IssuedToken,
  LivingToken,
  Refusal,
  Refused,
  RotateOutcome,
  TokenOwner,
} from '../ports/access-tokens.ts';
import type { Deadline, Invocation, StepDeps } from '../ports/step.ts';
import { NOT_YET, poll } from '../time/poll.ts';
import {
  FIND_OUT_MS,
  FIRST_PAUSE_MS,
  GITLAB_TIMEOUT_MS,
  RESERVE_MS,
  ROTATE_AND_STORE_MS,
  ROTATE_TIMEOUT_MS,
} from '../time/timing.ts';
import { isBornDead, tokenExpiry } from '../time/token-expiry.ts';
import {
  originOf,
  probeTimeoutMs,
  probeToken,
  rateLimited,
  refusalIn,
  saidIn,
} from './probe-token.ts';

/** What a token became, as far as one run can know. */
export type Rotation =
  | { readonly kind: 'rotated'; readonly successor: IssuedToken }
  /**
   * Dead before our request, so the successor is somebody else's, if there is one. `presented`:
   * the request reached GitLab all the same, which then revokes that successor.
   */
  | {
      readonly kind: 'dead';
      readonly reason: DeathReason;
      readonly details: Details;
      readonly presented: boolean;
    }
  /** Dead after our request, whose answer never came: the successor was shown to nobody. */
  | { readonly kind: 'lost'; readonly details: Details };

type RotateDeps = Pick<StepDeps, 'tokens' | 'clock' | 'settings'>;

/** The token to rotate, which a probe has just shown alive. */
export interface Candidate {
  readonly token: string;
  readonly owner: TokenOwner;
  /** What the probe told of it. */
  readonly living?: LivingToken;
  /** What GitLab's clock showed then. */
  readonly gitlabTime?: Date;
}

/**
 * Lets a token rotate itself.
 *
 * The request is sent again only after an outcome that proves that GitLab did
 * nothing, and, where time has passed, after a new probe: a token that is
 * presented after it was rotated makes GitLab revoke its successor.
 *
 * @throws {RotationError} NOT_ENOUGH_TIME, GITLAB_UNREACHABLE,
 * GITLAB_RATE_LIMITED, SCOPE_MISSING, ROTATION_REFUSED: nothing happened;
 * ROTATION_OUTCOME_UNKNOWN: the token was alive to the end, or no probe could tell
 */
export async function rotateOnce(
  deps: RotateDeps,
  { token, owner, living, gitlabTime }: Candidate,
  invocation: Invocation,
): Promise<Rotation> {
  const { tokens, clock, settings } = deps;
  const { deadline, log } = invocation;
  let expiresAt = tokenExpiry(clock.now(), settings.lifetimeDays);
  if (isBornDead(clock.now(), expiresAt, gitlabTime)) {
    throw refusedFor('clocks-differ', { expiresAt });
  }
  let dateRefused = false;
  let pauseMs = FIRST_PAUSE_MS;
  let obstacle: RotationError | undefined;
  for (;;) {
    if (obstacle !== undefined && deadline.remainingMs() < ROTATE_AND_STORE_MS) {
      throw obstacle;
    }
    requireTimeToRotate(deadline.remainingMs());
    const timeoutMs = rotateTimeoutMs(deadline);
    const outcome = await tokens.rotate(token, owner, expiresAt, timeoutMs, living);
    switch (outcome.kind) {
      case 'not-sent':
      case 'rate-limited': {
        obstacle = failureOf(outcome);
        const verdict = await pauseAndProbe(deps, token, outcome, pauseMs, invocation);
        if (verdict.kind === 'dead') {
          const { reason } = verdict;
          return { kind: 'dead', reason, details: originOf(verdict), presented: false };
        }
        pauseMs *= 2;
        break;
      }
      case 'date-too-far':
        if (dateRefused || isBornDead(clock.now(), outcome.latest, gitlabTime)) {
          throw refusedFor('request-invalid', { ...originOf(outcome), expiresAt });
        }
        log.warn('GitLab allows a shorter lifetime than TOKEN_LIFETIME_DAYS', {
          asked: expiresAt,
          allowed: outcome.latest,
        });
        dateRefused = true;
        expiresAt = outcome.latest;
        break;
      case 'rotated':
      case 'refused':
      case 'dead':
      case 'perhaps-raced':
      case 'unknown':
        return settle(deps, { token, ...(living && { living }) }, outcome, invocation);
    }
  }
}

function rotateTimeoutMs(deadline: Deadline): number {
  const spareMs = deadline.remainingMs() - RESERVE_MS - FIND_OUT_MS;
  return Math.min(GITLAB_TIMEOUT_MS, Math.max(ROTATE_TIMEOUT_MS, spareMs));
}

/** @throws {RotationError} NOT_ENOUGH_TIME */
export function requireTimeToRotate(remainingMs: number): void {
  if (remainingMs < ROTATE_AND_STORE_MS) {
    throw new RotationError('NOT_ENOUGH_TIME', 'too little time is left to rotate and store', {
      details: { remainingMs, neededMs: ROTATE_AND_STORE_MS },
    });
  }
}

type NothingHappened = Extract<RotateOutcome, { kind: 'not-sent' | 'rate-limited' }>;

function failureOf(outcome: NothingHappened): RotationError {
  return outcome.kind === 'rate-limited'
    ? rateLimited(outcome)
    : new RotationError('GITLAB_UNREACHABLE', 'the rotate request could not be sent', {
        details: { ...originOf(outcome), reason: outcome.reason },
      });
}

/** Nothing happened: waits as long as GitLab asks, and makes sure that nobody else rotated meanwhile. */
async function pauseAndProbe(
  deps: RotateDeps,
  token: string,
  outcome: NothingHappened,
  pauseMs: number,
  { deadline }: Invocation,
) {
  const askedMs = outcome.kind === 'rate-limited' ? (outcome.retryAfterMs ?? 0) : 0;
  const waitMs = Math.max(pauseMs, askedMs);
  if (deadline.remainingMs() - waitMs < ROTATE_AND_STORE_MS) {
    throw failureOf(outcome);
  }
  await deps.clock.sleep(waitMs);
  return probeToken(deps, token, { deadline, floorMs: ROTATE_AND_STORE_MS });
}

// Not surely GitLab's own words: something before it may have answered, and only GitLab
// can say that nothing happened. After a 400 without a date a probe is due in any case.
const DOUBTFUL: ReadonlySet<Refusal> = new Set([
  'forbidden',
  'intercepted',
  'legacy-token',
  'other',
]);

/** The request was sent and will not be sent again in this run. */
async function settle(
  deps: RotateDeps,
  { token, living }: Pick<Candidate, 'token' | 'living'>,
  outcome: Exclude<RotateOutcome, { kind: 'not-sent' | 'rate-limited' | 'date-too-far' }>,
  invocation: Invocation,
): Promise<Rotation> {
  const details = originOf(outcome);
  switch (outcome.kind) {
    case 'rotated': {
      const users = foreignUser(living, outcome.successor);
      return users === undefined
        ? { kind: 'rotated', successor: outcome.successor }
        : awaitDeath(deps, token, { ...details, ...users }, invocation);
    }
    case 'dead':
      // Only a revoked token sets off reuse detection; one that has expired as well does not.
      return {
        kind: 'dead',
        reason: outcome.reason,
        details,
        presented: outcome.reason === 'revoked',
      };
    case 'refused':
      if (outcome.refusal === 'scope-missing') {
        throw scopeMissing(details);
      }
      if (!DOUBTFUL.has(outcome.refusal)) {
        throw refused(outcome, details);
      }
      return settleByProbe(deps, token, outcome, invocation);
    case 'perhaps-raced':
      return settleByProbe(deps, token, outcome, invocation);
    case 'unknown':
      return awaitDeath(deps, token, details, invocation);
  }
}

/**
 * The two users, when GitLab answered with another user's token; undefined when
 * it did not, or one of them is not known. A rotation keeps the user, so answers
 * must have been confused: ours is lost.
 */
function foreignUser(
  living: LivingToken | undefined,
  { userId }: IssuedToken,
): Details | undefined {
  const expectedUserId = living?.userId;
  return userId === undefined || expectedUserId === undefined || userId === expectedUserId
    ? undefined
    : { userId, expectedUserId };
}

/** GitLab did not act on our request; whether on somebody else's, a probe tells. */
async function settleByProbe(
  deps: RotateDeps,
  token: string,
  outcome: Extract<RotateOutcome, { kind: 'refused' | 'perhaps-raced' }>,
  { deadline }: Invocation,
): Promise<Rotation> {
  const details = originOf(outcome);
  const verdict = await probeToken(deps, token, { deadline, floorMs: RESERVE_MS }).catch(
    (cause: unknown) => {
      // The request was sent: a probe that fails must not turn the risk into `none`.
      throw outcomeUnknown({ ...details, ...saidBy(cause) }, cause);
    },
  );
  if (verdict.kind === 'dead') {
    return { kind: 'dead', reason: verdict.reason, details, presented: false };
  }
  throw outcome.kind === 'refused' ? refused(outcome, details) : refusedFor('other', details);
}

/** What a probe that failed learned about when GitLab is back. */
function saidBy(cause: unknown): Details {
  const { gitlabSays, retryAfterSeconds } = cause instanceof RotationError ? cause.details : {};
  return gitlabSays === undefined || retryAfterSeconds === undefined
    ? {}
    : { gitlabSays, retryAfterSeconds };
}

/**
 * GitLab may go on for up to 60 s after we gave up on it, so one probe that
 * finds the token alive proves nothing: asks until the budget ends.
 */
async function awaitDeath(
  { tokens, clock }: RotateDeps,
  token: string,
  details: Details,
  { deadline, log }: Invocation,
): Promise<Rotation> {
  log.warn('the answer to the rotate request is unknown: probing the token', details);
  const limits = { deadline, floorMs: RESERVE_MS };
  let said: Details = {};
  const death = await poll({ clock, ...limits }, async () => {
    const probe = await tokens.probe(token, probeTimeoutMs(limits));
    said = probe.kind === 'unreachable' ? saidIn(probe) : {};
    return probe.kind === 'dead' ? probe : NOT_YET;
  });
  if (death === undefined) {
    throw outcomeUnknown({ ...details, ...said });
  }
  return { kind: 'lost', details: { ...details, reason: death.reason } };
}

function outcomeUnknown(details: Details, cause?: unknown): RotationError {
  return new RotationError(
    'ROTATION_OUTCOME_UNKNOWN',
    'the rotate request got no readable answer',
    {
      details,
      cause,
    },
  );
}

function refused(refusal: Refused, details: Details): RotationError {
  return new RotationError('ROTATION_REFUSED', 'GitLab refuses to rotate the token', {
    details: { ...details, ...refusalIn(refusal) },
  });
}

function refusedFor(refusal: Refusal, details: Details): RotationError {
  return refused({ kind: 'refused', refusal }, details);
}

/** SCOPE_MISSING, for a token that may not rotate itself. */
export function scopeMissing(details: Details): RotationError {
  return new RotationError('SCOPE_MISSING', 'the token has neither the scope self_rotate nor api', {
    details,
  });
}
