import type { Details, FailureCode } from '../failure.ts';
import { RotationError } from '../failure.ts';
import type { DeathReason, LivingToken } from '../ports/access-tokens.ts';
import type { SecretVersion } from '../ports/secret-store.ts';
import type { HeldToken } from '../secret/secret-members.ts';
import type { SecretValue } from '../secret/secret-value.ts';
import { originOf, type Verdict } from '../token/probe-token.ts';

/** What a rotation is about: the standby of a secret that has one, else its token. */
export interface Target {
  readonly version: SecretVersion;
  readonly secret: SecretValue;
  /** The token to rotate. */
  readonly held: HeldToken;
  /** Alternating only: what GitLab tells of the token that consumers have. */
  readonly current?: Verdict;
  /** What GitLab tells of the token to rotate, where it was just seen alive. */
  readonly living?: LivingToken;
}

/** A target whose token was just seen alive. */
export interface LivingTarget extends Target {
  readonly living: LivingToken;
}

/** Whether consumers keep a living token, whatever becomes of the one that is rotated. */
export function servesConsumers({ current }: Target): boolean {
  return current?.kind === 'alive';
}

/** Says of a failure that it is about the standby, where that is what rotates: nobody must replace the other. */
export function blame({ standby }: Pick<SecretValue, 'standby'>): (error: unknown) => never {
  return (error) => {
    throw error instanceof RotationError && standby !== undefined
      ? error.withDetails({ standby: true })
      : error;
  };
}

/** The failures by which a target is told, depending on who is hurt. */
type TargetCode = Extract<
  FailureCode,
  `${string}_DEAD` | `${string}_LOST` | 'SUCCESSOR_NOT_STORED'
>;

const CONSUMERS_HURT = {
  dead: 'CURRENT_TOKEN_DEAD',
  lost: 'SUCCESSOR_LOST',
  notStored: 'SUCCESSOR_NOT_STORED',
} as const satisfies Record<string, TargetCode>;

const CONSUMERS_SERVED = {
  dead: 'STANDBY_DEAD',
  lost: 'STANDBY_LOST',
  notStored: 'STANDBY_LOST',
} as const satisfies Record<keyof typeof CONSUMERS_HURT, TargetCode>;

/** The code for what happened to a target. */
export function codeFor(target: Target, what: keyof typeof CONSUMERS_HURT): TargetCode {
  return (servesConsumers(target) ? CONSUMERS_SERVED : CONSUMERS_HURT)[what];
}

/**
 * CURRENT_TOKEN_DEAD, or STANDBY_DEAD where consumers have another token, which lives.
 * `reason` is that of the target; where both tokens are dead, it is told as `standbyReason`, and
 * the current one's as `reason`.
 */
export function tokenDead(target: Target, reason: DeathReason, details: Details): RotationError {
  const { current } = target;
  const which = servesConsumers(target) ? 'standby' : 'current';
  // With both dead, what consumers feel is the death of the token that they have.
  const death =
    current?.kind === 'dead'
      ? { ...details, ...originOf(current), reason: current.reason, standbyReason: reason }
      : { ...details, reason };
  return new RotationError(codeFor(target, 'dead'), `GitLab does not accept the ${which} token`, {
    details: death,
  });
}

/** SUCCESSOR_LOST, or STANDBY_LOST. */
export function successorLost(target: Target, details: Details): RotationError {
  return new RotationError(
    codeFor(target, 'lost'),
    'GitLab rotated the token, but its answer was lost',
    { details },
  );
}
