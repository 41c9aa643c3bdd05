import { type Details, RotationError } from '../failure.ts';
import type { LivingToken } from '../ports/access-tokens.ts';
import type { RotationRequest, SecretDescription } from '../ports/secret-store.ts';
import type { Invocation, StepDeps } from '../ports/step.ts';
import type { SecretValue } from '../secret/secret-value.ts';
import { blame } from '../successor/target.ts';
import { RESERVE_MS } from '../time/timing.ts';
import { nextRotation, type RotationsAhead } from '../time/token-expiry.ts';
import { requireInterchangeable } from '../token/compare-tokens.ts';
import { type Alive, originOf, probeToken, type Verdict } from '../token/probe-token.ts';
import { scopeMissing } from '../token/rotate-token.ts';
import { requireSituation } from './failure-context.ts';

/** A value whose token was just seen alive, and the schedule, as far as it could be read. */
export interface TestedValue {
  readonly secret: SecretValue;
  readonly alive: Alive;
  readonly description: SecretDescription | undefined;
  /** The failure to tell in the dry run where the secret should have a standby, and has none. */
  readonly missing?: RotationError;
}

/** Something that is wrong with what lives for now. */
interface Finding {
  /** In the dry run. */
  readonly failure: RotationError;
  /** In a rotation, which it does not stop; absent where createSecret tells it. */
  readonly notice?: Details;
}

/**
 * Can the tokens rotate themselves again, and will they live to do so? With
 * alternating tokens each is rotated in every second rotation only.
 *
 * @throws {RotationError} in the dry run, for the first finding
 */
export async function lookAhead(
  deps: StepDeps,
  request: RotationRequest,
  tested: TestedValue,
  invocation: Invocation,
): Promise<void> {
  const { secret, alive } = tested;
  const { log, notify } = invocation;
  const standby = await probeStandby(deps, secret, invocation);
  const now = deps.clock.now();
  const inRotation = findings(tested, standby, (count) =>
    next(now, tested, 'this-rotation', count),
  );
  const inDryRun = findings(tested, standby, (count) => next(now, tested, 'schedule', count));
  if (standby === undefined && inRotation.length === 0 && inDryRun.length === 0) {
    return;
  }
  const { dryRun } = await requireSituation(deps, request, invocation);
  if (dryRun === true) {
    for (const { failure } of inDryRun) {
      throw failure;
    }
    if (secret.standby && standby?.kind === 'alive') {
      const tokens = [secret.token, secret.standby.token] as const;
      await requireInterchangeable(deps, tokens, { current: alive, standby }, invocation);
    }
    return;
  }
  for (const { notice } of inRotation) {
    if (notice !== undefined) {
      log.warn('the new token will not see another rotation', notice);
      await notify({ code: 'EXPIRES_TOO_SOON', details: notice });
    }
  }
}

async function probeStandby(
  deps: StepDeps,
  { standby }: SecretValue,
  { deadline }: Invocation,
): Promise<Verdict | undefined> {
  const limits = { deadline, floorMs: RESERVE_MS };
  return standby && probeToken(deps, standby.token, limits).catch(blame({ standby }));
}

type NextOf = (count: RotationsAhead) => string | undefined;

function next(
  now: Date,
  { description }: TestedValue,
  from: 'this-rotation' | 'schedule',
  count: RotationsAhead,
): string | undefined {
  return description === undefined ? undefined : nextRotation(now, description, from, count);
}

function findings(
  { alive, missing }: TestedValue,
  standby: Verdict | undefined,
  nextOf: NextOf,
): readonly Finding[] {
  if (standby === undefined) {
    return [...(missing ? [{ failure: missing }] : []), ...findingsOn(alive.token, nextOf(1))];
  }
  return [
    ...findingsOn(alive.token, nextOf(2)),
    ...(standby.kind === 'alive'
      ? findingsOn(standby.token, nextOf(1), { standby: true })
      : [{ failure: standbyDead(standby) }]),
  ];
}

function findingsOn(
  { tokenId, scopes, canRotate, expiresAt }: LivingToken,
  nextDay: string | undefined,
  which: Details = {},
): readonly Finding[] {
  if (canRotate && (expiresAt === null || nextDay === undefined || expiresAt > nextDay)) {
    return [];
  }
  const details: Details = {
    tokenId,
    ...which,
    ...(!canRotate && { scopes }),
    ...(expiresAt !== null && { expiresAt }),
    ...(nextDay !== undefined && { nextRotation: nextDay }),
  };
  return [
    { failure: canRotate ? expiresTooSoon(details) : scopeMissing(details), notice: details },
  ];
}

function expiresTooSoon(details: Details): RotationError {
  return new RotationError('PENDING_TOKEN_REJECTED', 'the token expires before its next rotation', {
    details: { ...details, reason: 'expires-too-soon' },
    // It lives for now.
    risk: 'none',
  });
}

function standbyDead({ reason, ...origin }: Extract<Verdict, { kind: 'dead' }>): RotationError {
  return new RotationError('STANDBY_DEAD', 'GitLab does not accept the standby token', {
    details: { ...originOf(origin), reason },
  });
}
