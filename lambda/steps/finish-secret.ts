import { type Details, RotationError } from '../failure.ts';
import { currentVersionId } from '../ports/secret-store.ts';
import type { Run } from '../ports/step.ts';
import type { SecretValue } from '../secret/secret-value.ts';
import { readSecret } from '../successor/stored-value.ts';
import { NOT_YET, poll } from '../time/poll.ts';
import { consistencyReserveMs, timeoutMs } from '../time/time-left.ts';
import { AWS_CALL_TIMEOUT_MS, LOOK_AND_ALERT_MS, RESERVE_MS } from '../time/timing.ts';
import { probeTimeoutMs } from '../token/probe-token.ts';
import { moveBackIfDead, readTestedValue, requireStillActive } from './check-pending.ts';
import { withContext } from './failure-context.ts';
import { isCurrent, readStaging } from './staging.ts';

/**
 * Last step: moves `AWSCURRENT` to the new version, and nothing else.
 * `AWSPENDING` is AWS's to remove. What a retry can meet:
 *
 * 1. The version is current: an earlier run, or a request of ours whose answer
 *    was lost, has moved the label.
 * 2. Another version has the label than in our first read: somebody put a value
 *    meanwhile. If GitLab accepts its token, it stays; if not, the move names it.
 * 3. Nothing moved: once more.
 * 4. With two tokens, where consumers have an active one and can wait: the new token died since
 *    testSecret, as when GitLab reads a late rotate request of another run. It must not become
 *    current. So GitLab is asked right before each move, and once more after it, for the move may
 *    take a while. With one token the old one is revoked already, and consumers wait.
 *
 * @throws {RotationError} NOT_PROMOTED, and what readStaging throws; with two tokens also
 * PENDING_TOKEN_REJECTED, CURRENT_TOKEN_DEAD where the label cannot be moved back, and what the probe throws
 */
export async function finishSecret(run: Run): Promise<void> {
  await withContext(run, () => moveCurrent(run));
  run.log.info('the version is current');
}

async function moveCurrent(run: Run): Promise<void> {
  const { request, time, log } = run;
  let failure: RotationError | undefined;
  let firstHolder: string | undefined;
  // In parallel to the first read of the labels, since with one token consumers are waiting. It does
  // not go on after the step, whatever becomes of the labels.
  const pending = readTestedValue(run);
  const moved = await poll(time, consistencyReserveMs(time), async () => {
    const holder = await findHolder(run).catch((error: unknown) => {
      // That a move failed says more than that the labels cannot be read after it.
      return failure === undefined ? Promise.reject(error) : NOT_YET;
    });
    if (typeof holder === 'object') {
      return holder;
    }
    firstHolder ??= holder;
    if (holder !== firstHolder) {
      await requireNotReplaced(run, holder); // case 2
    }
    const secret = await pending;
    if (holder === request.versionId) {
      return 'current'; // case 1
    }
    failure = await moveFrom(run, holder, secret);
    if (failure === undefined) {
      return 'current';
    }
    log.warn('AWSCURRENT is not moved yet', failure.details);
    return NOT_YET; // case 3
  }).finally(() => pending);
  if (moved === undefined) {
    throw failure;
  }
}

/** The version that has `AWSCURRENT`; undefined where none has. */
async function findHolder(run: Run): Promise<string | undefined> {
  const { description } = await readStaging(run);
  return currentVersionId(description);
}

/** One move, with the checks of case 4 before and after it. @returns NOT_PROMOTED where nothing moved */
async function moveFrom(
  run: Run,
  holder: string | undefined,
  pending: SecretValue | undefined,
): Promise<RotationError | undefined> {
  if (holder === undefined) {
    return notPromoted('no version has AWSCURRENT', {});
  }
  await requireStillActive(run, pending);
  const failure = await promote(run, holder);
  if (failure === undefined) {
    await moveBackIfDead(run, pending, holder);
  }
  return failure;
}

async function promote(run: Run, holder: string): Promise<RotationError | undefined> {
  const { secrets, request, time } = run;
  const { secretId, versionId } = request;
  try {
    const limitMs = timeoutMs(time, AWS_CALL_TIMEOUT_MS, LOOK_AND_ALERT_MS);
    await secrets.promote(secretId, { from: holder, to: versionId }, limitMs);
    return undefined;
  } catch (cause) {
    if ((await isCurrent(run)) === 'yes') {
      return undefined; // case 1: only the answer was lost
    }
    return notPromoted(
      'AWSCURRENT could not be moved to the new version',
      { currentVersionId: holder, ...(cause instanceof RotationError && cause.details) },
      cause,
    );
  }
}

/**
 * An active token that somebody put in the middle of the rotation is what
 * consumers should have. It may also be the one that the first read did not show.
 *
 * @throws {RotationError} NOT_PROMOTED
 */
async function requireNotReplaced(run: Run, holder: string | undefined): Promise<void> {
  const { tokens, request, time } = run;
  const [current, pending] = await Promise.all([
    readSecret(run, holder),
    readSecret(run, request.versionId),
  ]).catch(() => []);
  const isOurs =
    current === undefined || [pending?.token, pending?.standby?.token].includes(current.token);
  if (isOurs) {
    return;
  }
  const probe = await tokens.probe(current.token, probeTimeoutMs(time, RESERVE_MS));
  if (probe.kind === 'active') {
    throw notPromoted('somebody put another active token meanwhile', {
      currentVersionId: String(holder),
      currentActive: true,
      replacedByHand: true,
    });
  }
}

function notPromoted(reason: string, details: Details, cause?: unknown): RotationError {
  return new RotationError('NOT_PROMOTED', reason, { details, cause });
}
