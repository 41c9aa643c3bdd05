import { type Details, RotationError } from '../failure.ts';
import type { Probe } from '../ports/access-tokens.ts';
import { currentVersionId, type RotationRequest } from '../ports/secret-store.ts';
import type { Invocation, StepDeps, StepFunction } from '../ports/step.ts';
import { parseSecret, type SecretValue } from '../secret/secret-value.ts';
import { consistencyFloor, NOT_YET, type PollLimits, persist, poll } from '../time/poll.ts';
import { LOOK_AHEAD_TIMEOUT_MS, READ_TIMEOUT_MS, RESERVE_MS } from '../time/timing.ts';
import { originOf, probeToken } from '../token/probe-token.ts';
import { knownSituation } from './failure-context.ts';
import { readStaging } from './preamble.ts';

/**
 * Last step: moves `AWSCURRENT` to the new version, and nothing else.
 * `AWSPENDING` is AWS's to remove. What a retry can meet:
 *
 * 1. The version is current: an earlier run, or a request of ours whose answer
 *    was lost, has moved the label.
 * 2. Another version has the label than in our first look: somebody put a value
 *    meanwhile. If GitLab accepts its token, it stays; if not, the move names it.
 * 3. Nothing moved: once more.
 * 4. With two tokens, where consumers have an active one and can wait: the new token died since
 *    testSecret, as when GitLab reads a late rotate request of another run. It must not become
 *    current. So GitLab is asked right before each move, and once more after it, for the move may
 *    take a while. With one token the old one is dead already, and consumers wait.
 *
 * @throws {RotationError} NOT_PROMOTED, and what the preamble throws; with two tokens also
 * PENDING_TOKEN_REJECTED, CURRENT_TOKEN_DEAD where the label cannot be moved back, and what the probe throws
 */
export function finishSecret(deps: StepDeps): StepFunction {
  return async (request, invocation) => {
    const { clock } = deps;
    const { deadline, log } = invocation;
    const limits = { clock, deadline, floorMs: consistencyFloor(deadline.remainingMs()) };
    try {
      await persistPromoting(deps, request, invocation, limits);
    } catch (error) {
      // CURRENT_TOKEN_DEAD says itself what is current.
      if (error instanceof RotationError && error.code !== 'CURRENT_TOKEN_DEAD') {
        throw error.withDetails(await knownSituation(deps, request, invocation));
      }
      throw error;
    }
    log.info('the version is current');
  };
}

async function persistPromoting(
  deps: StepDeps,
  request: RotationRequest,
  invocation: Invocation,
  limits: PollLimits,
): Promise<void> {
  let failure: RotationError | undefined;
  let firstHolder: string | undefined;
  // Beside the first look, since with one token consumers are waiting.
  const pending = readPending(deps, request, invocation);
  const finished = await poll(limits, async () => {
    const holder = await findHolder(deps, request, invocation).catch((error: unknown) => {
      // That a move failed says more than that the labels cannot be read after it.
      return failure === undefined ? Promise.reject(error) : 'unknown';
    });
    if (holder === 'unknown') {
      return NOT_YET;
    }
    firstHolder ??= holder;
    if (holder !== firstHolder) {
      await requireNotReplaced(deps, request, holder); // case 2
    }
    const secret = await pending;
    const isToMove = holder !== undefined && holder !== request.versionId;
    if (isToMove) {
      await requireStillActive(deps, secret, invocation); // case 4
    }
    const attempt = await promote(deps, request, holder);
    if (attempt instanceof RotationError) {
      failure = attempt;
      invocation.log.warn('AWSCURRENT is not moved yet', attempt.details);
      return NOT_YET;
    }
    if (isToMove) {
      await takeBackIfDead(deps, request, { secret, previous: holder }, limits); // case 4
    }
    return attempt;
  });
  if (finished === undefined) {
    throw failure;
  }
}

/**
 * What testSecret has just read. Undefined where it cannot be read now: with one token that must
 * not keep consumers waiting, and whether there are two, only the value says.
 */
async function readPending(
  { secrets, settings }: StepDeps,
  { secretId, versionId }: RotationRequest,
  { log }: Invocation,
): Promise<SecretValue | undefined> {
  const secret = await secrets
    .readVersion(secretId, versionId, LOOK_AHEAD_TIMEOUT_MS)
    .then((version) => version && parseSecret(version.secretString, settings))
    .catch(() => undefined);
  if (secret === undefined) {
    log.warn('the pending value cannot be read again: its token is not probed once more');
  }
  return secret;
}

