import { isFailure, RotationError } from '../failure.ts';
import type { SecretVersion } from '../ports/secret-store.ts';
import type { Run } from '../ports/step.ts';
import { parseSecret } from '../secret/secret-value.ts';
import { NOT_YET, poll, retryWhileUnavailable } from '../time/poll.ts';
import { consistencyReserveMs, readTimeoutMs } from '../time/time-left.ts';
import { DEAD_WINDOW_READ_TIMEOUT_MS, RESERVE_MS } from '../time/timing.ts';
import { originDetails, reasonDetails, tokenNotAccepted } from '../token/answer-details.ts';
import {
  type ActiveProbe,
  probeTimeoutMs,
  probeToken,
  type Verdict,
} from '../token/probe-token.ts';
import { judgeDryRun } from './dry-run.ts';
import { isCopy, tryToParse, withContext } from './failure-context.ts';

/**
 * Third step: proves that the pending token is active and the one that the
 * secret says it is. Changes nothing. It runs in two situations:
 *
 * 1. In a rotation. Consumers may have a revoked token by now, so what only the dry run needs must
 *    not hold it up: the daily watch finds what keeps the next rotation from its work.
 * 2. Alone, on a copy of the current value, when rotation is configured without
 *    rotating (`--no-rotate-immediately`). That is the dry run: it also judges whether the tokens
 *    are ready for their next rotation.
 *
 * A retry may find the version current already: then it fails only where the token is dead.
 *
 * @throws {RotationError} PENDING_TOKEN_REJECTED, CURRENT_TOKEN_DEAD, VERSION_NOT_STAGED; in the dry
 * run also SCOPE_MISSING, STANDBY_DEAD, ROTATION_REFUSED; SECRET_MISSING, SECRET_MALFORMED, and what store and probe throw
 */
export async function testSecret(run: Run): Promise<void> {
  await withContext(run, async () => {
    const version = await readStagedVersion(run);
    if (version.stages.includes('AWSCURRENT')) {
      run.log.info('the version is current already');
      await requireNotRevoked(run, version);
      return;
    }
    await testPending(run, version);
  });
}

async function testPending(run: Run, version: SecretVersion): Promise<void> {
  const { secrets, settings, request } = run;
  const secret = parseSecret(version.secretString, settings);
  // In parallel, since consumers are waiting. Only the dry run needs the current value.
  const [verdict, current] = await Promise.all([
    probeToken(run, secret.token, RESERVE_MS),
    secrets.readCurrent(request.secretId, DEAD_WINDOW_READ_TIMEOUT_MS).catch(() => undefined),
  ]);
  const tested = { version, active: requirePendingToken(verdict, secret.tokenId) };
  if (current === undefined) {
    await judgeInDoubt(run, tested);
  } else if (await isDryRun(run, tested, current)) {
    await judgeDryRun(run, version, tested.active, 'patiently');
  }
}

/** The version to test, and the probe that has shown its token active. */
interface Tested {
  readonly version: SecretVersion;
  readonly active: ActiveProbe;
}

/**
 * Nobody knows whether this is the dry run. So each question is asked once. What is wrong, or has no
 * answer, counts in the dry run alone: then this must be known, and the dry run asks patiently.
 */
async function judgeInDoubt(run: Run, tested: Tested): Promise<void> {
  try {
    await judgeDryRun(run, tested.version, tested.active, 'once');
  } catch (finding) {
    const current = await readCurrent(run, () => true);
    if (await isDryRun(run, tested, current)) {
      return judgeDryRun(run, tested.version, tested.active, 'patiently');
    }
    const code = finding instanceof RotationError ? finding.code : 'UNEXPECTED';
    run.log.warn('not judged, or not ready for its next rotation', { code });
  }
}

/** Whether the current value is a copy. What looks like an older one is read again. */
async function isDryRun(run: Run, tested: Tested, current: SecretVersion): Promise<boolean> {
  const isCopied = (read: SecretVersion) => isCopy(tested.version, read);
  const newer = mayBeStale(run, tested, current)
    ? await readCurrent(run, isCopied, current)
    : current;
  return isCopied(newer);
}

