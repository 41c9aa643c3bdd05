import { RotationError } from '../failure.ts';
import { lookAfterConsumers } from '../healing/consumers.ts';
import { heal } from '../healing/heal.ts';
import {
  type DeadTarget,
  requireStoredActive,
  tellGivenBack,
  withConsumers,
} from '../healing/stored-by-another.ts';
import { type Attempt, limitsOf, storedOrNotYet } from '../successor/attempt.ts';
import type { Unstored } from '../successor/kept-successors.ts';
import { storeSuccessor } from '../successor/store-successor.ts';
import {
  blame,
  type LivingTarget,
  servesConsumers,
  successorLost,
  tokenDead,
} from '../successor/target.ts';
import { persist, poll } from '../time/poll.ts';
import { ROTATE_AND_STORE_MS } from '../time/timing.ts';
import { originOf, probeToken } from '../token/probe-token.ts';
import { type Rotation, requireTimeToRotate, rotateOnce } from '../token/rotate-token.ts';
import { requireUntouched, type Staging } from './preamble.ts';

/**
 * Rotates a token that was seen alive, and stores its successor. Everything that
 * can be found out without harm comes first. The cases are those of createSecret.
 */
export async function rotateAndStore(
  attempt: Attempt,
  before: Staging,
  target: LivingTarget,
): Promise<void> {
  let presented: DeadTarget['presented'] = false;
  try {
    await prepare(attempt, before, target);
    const rotation = await rotateIfAlive(attempt, target);
    presented = presentedIn(rotation);
    await settle(attempt, target, rotation);
  } catch (error) {
    throw error instanceof RotationError && servesConsumers(target)
      ? await withWhatConsumersHave(attempt, target, error, presented !== false)
      : error;
  }
}

/** Whether GitLab may have read the request when the token was dead. */
function presentedIn(rotation: Rotation): DeadTarget['presented'] {
  switch (rotation.kind) {
    case 'rotated':
      return false;
    case 'dead':
      return rotation.presented;
    case 'lost':
      return 'perhaps';
  }
}

/**
 * With two tokens consumers have the one that was seen active at the beginning, but for one case:
 * another run has made the successor current meanwhile, and GitLab revoked it by a request of ours.
 */
async function withWhatConsumersHave(
  attempt: Attempt,
  target: LivingTarget,
  failure: RotationError,
  presented: boolean,
): Promise<RotationError> {
  const { code, details } = failure;
  if (code === 'CURRENT_TOKEN_DEAD' || details['currentAlive'] !== undefined) {
    return failure;
  }
  const isDoubtful = code === 'ROTATION_OUTCOME_UNKNOWN' || details['takenByDead'] === true;
  if (!presented && !isDoubtful) {
    return failure.withDetails({ currentAlive: true });
  }
  const consumers = await lookAfterConsumers(attempt);
  if (consumers.kind === 'given-back') {
    await tellGivenBack(attempt, consumers.details);
  }
  return withConsumers(failure, target, consumers);
}

async function prepare(
  attempt: Attempt,
  before: Staging,
  { version }: LivingTarget,
): Promise<void> {
  const { deps, request, invocation } = attempt;
  requireTimeToRotate(invocation.deadline.remainingMs());
  await persist(limitsOf(attempt), (timeoutMs) =>
    deps.secrets.proveWritable(request, version, timeoutMs),
  );
  // Somebody may have changed the secret meanwhile, and AWS then gives the rotation up.
  await requireUntouched(deps, request, before, version, invocation);
}

/**
 * Nothing locks a token: another run may have rotated it since it was seen
 * alive, so GitLab is asked once more, as late as possible.
 */
async function rotateIfAlive(
  { deps, invocation }: Attempt,
  { held: { token }, secret }: LivingTarget,
): Promise<Rotation> {
  const { deadline } = invocation;
  const limits = { deadline, floorMs: ROTATE_AND_STORE_MS };
  const verdict = await probeToken(deps, token, limits).catch(blame(secret));
  if (verdict.kind === 'dead') {
    return { kind: 'dead', reason: verdict.reason, details: originOf(verdict), presented: false };
  }
  const { token: living, gitlabTime } = verdict;
  const { owner } = secret;
  const candidate = { token, owner, living, ...(gitlabTime && { gitlabTime }) };
  return rotateOnce(deps, candidate, invocation).catch(blame(secret));
}

async function settle(attempt: Attempt, target: LivingTarget, rotation: Rotation): Promise<void> {
  switch (rotation.kind) {
    case 'rotated': {
      const { successor } = rotation;
      await storeSuccessor(attempt, { target, successor, ...cureOf(target) });
      return;
    }
    case 'dead': {
      const { reason, details, presented } = rotation;
      const cause = { ...details, ...(presented && { reuseDetected: true }) };
      return awaitStoredOrHeal(attempt, {
        target,
        failure: tokenDead(target, reason, cause),
        presented,
      });
    }
    case 'lost':
      return awaitStoredOrHeal(attempt, {
        target,
        failure: successorLost(target, rotation.details),
        presented: presentedIn(rotation),
      });
  }
}

/** Alternating: consumers had a dead token, and the rotation is the cure. Its price is the standby. */
function cureOf({ current }: LivingTarget): Pick<Unstored, 'healed'> {
  return current?.kind === 'dead'
    ? { healed: { cure: 'standby', reason: current.reason, ...originOf(current) } }
    : {};
}

/** Another run's value for our version may not be visible yet. */
async function awaitStoredOrHeal(attempt: Attempt, dead: DeadTarget): Promise<void> {
  const stored = await poll(limitsOf(attempt), () => storedOrNotYet(attempt));
  await (stored === undefined ? heal(attempt, dead) : requireStoredActive(attempt, dead));
}
