import { RotationError } from '../failure.ts';
import { protectConsumers } from '../healing/consumers.ts';
import { heal } from '../healing/heal.ts';
import {
  type DeadToken,
  notifyGivenBack,
  requireStoredActive,
  withConsumers,
} from '../healing/stored-by-another.ts';
import { storeSuccessor } from '../successor/store-successor.ts';
import { awaitStored } from '../successor/stored-value.ts';
import type { CreateRun, UnstoredSuccessor } from '../successor/successor-memory.ts';
import {
  type ActiveTarget,
  blameStandby,
  servesConsumers,
  successorLost,
  tokenDead,
} from '../successor/target.ts';
import { retryWhileUnavailable } from '../time/poll.ts';
import { sideBySide } from '../time/side-by-side.ts';
import { consistencyReserveMs } from '../time/time-left.ts';
import { ROTATE_AND_STORE_MS } from '../time/timing.ts';
import { originDetails } from '../token/answer-details.ts';
import { probeToken } from '../token/probe-token.ts';
import { foundDead, requireTimeToRotate, rotateOnce } from '../token/rotate-token.ts';
import { type Presented, type Rotation, reuseDetails } from '../token/sent-request.ts';
import type { FoundActive } from './find-target.ts';
import { readStaging, requireUnchanged, type Staging } from './staging.ts';

/**
 * Rotates a token that a probe has shown active, and stores its successor. Whatever
 * can be found out without harm comes first. The cases are those of createSecret.
 */
export async function rotateAndStore(
  run: CreateRun,
  before: Staging,
  { target, proveWritable }: FoundActive,
): Promise<void> {
  let presented: Presented = 'no';
  try {
    requireTimeToRotate(run.time);
    requireUnchanged(before, target.version);
    await retryWhileUnavailable(run.time, consistencyReserveMs(run.time), proveWritable);
    const rotation = await rotateIfActive(run, target);
    if (rotation.kind === 'rotated') {
      const { successor } = rotation;
      await storeSuccessor(run, { target, successor, ...recoveredBy(target) }); // case 5
      return;
    }
    presented = rotation.presented;
    const failure = failureFor(target, rotation);
    await awaitStoredOrHeal(run, { target, failure, presented }); // cases 6 and 7
  } catch (error) {
    throw error instanceof RotationError && servesConsumers(target)
      ? await withWhatConsumersHave(run, target, error, presented)
      : error;
  }
}

/**
 * Looks a last time before the request that cannot be undone: whether the version is still pending, the
 * secret unchanged, and the token active. Nothing locks a token: another run may have rotated it
 * since. So GitLab's answer must not be older than the labels: then it is asked again.
 *
 * @throws {RotationError} VERSION_NOT_STAGED, and what readStaging, the probe and rotateOnce throw
 */
async function rotateIfActive(run: CreateRun, target: ActiveTarget): Promise<Rotation> {
  const { toRotate, secret, version } = target;
  const { token } = toRotate;
  const { time } = run;
  const blame = blameStandby(secret);
  const look = async () => {
    requireUnchanged(await readStaging(run), version);
    return time.now();
  };
  const ask = async () => {
    const probe = await probeToken(run, token, ROTATE_AND_STORE_MS).catch(blame);
    return { probe, at: time.now() };
  };
  const [lookedAt, asked] = await sideBySide([look(), ask()]);
  // A dead token stays dead: an answer that does not come must not hide that.
  const isTooOld = asked.probe.kind === 'active' && asked.at < lookedAt;
  const { probe } = isTooOld ? await ask() : asked;
  return probe.kind === 'dead'
    ? foundDead(probe)
    : rotateOnce(run, { token, owner: secret.owner, active: probe.token }).catch(blame);
}

/** Alternating: consumers had a dead token, and the rotation repairs that. It costs the standby. */
function recoveredBy({ current }: ActiveTarget): Pick<UnstoredSuccessor, 'recovered'> {
  return current?.kind === 'dead'
    ? { recovered: { recoveredBy: 'standby', reason: current.reason, ...originDetails(current) } }
    : {};
}

function failureFor(
  target: ActiveTarget,
  rotation: Exclude<Rotation, { kind: 'rotated' }>,
): RotationError {
  if (rotation.kind === 'lost') {
    return successorLost(target, rotation.details);
  }
  const { reason, details, presented } = rotation;
  return tokenDead(target, reason, { ...details, ...reuseDetails(presented) });
}

/** Another run's value for our version may not be visible yet. */
async function awaitStoredOrHeal(run: CreateRun, dead: DeadToken): Promise<void> {
  const stored = await awaitStored(run);
  await (stored === undefined ? heal(run, dead) : requireStoredActive(run, dead));
}

/**
 * With two tokens consumers have the one that was active at the beginning, but for one case:
 * another run has made the successor current meanwhile, and GitLab revoked it by a request of ours.
 */
async function withWhatConsumersHave(
  run: CreateRun,
  target: ActiveTarget,
  failure: RotationError,
  presented: Presented,
): Promise<RotationError> {
  const { code, details } = failure;
  if (code === 'CURRENT_TOKEN_DEAD' || details['currentActive'] !== undefined) {
    return failure;
  }
  const isDoubtful = code === 'ROTATION_OUTCOME_UNKNOWN' || details['takenByDead'] === true;
  if (presented === 'no' && !isDoubtful) {
    return failure.withDetails({ currentActive: true });
  }
  const consumers = await protectConsumers(run);
  if (consumers.kind === 'given-back') {
    await notifyGivenBack(run, consumers.details);
  }
  return withConsumers(failure, target, consumers);
}
