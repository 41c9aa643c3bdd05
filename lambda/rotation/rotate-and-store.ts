import { type Attempt, limitsOf, pendingOrNotYet } from './attempt.ts';
import { RotationError } from './failure.ts';
import { foreignUser, mistrusted } from './foreign-successor.ts';
import { heal } from './heal.ts';
import { persist, poll } from './poll.ts';
import { requireUntouched, type Staging } from './preamble.ts';
import { originOf, probeToken } from './probe-token.ts';
import { type Rotation, requireTimeToRotate, rotateOnce } from './rotate-once.ts';
import { storeForeign, storeSuccessor, type Unstored } from './store-successor.ts';
import { type LivingTarget, servesConsumers, successorLost, tokenDead } from './target.ts';
import { ROTATE_AND_STORE_MS } from './timing.ts';

/**
 * Rotates a token that was seen alive, and stores its successor. Everything that
 * can be found out without harm comes first. The cases are those of createSecret.
 */
export async function rotateAndStore(
  attempt: Attempt,
  before: Staging,
  target: LivingTarget,
): Promise<void> {
  try {
    await prepare(attempt, before, target);
    const rotation = await rotateIfAlive(attempt, target);
    await settle(attempt, target, rotation);
  } catch (error) {
    throw error instanceof RotationError && servesConsumers(target)
      ? error.withDetails({ currentAlive: true })
      : error;
  }
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
  { held: { token }, secret: { owner } }: LivingTarget,
): Promise<Rotation> {
  const { deadline } = invocation;
  const verdict = await probeToken(deps, token, { deadline, floorMs: ROTATE_AND_STORE_MS });
  if (verdict.kind === 'dead') {
    return { kind: 'dead', reason: verdict.reason, details: originOf(verdict) };
  }
  const { gitlabTime } = verdict;
  return rotateOnce(deps, { token, owner, ...(gitlabTime && { gitlabTime }) }, invocation);
}

async function settle(attempt: Attempt, target: LivingTarget, rotation: Rotation): Promise<void> {
  const { living } = target;
  switch (rotation.kind) {
    case 'rotated': {
      const { successor } = rotation;
      const users = foreignUser(living, successor);
      if (users !== undefined) {
        return storeForeign(attempt, target, mistrusted(living, successor), users); // case 7
      }
      await storeSuccessor(attempt, { target, successor, ...cureOf(target) });
      return;
    }
    case 'dead':
      return awaitPendingOrHeal(
        attempt,
        target,
        tokenDead(target, rotation.reason, rotation.details),
      );
    case 'lost':
      return awaitPendingOrHeal(attempt, target, successorLost(target, rotation.details));
  }
}

/** Alternating: consumers had a dead token, and the rotation is the cure. Its price is the standby. */
function cureOf({ current }: LivingTarget): Pick<Unstored, 'healed'> {
  return current?.kind === 'dead'
    ? { healed: { cure: 'standby', reason: current.reason, ...originOf(current) } }
    : {};
}

/** Somebody else's value for our version may not be visible yet. */
async function awaitPendingOrHeal(
  attempt: Attempt,
  target: LivingTarget,
  failure: RotationError,
): Promise<void> {
  if ((await poll(limitsOf(attempt), () => pendingOrNotYet(attempt))) === undefined) {
    await heal(attempt, { target, failure });
    return;
  }
  attempt.invocation.log.warn('another run has rotated the token and stored its successor');
}