/** @throws {RotationError} PENDING_TOKEN_REJECTED, and what the probe throws */
async function requireStillActive(
  deps: StepDeps,
  pending: SecretValue | undefined,
  { deadline }: Invocation,
): Promise<void> {
  if (pending?.standby === undefined) {
    return;
  }
  const { token, standby } = pending;
  const limits = { deadline, floorMs: RESERVE_MS };
  const verdict = await probeToken(deps, token, limits).catch(async (error: unknown) => {
    // Where the old token is dead, testSecret's word must do: nobody is better off waiting.
    const old = await deps.tokens.probe(standby.token, READ_TIMEOUT_MS);
    return old.kind === 'dead' ? undefined : Promise.reject(error);
  });
  if (verdict?.kind === 'dead') {
    throw ceased(verdict);
  }
}

/** @throws {RotationError} PENDING_TOKEN_REJECTED, once consumers have the old token again; else CURRENT_TOKEN_DEAD */
async function takeBackIfDead(
  deps: StepDeps,
  { secretId, versionId }: RotationRequest,
  { secret, previous }: { readonly secret: SecretValue | undefined; readonly previous: string },
  limits: PollLimits,
): Promise<void> {
  if (secret?.standby === undefined) {
    return;
  }
  const probe = await deps.tokens.probe(secret.token, READ_TIMEOUT_MS);
  if (probe.kind !== 'dead') {
    return;
  }
  await persist(limits, (timeoutMs) =>
    deps.secrets.promote(secretId, { from: versionId, to: previous }, timeoutMs),
  ).catch(async (cause: unknown) => {
    if (!(await isCurrent(deps, { secretId, versionId }))) {
      return; // The run whose request it was has moved it back.
    }
    throw new RotationError('CURRENT_TOKEN_DEAD', 'GitLab does not accept the current token', {
      cause,
      details: { ...originOf(probe), reason: probe.reason, previousVersionId: previous },
    });
  });
  throw ceased(probe);
}

function ceased({ reason, ...origin }: Extract<Probe, { kind: 'dead' }>): RotationError {
  return new RotationError(
    'PENDING_TOKEN_REJECTED',
    'GitLab has ceased to accept the pending token',
    { details: { ...originOf(origin), reason } },
  );
}

/** The version that has `AWSCURRENT`; undefined where none has. */
async function findHolder(
  deps: StepDeps,
  request: RotationRequest,
  invocation: Invocation,
): Promise<string | undefined> {
  const { description } = await readStaging(deps, request, invocation);
  return currentVersionId(description);
}

/** One move, looked at from both sides; the failure when the label is still elsewhere. */
async function promote(
  deps: StepDeps,
  request: RotationRequest,
  holder: string | undefined,
): Promise<'current' | RotationError> {
  const { secretId, versionId } = request;
  if (holder === versionId) {
    return 'current'; // case 1
  }
  if (holder === undefined) {
    return notPromoted('no version has AWSCURRENT', {});
  }
  try {
    await deps.secrets.promote(secretId, { from: holder, to: versionId });
    return 'current';
  } catch (cause) {
    const details = {
      currentVersionId: holder,
      ...(cause instanceof RotationError && cause.details),
    };
    return (await isCurrent(deps, request))
      ? 'current' // case 1: only the answer was lost
      : notPromoted('AWSCURRENT could not be moved to the new version', details, cause);
  }
}

async function isCurrent({ secrets }: StepDeps, request: RotationRequest): Promise<boolean> {
  const description = await secrets.describe(request.secretId).catch(() => undefined);
  return description !== undefined && currentVersionId(description) === request.versionId;
}

/**
 * A living token that somebody put in the middle of the rotation is what
 * consumers should have. It may also be the one that the first look did not show.
 *
 * @throws {RotationError} NOT_PROMOTED
 */
async function requireNotReplaced(
  deps: StepDeps,
  { secretId, versionId }: RotationRequest,
  holder: string | undefined,
): Promise<void> {
  const secretIn = async (id: string | undefined) => {
    const version = id && (await deps.secrets.readVersion(secretId, id, READ_TIMEOUT_MS));
    return version ? parseSecret(version.secretString, deps.settings) : undefined;
  };
  const [held, pending] = await Promise.all([secretIn(holder), secretIn(versionId)]).catch(
    () => [],
  );
  const isOurs =
    held === undefined || [pending?.token, pending?.standby?.token].includes(held.token);
  if (!isOurs && (await deps.tokens.probe(held.token, READ_TIMEOUT_MS)).kind === 'alive') {
    throw notPromoted('somebody put another living token meanwhile', {
      currentVersionId: String(holder),
      currentAlive: true,
      replacedByHand: true,
    });
  }
}

function notPromoted(reason: string, details: Details, cause?: unknown): RotationError {
  return new RotationError('NOT_PROMOTED', reason, { details, cause });
}
