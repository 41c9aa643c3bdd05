import { type Details, type FailureCode, RotationError } from '../failure.ts';
import type { ActiveToken, DeathReason } from '../ports/access-tokens.ts';
import type { SecretVersion } from '../ports/secret-store.ts';
import { type HeldToken, knownId } from '../secret/secret-members.ts';
import type { SecretValue } from '../secret/secret-value.ts';
import { withSuccessor } from '../secret/successor-value.ts';
import { originDetails, tokenNotAccepted } from '../token/answer-details.ts';
import type { Verdict } from '../token/probe-token.ts';

/** What a rotation is about: the standby of a secret that has one, else its token. */
export interface Target {
  readonly version: SecretVersion;
  readonly secret: SecretValue;
  readonly toRotate: HeldToken;
  /** `YYYY-MM-DD`: the day of the rotation that replaces the successor, where the schedule says it. */
  readonly replacedOn: string | undefined;
  /** Alternating only: what GitLab says of the token that consumers have. */
  readonly current?: Verdict;
  /** What GitLab says of the token to rotate, where a probe has just shown it active. */
  readonly active?: ActiveToken;
}

/** A target whose token a probe has just shown active. */
export interface ActiveTarget extends Target {
  readonly active: ActiveToken;
}

/** The token of a secret that is rotated. */
export function tokenToRotate(secret: SecretValue): HeldToken {
  return secret.standby ?? secret;
}

/** Whether consumers keep an active token, whatever becomes of the one that is rotated. */
export function servesConsumers({ current }: Target): boolean {
  return current?.kind === 'active';
}

/** What the secret will be: the successor is current, and what was current is the standby. */
export function nextValue(target: Target, successor: HeldToken, tokenField: string): string {
  const { version, secret, current } = target;
  const known = current?.kind === 'active' ? current.token : secret;
  const standby: HeldToken = { token: secret.token, ...knownId(known) };
  return withSuccessor(version.secretString, tokenField, successor, standby);
}

/** Says of a failure that it is about the standby, so that nobody replaces the other token. */
export function blameStandby({ standby }: Pick<SecretValue, 'standby'>): (error: unknown) => never {
  return (error) => {
    throw error instanceof RotationError && standby !== undefined
      ? error.withDetails({ standby: true })
      : error;
  };
}

/**
 * CURRENT_TOKEN_DEAD, or STANDBY_DEAD where consumers have another token, which is active.
 * `reason` is that of the target. Where both tokens are dead, it is the detail `standbyReason`,
 * and `reason` is that of the current one: that affects consumers.
 */
export function tokenDead(target: Target, reason: DeathReason, details: Details): RotationError {
  const { current } = target;
  const reasons =
    current?.kind === 'dead'
      ? { ...originDetails(current), reason: current.reason, standbyReason: reason }
      : { reason };
  return tokenNotAccepted(servesConsumers(target) ? 'standby' : 'current', {
    ...details,
    ...reasons,
  });
}

/** SUCCESSOR_LOST, or STANDBY_LOST. */
export function successorLost(target: Target, details: Details): RotationError {
  const code: FailureCode = servesConsumers(target) ? 'STANDBY_LOST' : 'SUCCESSOR_LOST';
  return new RotationError(code, 'GitLab rotated the token, but its answer was lost', { details });
}

/** SUCCESSOR_NOT_STORED, or STANDBY_LOST. */
export function notStored(target: Target, cause: unknown, details: Details): RotationError {
  const code: FailureCode = servesConsumers(target) ? 'STANDBY_LOST' : 'SUCCESSOR_NOT_STORED';
  return new RotationError(code, 'GitLab rotated, but nothing stored the successor', {
    cause,
    details: { ...details, ...(cause instanceof RotationError && cause.details) },
  });
}
