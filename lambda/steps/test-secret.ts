import { RotationError } from '../failure.ts';
import type { RotationRequest, SecretStore, SecretVersion } from '../ports/secret-store.ts';
import type { Invocation, StepDeps, StepFunction } from '../ports/step.ts';
import { missingStandby, parseSecret } from '../secret/secret-value.ts';
import { consistencyFloor, NOT_YET, persist, poll } from '../time/poll.ts';
import { LOOK_AHEAD_TIMEOUT_MS, READ_TIMEOUT_MS, RESERVE_MS } from '../time/timing.ts';
import { type Alive, originOf, probeToken, type Verdict } from '../token/probe-token.ts';
import { knownSituation } from './failure-context.ts';
import { lookAhead } from './look-ahead.ts';

/**
 * Third step: proves that the pending token lives and is the one that the
 * secret says it is. Changes nothing. It runs in two situations:
 *
 * 1. In a rotation. The rotated token is dead by now, so only a pending token that
 *    does not work stops the rotation; what else is wrong is told as a notice.
 * 2. Alone, on a copy of the current value, when rotation is configured without
 *    rotating (`--no-rotate-immediately`). That is the dry run, in which
 *    whatever is wrong is a failure.
 *
 * A retry may find the version current already: then only a token that is dead is told.
 *
 * @throws {RotationError} PENDING_TOKEN_REJECTED, CURRENT_TOKEN_DEAD, VERSION_NOT_STAGED; in the dry
 * run also SCOPE_MISSING, STANDBY_DEAD, ROTATION_REFUSED; SECRET_MISSING, SECRET_MALFORMED, and what store and probe throw
 */
export function testSecret(deps: StepDeps): StepFunction {
  return async (request, invocation) => {
    try {
      await testPending(deps, request, invocation);
    } catch (error) {
      // CURRENT_TOKEN_DEAD is told of the version itself, once it is current.
      if (error instanceof RotationError && error.code !== 'CURRENT_TOKEN_DEAD') {
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
    await requireNotRevoked(deps, version);
    return;
  }
  const secret = parseSecret(version.secretString, settings);
  // Side by side, since consumers are waiting. The schedule only serves to look
  // ahead: that it cannot be read is no reason to stop.
  const [verdict, description] = await Promise.all([
    probeToken(deps, secret.token, { deadline, floorMs: RESERVE_MS }),
    secrets.describe(request.secretId, LOOK_AHEAD_TIMEOUT_MS).catch(() => undefined),
  ]);
  const alive = requirePendingToken(verdict, secret.tokenId);
  const missing = missingStandby(version.secretString, secret, settings);
  const tested = { secret, alive, description, ...(missing && { missing }) };
  await lookAhead(deps, request, tested, invocation);
}

/**
 * The rotation is through but for what it says of itself. What GitLab revoked since, by a late
 * rotate request of a run that was killed, is told by nobody else.
 *
 * @throws {RotationError} CURRENT_TOKEN_DEAD
 */
async function requireNotRevoked(
  { tokens, settings }: StepDeps,
  { secretString }: SecretVersion,
): Promise<void> {
  const { token } = parseSecret(secretString, settings);
  const probe = await tokens.probe(token, READ_TIMEOUT_MS);
  if (probe.kind === 'dead') {
    throw new RotationError('CURRENT_TOKEN_DEAD', 'GitLab does not accept the current token', {
      details: { ...originOf(probe), reason: probe.reason },
    });
  }
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
function requirePendingToken(verdict: Verdict, statedId: string | undefined): Alive {
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
  return verdict;
}
