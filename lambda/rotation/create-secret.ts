import { type Details, RotationError } from './failure.ts';
import { foreignSuccessor, foreignUser, mistrusted } from './foreign-successor.ts';
import { NOT_YET, type PollLimits, persist, poll } from './poll.ts';
import type {
  Deadline,
  DeathReason,
  Invocation,
  LivingToken,
  RotationRequest,
  SecretVersion,
  StepDeps,
  StepFunction,
} from './ports.ts';
import { consistencyFloor, readStaging, requireUntouched, type Staging } from './preamble.ts';
import { originOf, probeToken, type Verdict } from './probe-token.ts';
import { type Rotation, requireTimeToRotate, rotateOnce, scopeMissing } from './rotate-once.ts';
import { parseSecret, type SecretValue, withSuccessor } from './secret-value.ts';
import { storeSuccessor } from './store-successor.ts';
import { ALERT_RESERVE_MS, READ_TIMEOUT_MS, ROTATE_AND_STORE_MS } from './timing.ts';

/**
 * First step: lets the current token rotate itself and stores the successor as
 * `AWSPENDING`. The only step that changes GitLab, and it cannot be undone: the
 * old token dies, and the new one is shown once.
 *
 * Secrets Manager restarts a failed rotation here, with the same version. What
 * an earlier run can have left behind, or another run can be doing meanwhile:
 *
 * 1. The version is current: an earlier run went through.
 * 2. The version has a value: an earlier run got this far.
 * 3. It has none, and the current token is dead: somebody rotated it. Rotating
 *    again would revoke the successor. The value may only not be visible yet;
 *    if it does not come, the successor is lost.
 * 4. It has none, and the current token is alive: nothing was rotated, or GitLab
 *    is still at it. Rotate.
 * 5. The token dies between our probe and our request, or a request that we do
 *    not know the outcome of: as 3.
 * 6. GitLab's answer holds the token of another user: ours is lost. It is stored
 *    all the same, but so that testSecret refuses it.
 *
 * @throws {RotationError} every code of the list but those of the other steps
 */
export function createSecret(deps: StepDeps): StepFunction {
  return async (request, invocation) => {
    const { secrets } = deps;
    const { log } = invocation;
    const staging = await readStaging(deps, request, invocation);
    if (staging.kind === 'current') {
      log.info('the version is current already'); // case 1
      return;
    }
    const limits = limitsOf(deps, invocation);
    if (
      (await persist(limits, (timeoutMs) => secrets.readPending(request, timeoutMs))) !== undefined
    ) {
      log.info('the version has a value already'); // case 2
      return;
    }
    const current = await findLivingCurrent(deps, request, invocation);
    if (current !== undefined) {
      await rotateAndStore(deps, request, staging, current, invocation); // case 4
    }
  };
}

interface LivingCurrent {
  readonly version: SecretVersion;
  readonly secret: SecretValue;
  readonly living: LivingToken;
}

/**
 * The current version, its token seen alive; undefined when another run's value
 * for our version came up instead (case 3).
 *
 * @throws {RotationError} CURRENT_TOKEN_DEAD, SCOPE_MISSING, SECRET_MALFORMED
 */
async function findLivingCurrent(
  deps: StepDeps,
  request: RotationRequest,
  invocation: Invocation,
): Promise<LivingCurrent | undefined> {
  const { secrets, settings } = deps;
  const { deadline, log } = invocation;
  const limits = limitsOf(deps, invocation);
  let deadVersionId: string | undefined;
  let failure: RotationError | undefined;
  const found = await poll<LivingCurrent | SecretVersion>(limits, async () => {
    const read = (timeoutMs?: number) => secrets.readCurrent(request.secretId, timeoutMs);
    // A read that fails later must not hide that the current token is dead.
    const version = await (failure === undefined
      ? persist(limits, read)
      : read().catch(() => undefined));
    // Not asked again about a token that is dead: only a newer version can be alive.
    if (version !== undefined && version.versionId !== deadVersionId) {
      const secret = parseSecret(version.secretString, settings);
      const verdict = await probeToken(deps, secret.token, {
        deadline,
        floorMs: ROTATE_AND_STORE_MS,
      });
      if (verdict.kind === 'alive') {
        checkLiving(verdict, secret, log);
        return { version, secret, living: verdict.token };
      }
      deadVersionId = version.versionId;
      failure = currentTokenDead(verdict.reason, originOf(verdict));
    }
    return pendingOrNotYet(deps, request, deadline);
  });
  if (found === undefined) {
    throw failure;
  }
  if ('version' in found) {
    return found;
  }
  log.info('another run has stored a value for this version');
  return undefined;
}

