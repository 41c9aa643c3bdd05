import { RotationError } from '../failure.ts';
import type { ActiveToken, RotateOutcome, TokenOwner } from '../ports/access-tokens.ts';
import type { Run, RunTime } from '../ports/step.ts';
import {
  FIND_OUT_MS,
  FIRST_PAUSE_MS,
  GITLAB_TIMEOUT_MS,
  RESERVE_MS,
  ROTATE_AND_STORE_MS,
  ROTATE_TIMEOUT_MS,
} from '../time/timing.ts';
import { expiresImmediately, tokenExpiry } from '../time/token-expiry.ts';
import { originDetails, rateLimitFailure, reasonDetails } from './answer-details.ts';
import { type DeadProbe, probeToken } from './probe-token.ts';
import { type Rotation, readSentOutcome, rotationRefused } from './sent-request.ts';

/** The token to rotate. A probe has just shown it active. */
export interface RotatableToken {
  readonly token: string;
  readonly owner: TokenOwner;
  readonly active: ActiveToken;
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
 * ROTATION_OUTCOME_UNKNOWN: the token was active to the end, or no probe got an answer
 */
export async function rotateOnce(run: Run, rotatable: RotatableToken): Promise<Rotation> {
  const { tokens, settings, time, log } = run;
  const { token, owner, active } = rotatable;
  let expiresAt = tokenExpiry(time.now(), settings.lifetimeDays);
  let isShortened = false;
  let pauseMs = FIRST_PAUSE_MS;
  let failure: RotationError | undefined;
  for (;;) {
    requireTimeToRotate(time, failure);
    const outcome = await tokens.rotate(token, owner, expiresAt, rotateTimeoutMs(time), active);
    switch (outcome.kind) {
      case 'not-sent':
      case 'rate-limited': {
        failure = notSent(outcome);
        const verdict = await pauseAndProbe(run, token, outcome, pauseMs);
        if (verdict.kind === 'dead') {
          return foundDead(verdict);
        }
        pauseMs *= 2;
        break;
      }
      case 'date-too-far':
        if (isShortened || expiresImmediately(time.now(), outcome.latest)) {
          throw rotationRefused(
            { refusal: 'request-invalid' },
            { ...originDetails(outcome), expiresAt },
          );
        }
        log.warn('GitLab allows a shorter lifetime than the configured one', {
          asked: expiresAt,
          allowed: outcome.latest,
        });
        isShortened = true;
        expiresAt = outcome.latest;
        break;
      default:
        return readSentOutcome(run, rotatable, outcome);
    }
  }
}

/** A probe found the token dead, and GitLab carried out no request of this run: none was sent, or it refused it. */
export function foundDead(probe: DeadProbe): Rotation {
  return { kind: 'dead', reason: probe.reason, details: originDetails(probe), presented: 'no' };
}

/** @throws {RotationError} `failure`, by default NOT_ENOUGH_TIME */
export function requireTimeToRotate(time: RunTime, failure?: RotationError): void {
  const remainingMs = time.remainingMs();
  if (remainingMs < ROTATE_AND_STORE_MS) {
    throw (
      failure ??
      new RotationError('NOT_ENOUGH_TIME', 'too little time is left to rotate and store', {
        details: { remainingMs, neededMs: ROTATE_AND_STORE_MS },
      })
    );
  }
}

function rotateTimeoutMs(time: RunTime): number {
  const spareMs = time.remainingMs() - RESERVE_MS - FIND_OUT_MS;
  return Math.min(GITLAB_TIMEOUT_MS, Math.max(ROTATE_TIMEOUT_MS, spareMs));
}

type NotSent = Extract<RotateOutcome, { kind: 'not-sent' | 'rate-limited' }>;

function notSent(outcome: NotSent): RotationError {
  return outcome.kind === 'rate-limited'
    ? rateLimitFailure(outcome)
    : new RotationError('GITLAB_UNREACHABLE', 'the rotate request could not be sent', {
        details: reasonDetails(outcome),
      });
}

/** Waits as long as GitLab asks, and makes sure that nobody else rotated the token meanwhile. */
async function pauseAndProbe(run: Run, token: string, outcome: NotSent, pauseMs: number) {
  const { time } = run;
  const askedMs = outcome.kind === 'rate-limited' ? (outcome.retryAfterMs ?? 0) : 0;
  const waitMs = Math.max(pauseMs, askedMs);
  if (time.remainingMs() - waitMs < ROTATE_AND_STORE_MS) {
    throw notSent(outcome);
  }
  await time.sleep(waitMs);
  return probeToken(run, token, ROTATE_AND_STORE_MS);
}
