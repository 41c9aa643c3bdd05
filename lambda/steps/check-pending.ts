import { RotationError } from '../failure.ts';
import type { Run } from '../ports/step.ts';
import type { SecretValue } from '../secret/secret-value.ts';
import { readSecret } from '../successor/stored-value.ts';
import { retryWhileUnavailable } from '../time/poll.ts';
import { consistencyReserveMs } from '../time/time-left.ts';
import { DEAD_WINDOW_READ_TIMEOUT_MS, RESERVE_MS } from '../time/timing.ts';
import { reasonDetails, tokenNotAccepted } from '../token/answer-details.ts';
import { type DeadProbe, probeTimeoutMs, probeToken } from '../token/probe-token.ts';
import { isCurrent } from './staging.ts';

/**
 * The value that testSecret has just read. Undefined where it cannot be read now: with one token
 * that must not keep consumers waiting, and whether there are two, only the value says.
 */
export async function readTestedValue(run: Run): Promise<SecretValue | undefined> {
  const { versionId } = run.request;
  const secret = await readSecret(run, versionId, DEAD_WINDOW_READ_TIMEOUT_MS).catch(
    () => undefined,
  );
  if (secret === undefined) {
    run.log.warn('the pending value cannot be read again: its token is not probed once more');
  }
  return secret;
}

/**
 * With two tokens, the last check before the move.
 *
 * @throws {RotationError} PENDING_TOKEN_REJECTED, and what the probe throws
 */
export async function requireStillActive(
  run: Run,
  pending: SecretValue | undefined,
): Promise<void> {
  if (pending?.standby === undefined) {
    return;
  }
  const { token, standby } = pending;
  const probe = await probeToken(run, token, RESERVE_MS).catch(async (error: unknown) => {
    // Where the old token is dead, the probe of testSecret must do: nobody is better off waiting.
    const old = await run.tokens.probe(standby.token, probeTimeoutMs(run.time, RESERVE_MS));
    return old.kind === 'dead' ? undefined : Promise.reject(error);
  });
  if (probe?.kind === 'dead') {
    throw rejected(probe);
  }
}

/**
 * With two tokens, the check after the move: where the token has died, moves `AWSCURRENT` back.
 *
 * @param previous - the version that had the label before
 * @throws {RotationError} PENDING_TOKEN_REJECTED, once the version is not current any more;
 * CURRENT_TOKEN_DEAD, where it is, or nobody can say
 */
export async function moveBackIfDead(
  run: Run,
  pending: SecretValue | undefined,
  previous: string,
): Promise<void> {
  if (pending?.standby === undefined) {
    return;
  }
  const { secrets, tokens, request, time } = run;
  const probe = await tokens.probe(pending.token, probeTimeoutMs(time, RESERVE_MS));
  if (probe.kind !== 'dead') {
    return;
  }
  const versions = { from: request.versionId, to: previous };
  await retryWhileUnavailable(time, consistencyReserveMs(time), (timeoutMs) =>
    secrets.promote(request.secretId, versions, timeoutMs),
  ).catch(async (cause: unknown) => {
    if ((await isCurrent(run)) === 'no') {
      return; // A move of ours whose answer was lost, or somebody else has taken the label from it.
    }
    const details = { ...reasonDetails(probe), previousVersionId: previous };
    throw tokenNotAccepted('current', details, cause);
  });
  throw rejected(probe);
}

function rejected(probe: DeadProbe): RotationError {
  const reason = 'GitLab has ceased to accept the pending token';
  return new RotationError('PENDING_TOKEN_REJECTED', reason, { details: reasonDetails(probe) });
}