function checkLiving(
  { token, ...origin }: Extract<Verdict, { kind: 'alive' }>,
  { tokenId }: SecretValue,
  log: Invocation['log'],
): void {
  if (!token.canRotate) {
    const { tokenId: id, scopes } = token;
    throw scopeMissing({ ...originOf(origin), tokenId: id, scopes });
  }
  if (tokenId !== undefined && tokenId !== token.tokenId) {
    // Put by hand, most likely: the rotation corrects it.
    log.warn('the tokenId of the secret is not the id of its token', {
      tokenId: token.tokenId,
      statedTokenId: tokenId,
    });
  }
}

/** Cases 4 to 6. Everything that can be found out without harm comes first. */
async function rotateAndStore(
  deps: StepDeps,
  request: RotationRequest,
  before: Staging,
  { version, secret, living }: LivingCurrent,
  invocation: Invocation,
): Promise<void> {
  const { secrets, settings } = deps;
  requireTimeToRotate(invocation.deadline.remainingMs());
  await persist(limitsOf(deps, invocation), (timeoutMs) =>
    secrets.proveWritable(request, version, timeoutMs),
  );
  // Somebody may have changed the secret meanwhile, and AWS then gives the rotation up.
  await requireUntouched(deps, request, before, version, invocation);

  const rotation = await rotateIfAlive(deps, secret, invocation);
  switch (rotation.kind) {
    case 'rotated': {
      const { successor } = rotation;
      const users = foreignUser(living, successor);
      const told = users === undefined ? successor : mistrusted(living, successor);
      const secretString = withSuccessor(version.secretString, settings.tokenField, told);
      await storeSuccessor(deps, request, secretString, successor, invocation);
      if (users !== undefined) {
        throw foreignSuccessor(successor, users); // case 6
      }
      return;
    }
    case 'dead':
      await requirePending(
        deps,
        request,
        invocation,
        currentTokenDead(rotation.reason, rotation.details),
      );
      return;
    case 'lost':
      await requirePending(deps, request, invocation, successorLost(rotation.details));
      return;
  }
}

/**
 * Nothing locks a token: another run may have rotated it since it was seen
 * alive, so GitLab is asked once more, as late as possible.
 */
async function rotateIfAlive(
  deps: StepDeps,
  { token, owner }: SecretValue,
  invocation: Invocation,
): Promise<Rotation> {
  const { deadline } = invocation;
  const verdict = await probeToken(deps, token, { deadline, floorMs: ROTATE_AND_STORE_MS });
  if (verdict.kind === 'dead') {
    return { kind: 'dead', reason: verdict.reason, details: originOf(verdict) };
  }
  const { gitlabTime } = verdict;
  return rotateOnce(deps, { token, owner, ...(gitlabTime && { gitlabTime }) }, invocation);
}

/** Somebody else's value for our version may not be visible yet; without one this is the end. */
async function requirePending(
  deps: StepDeps,
  request: RotationRequest,
  { deadline, log }: Invocation,
  failure: RotationError,
): Promise<void> {
  const limits = limitsOf(deps, { deadline });
  if ((await poll(limits, () => pendingOrNotYet(deps, request, deadline))) === undefined) {
    throw failure;
  }
  log.warn('another run has rotated the token and stored its successor');
}

/** A read that fails, or hangs, now must not hide that the current token is dead. */
async function pendingOrNotYet(
  { secrets }: StepDeps,
  request: RotationRequest,
  deadline: Deadline,
) {
  const leftMs = deadline.remainingMs() - ALERT_RESERVE_MS;
  try {
    return (await secrets.readPending(request, Math.min(READ_TIMEOUT_MS, leftMs))) ?? NOT_YET;
  } catch {
    return NOT_YET;
  }
}

/** How long reads are repeated, from now on. */
function limitsOf({ clock }: StepDeps, { deadline }: Pick<Invocation, 'deadline'>): PollLimits {
  return { clock, deadline, floorMs: consistencyFloor(deadline.remainingMs()) };
}

function currentTokenDead(reason: DeathReason, details: Details): RotationError {
  return new RotationError('CURRENT_TOKEN_DEAD', 'GitLab does not accept the current token', {
    details: { ...details, reason },
  });
}

function successorLost(details: Details): RotationError {
  return new RotationError('SUCCESSOR_LOST', 'GitLab rotated the token, but its answer was lost', {
    details,
  });
}
