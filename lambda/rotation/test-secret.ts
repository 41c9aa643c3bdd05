import { type Details, RotationError } from './failure.ts';
import { NOT_YET, persist, poll } from './poll.ts';
import type {
  Invocation,
  LivingToken,
  RotationRequest,
  SecretDescription,
  SecretStore,
  SecretVersion,
  StepDeps,
  StepFunction,
} from './ports.ts';
import { consistencyFloor } from './preamble.ts';
import { originOf, probeToken, type Verdict } from './probe-token.ts';
import { scopeMissing } from './rotate-once.ts';
import { parseSecret } from './secret-value.ts';
import { ALERT_RESERVE_MS, LOOK_AHEAD_TIMEOUT_MS, READ_TIMEOUT_MS, RESERVE_MS } from './timing.ts';
import { nextRotation } from './token-expiry.ts';

/**
 * Third step: proves that the pending token lives and is the one that the
 * secret says it is. Changes nothing. It runs in two situations:
 *
 * 1. In a rotation. The old token is dead by now, so only a pending token that
 *    does not work stops the rotation; what else is wrong is told as a notice.
 * 2. Alone, on a copy of the current value, when rotation is configured without
 *    rotating (`--no-rotate-immediately`). That is the dry run, in which
 *    whatever is wrong is a failure.
 *
 * @throws {RotationError} PENDING_TOKEN_REJECTED, VERSION_NOT_STAGED; in the dry
 * run also SCOPE_MISSING; SECRET_MISSING, SECRET_MALFORMED, and what store and probe throw
 */
export function testSecret(deps: StepDeps): StepFunction {
  return async (request, invocation) => {
    try {
      await testPending(deps, request, invocation);
    } catch (error) {
      if (error instanceof RotationError) {
        throw error.withDetails(await knownSituation(deps, request, invocation));
      }
      throw error;
    }
  };
}

async function testPending(
  deps: StepDeps,
  request: RotationRequest,
  invocation: Invocation,
): Promise<void> {
  const { secrets, settings } = deps;
  const { deadline, log } = invocation;
  const version = await readStagedVersion(deps, request, invocation);
  if (version.stages.includes('AWSCURRENT')) {
    log.info('the version is current already');
    return;
  }
  const { token, tokenId } = parseSecret(version.secretString, settings);
  // Side by side, since consumers are waiting. The schedule only serves to look
  // ahead: that it cannot be read is no reason to stop.
  const [verdict, description] = await Promise.all([
    probeToken(deps, token, { deadline, floorMs: RESERVE_MS }),
    secrets.describe(request.secretId, LOOK_AHEAD_TIMEOUT_MS).catch(() => undefined),
  ]);
  const living = requirePendingToken(verdict, tokenId);
  await lookAhead(deps, request, living, description, invocation);
}

/** The version that this run is about, as soon as its value and label are visible. */
async function readStagedVersion(
  { secrets, clock }: StepDeps,
  { secretId, versionId }: RotationRequest,
  { deadline }: Invocation,
): Promise<SecretVersion> {
  let last: SecretVersion | undefined;
  const limits = { clock, deadline, floorMs: consistencyFloor(deadline.remainingMs()) };
  const version = await poll(limits, async () => {
    last = await persist(limits, (timeoutMs) =>
      secrets.readVersion(secretId, versionId, timeoutMs),
    );
    return last?.stages.some(isStaged) ? last : NOT_YET;
  });
  if (version !== undefined) {
    return version;
  }
  if (last === undefined) {
    await requireCurrentValue(secrets, secretId);
  }
  const what = last === undefined ? 'has no value' : 'is not labelled AWSPENDING';
  throw new RotationError('VERSION_NOT_STAGED', `the version to test ${what}`);
}

function isStaged(label: string): boolean {
  return label === 'AWSPENDING' || label === 'AWSCURRENT';
}

/** A secret that never had a value was never rotated: this can only be the dry run. */
async function requireCurrentValue(secrets: SecretStore, secretId: string): Promise<void> {
  try {
    await secrets.readCurrent(secretId);
  } catch (error) {
    const isMissing = error instanceof RotationError && error.code === 'SECRET_MISSING';
    throw isMissing ? error.withDetails({ dryRun: true }) : error;
  }
}

