import type { Details, FailureCode } from '../failure.ts';
import { RotationError } from '../failure.ts';
import type { DeathReason, LivingToken, SecretVersion } from '../ports/ports.ts';
import { missingStandby } from '../secret/required-standby.ts';
import { type HeldToken, parseSecret, type SecretValue } from '../secret/secret-value.ts';
import { persist, poll } from '../time/poll.ts';
import { ROTATE_AND_STORE_MS } from '../time/timing.ts';
import { requireInterchangeable } from '../token/compare-tokens.ts';
import { originOf, probeToken, type Verdict } from '../token/probe-token.ts';
import { scopeMissing } from '../token/rotate-token.ts';
import { type Attempt, limitsOf, storedOrNotYet } from './attempt.ts';

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

/** What became of the look for a token to rotate. */
export type Found =
  | { readonly kind: 'alive'; readonly target: LivingTarget }
  /** Somebody rotated it, perhaps; the failure to tell when nothing mends it. */
  | { readonly kind: 'dead'; readonly target: Target; readonly failure: RotationError }
  /** Another run's value for our version came up. */
  | { readonly kind: 'stored' };

/** Whether consumers keep a living token, whatever becomes of the one that is rotated. */
export function servesConsumers({ current }: Target): boolean {
  return current?.kind === 'alive';
}

/**
 * Reads the current version and asks GitLab whether its token, and its standby,
 * live. While the one to rotate is dead, waits for a value that is not visible yet.
 *
 * @throws {RotationError} SCOPE_MISSING, SECRET_MALFORMED, ROTATION_REFUSED, and what store and probe throw
 */
export async function findTarget(attempt: Attempt): Promise<Found> {
  const { secrets } = attempt.deps;
  const { secretId } = attempt.request;
  const limits = limitsOf(attempt);
  let dead: Extract<Found, { kind: 'dead' }> | undefined;
  const found = await poll<Found | SecretVersion>(limits, async () => {
    const read = (timeoutMs?: number) => secrets.readCurrent(secretId, timeoutMs);
    // A read that fails later must not hide that the token is dead.
    const version = await (dead === undefined
      ? persist(limits, read)
      : read().catch(() => undefined));
    // Not asked again about a token that is dead: only a newer version can be alive.
    if (version !== undefined && version.versionId !== dead?.target.version.versionId) {
      const looked = await look(attempt, version);
      if (looked.kind === 'alive') {
        return looked;
      }
      dead = looked;
    }
    return storedOrNotYet(attempt);
  });
  if (found === undefined) {
    return dead as Found;
  }
  return 'kind' in found ? found : { kind: 'stored' };
}

async function look(
  { deps, invocation }: Attempt,
  version: SecretVersion,
): Promise<Exclude<Found, { kind: 'stored' }>> {
  const secret = parseSecret(version.secretString, deps.settings);
  const missing = missingStandby(version.secretString, secret, deps.settings);
  if (missing !== undefined) {
    throw missing;
  }
  const limits = { deadline: invocation.deadline, floorMs: ROTATE_AND_STORE_MS };
  const held = secret.standby ?? secret;
  const verdict = await probeToken(deps, held.token, limits).catch(blame(secret));
  const current = secret.standby && (await probeToken(deps, secret.token, limits));
  const target: Target = { version, secret, held, ...(current && { current }) };
  if (verdict.kind === 'dead') {
    return { kind: 'dead', target, failure: tokenDead(target, verdict.reason, originOf(verdict)) };
  }
  checkLiving(verdict, target, invocation.log);
  if (current?.kind === 'alive') {
    const pair = { current, standby: verdict };
    await requireInterchangeable(deps, [secret.token, held.token], pair, invocation);
  }
  return { kind: 'alive', target: { ...target, living: verdict.token } };
}

/** Says of a failure that it is about the standby, where that is what rotates: nobody must replace the other. */
export function blame({ standby }: Pick<SecretValue, 'standby'>): (error: unknown) => never {
  return (error) => {
    throw error instanceof RotationError && standby !== undefined
      ? error.withDetails({ standby: true })
      : error;
  };
}

function checkLiving(
  { token, ...origin }: Extract<Verdict, { kind: 'alive' }>,
  { held: { tokenId }, secret: { standby } }: Target,
  log: Attempt['invocation']['log'],
): void {
  if (!token.canRotate) {
    const { tokenId: id, scopes } = token;
    const which = { ...(standby && { standby: true }) };
    throw scopeMissing({ ...originOf(origin), tokenId: id, scopes, ...which });
  }
  if (tokenId !== undefined && tokenId !== token.tokenId) {
    // Put by hand, most likely: the rotation corrects it.
    log.warn('the tokenId of the secret is not the id of its token', {
      tokenId: token.tokenId,
      statedTokenId: tokenId,
    });
  }
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