/**
 * A rotation always makes another token, which can rotate itself. So where one of these does not hold,
 * this is the dry run, and the read has shown an older value.
 */
function mayBeStale(run: Run, { version, active }: Tested, current: SecretVersion): boolean {
  const [pending, holder] = [version, current].map(
    ({ secretString }) => tryToParse(run, secretString)?.token,
  );
  const isOther = version.versionId !== current.versionId && !isCopy(version, current);
  return isOther && (!active.token.canRotate || pending === holder);
}

/**
 * Reads the current value until it is as wanted, or time is up: then the last that was read.
 *
 * @throws what the last read throws, where none succeeded
 */
async function readCurrent(
  { secrets, request, time }: Run,
  isWanted: (version: SecretVersion) => boolean,
  before?: SecretVersion,
): Promise<SecretVersion> {
  let last = before;
  let failure: unknown;
  await poll(time, consistencyReserveMs(time), async () => {
    try {
      last = await secrets.readCurrent(request.secretId, readTimeoutMs(time));
      return isWanted(last) ? last : NOT_YET;
    } catch (error) {
      failure = error;
      return NOT_YET;
    }
  });
  if (last === undefined) {
    throw failure;
  }
  return last;
}

/**
 * The version is current, so the rotation is done. GitLab may have revoked its token since, by a late
 * rotate request of a run that was killed. Nobody else reports that.
 *
 * @throws {RotationError} CURRENT_TOKEN_DEAD
 */
async function requireNotRevoked(
  { tokens, settings, time }: Run,
  { secretString }: SecretVersion,
): Promise<void> {
  const { token } = parseSecret(secretString, settings);
  const probe = await tokens.probe(token, probeTimeoutMs(time, RESERVE_MS));
  if (probe.kind === 'dead') {
    throw tokenNotAccepted('current', reasonDetails(probe));
  }
}

/** The version that this run is about, as soon as its value and label are visible. */
async function readStagedVersion(run: Run): Promise<SecretVersion> {
  const { secrets, request, time } = run;
  const { secretId, versionId } = request;
  const reserveMs = consistencyReserveMs(time);
  let last: SecretVersion | undefined;
  const version = await poll(time, reserveMs, async () => {
    last = await retryWhileUnavailable(time, reserveMs, (timeoutMs) =>
      secrets.readVersion(secretId, versionId, timeoutMs),
    );
    return last?.stages.some(isStaged) ? last : NOT_YET;
  });
  if (version !== undefined) {
    return version;
  }
  if (last === undefined) {
    await requireCurrentValue(run);
  }
  const what = last === undefined ? 'has no value' : 'is not labelled AWSPENDING';
  throw new RotationError('VERSION_NOT_STAGED', `the version to test ${what}`);
}

function isStaged(label: string): boolean {
  return label === 'AWSPENDING' || label === 'AWSCURRENT';
}

/** A secret that never had a value was never rotated: this can only be the dry run. */
async function requireCurrentValue({ secrets, request, time }: Run): Promise<void> {
  try {
    await secrets.readCurrent(request.secretId, readTimeoutMs(time));
  } catch (error) {
    throw isFailure(error, 'SECRET_MISSING') ? error.withDetails({ dryRun: true }) : error;
  }
}

/** @throws {RotationError} PENDING_TOKEN_REJECTED */
function requirePendingToken(verdict: Verdict, expectedTokenId: string | undefined): ActiveProbe {
  if (verdict.kind === 'dead') {
    throw new RotationError('PENDING_TOKEN_REJECTED', 'GitLab does not accept the pending token', {
      details: reasonDetails(verdict),
    });
  }
  const { tokenId } = verdict.token;
  if (expectedTokenId !== undefined && expectedTokenId !== tokenId) {
    const reason = 'the pending token is not the one that tokenId names';
    throw new RotationError('PENDING_TOKEN_REJECTED', reason, {
      details: { ...originDetails(verdict), tokenId, expectedTokenId },
      // The token itself is active.
      risk: 'none',
    });
  }
  return verdict;
}