/** @throws {RotationError} PENDING_TOKEN_REJECTED */
function requirePendingToken(verdict: Verdict, statedId: string | undefined): LivingToken {
  if (verdict.kind === 'dead') {
    throw new RotationError('PENDING_TOKEN_REJECTED', 'GitLab does not accept the pending token', {
      details: { ...originOf(verdict), reason: verdict.reason },
    });
  }
  const { token } = verdict;
  if (statedId !== undefined && statedId !== token.tokenId) {
    throw new RotationError(
      'PENDING_TOKEN_REJECTED',
      'the pending token is not the one that tokenId names',
      {
        details: { ...originOf(verdict), tokenId: token.tokenId, expectedTokenId: statedId },
        // The token itself lives.
        risk: 'none',
      },
    );
  }
  return token;
}

/** Can the token rotate itself again, and will it live to do so? */
async function lookAhead(
  deps: StepDeps,
  request: RotationRequest,
  { tokenId, scopes, canRotate, expiresAt }: LivingToken,
  description: SecretDescription | undefined,
  invocation: Invocation,
): Promise<void> {
  const { log, notify } = invocation;
  const now = deps.clock.now();
  const nextAfter = (from: 'this-rotation' | 'schedule') =>
    description === undefined ? undefined : nextRotation(now, description, from);
  const outlives = (day: string | undefined) =>
    expiresAt === null || day === undefined || expiresAt > day;
  if (canRotate && outlives(nextAfter('this-rotation')) && outlives(nextAfter('schedule'))) {
    return;
  }
  const { dryRun } = await requireSituation(deps, request, invocation);
  const next = nextAfter(dryRun === true ? 'schedule' : 'this-rotation');
  if (canRotate && outlives(next)) {
    return;
  }
  const details: Details = {
    tokenId,
    ...(!canRotate && { scopes }),
    ...(expiresAt !== null && { expiresAt }),
    ...(next !== undefined && { nextRotation: next }),
  };
  if (dryRun !== true) {
    log.warn('the new token will not see another rotation', details);
    await notify({ code: 'EXPIRES_TOO_SOON', details });
    return;
  }
  throw canRotate
    ? new RotationError('PENDING_TOKEN_REJECTED', 'the token expires before its next rotation', {
        details: { ...details, reason: 'expires-too-soon' },
        // It lives for now.
        risk: 'none',
      })
    : scopeMissing(details);
}

/** Which version is current, and whether this is the dry run. */
type Situation = Readonly<{ currentVersionId?: string; dryRun?: true }>;

async function readSituation(
  { secrets }: StepDeps,
  { secretId, versionId }: RotationRequest,
  { deadline }: Invocation,
): Promise<Situation> {
  const timeoutMs = () => Math.min(READ_TIMEOUT_MS, deadline.remainingMs() - ALERT_RESERVE_MS);
  const current = await secrets.readCurrent(secretId, timeoutMs());
  const pending = await secrets.readVersion(secretId, versionId, timeoutMs());
  return {
    currentVersionId: current.versionId,
    ...(pending?.secretString === current.secretString && { dryRun: true }),
  };
}

/** For whoever must act. The failure that is being told matters more than this. */
async function knownSituation(
  deps: StepDeps,
  request: RotationRequest,
  invocation: Invocation,
): Promise<Situation> {
  return readSituation(deps, request, invocation).catch(() => ({}));
}

/** In the dry run a finding is a failure, so it must be known; a rotation would get no further either. */
async function requireSituation(
  deps: StepDeps,
  request: RotationRequest,
  invocation: Invocation,
): Promise<Situation> {
  const { deadline } = invocation;
  const limits = {
    clock: deps.clock,
    deadline,
    floorMs: consistencyFloor(deadline.remainingMs()),
  };
  let failure: unknown;
  const situation = await poll(limits, () =>
    readSituation(deps, request, invocation).catch((error: unknown) => {
      failure = error;
      return NOT_YET;
    }),
  );
  if (situation === undefined) {
    throw failure;
  }
  return situation;
}
