import type { RotationError } from '../failure.ts';
import {
  currentVersionId,
  type SecretDescription,
  type SecretVersion,
} from '../ports/secret-store.ts';
import type { Run } from '../ports/step.ts';
import { missingStandby, parseSecret, type SecretValue } from '../secret/secret-value.ts';
import { readStored } from '../successor/stored-value.ts';
import {
  type ActiveTarget,
  blameStandby,
  type Target,
  tokenDead,
  tokenToRotate,
} from '../successor/target.ts';
import { NOT_YET, poll, retryWhileUnavailable } from '../time/poll.ts';
import { type Call, early, sideBySide } from '../time/side-by-side.ts';
import { consistencyReserveMs, readTimeoutMs } from '../time/time-left.ts';
import { READ_TIMEOUT_MS, ROTATE_AND_STORE_MS } from '../time/timing.ts';
import { nextRotation } from '../time/token-expiry.ts';
import { originDetails, scopeMissing } from '../token/answer-details.ts';
import { askReach, requireInterchangeable } from '../token/compare-tokens.ts';
import { type ActiveProbe, probeToken } from '../token/probe-token.ts';

/** What came of the search for a token to rotate. */
export type FoundTarget =
  | ActiveOrDead
  /** Another run's value for our version appeared. */
  | { readonly kind: 'stored' };

/** An active token, and the call that proves the secret writable. It was made beside the probes, and gives that answer first. */
export interface FoundActive {
  readonly kind: 'active';
  readonly target: ActiveTarget;
  readonly proveWritable: Call<void>;
}

type ActiveOrDead =
  | FoundActive
  /** Somebody rotated it, perhaps. `failure`: how the step fails when nothing repairs it. */
  | { readonly kind: 'dead'; readonly target: Target; readonly failure: RotationError };

/**
 * Reads the current version and asks GitLab whether its token, and its standby,
 * are active. While the one to rotate is dead, waits for a value that is not visible yet.
 *
 * @throws {RotationError} SCOPE_MISSING, SECRET_MALFORMED, ROTATION_REFUSED, and what store and probe throw
 */
export async function findTarget(
  run: Run,
  description: SecretDescription,
  readCurrent: Call<SecretVersion>,
): Promise<FoundTarget> {
  const { time } = run;
  const reserveMs = consistencyReserveMs(time);
  let dead: Extract<FoundTarget, { kind: 'dead' }> | undefined;
  const found = await poll<FoundTarget>(time, reserveMs, async () => {
    // A read that fails later must not hide that the token is dead.
    const version = await (dead === undefined
      ? retryWhileUnavailable(time, reserveMs, readCurrent)
      : readCurrent(readTimeoutMs(time)).catch(() => undefined));
    // A dead token is not probed again: only a newer version can have an active one.
    if (version !== undefined && version.versionId !== dead?.target.version.versionId) {
      const probed = await probeTarget(run, description, version);
      if (probed.kind === 'active') {
        return probed;
      }
      dead = probed;
    }
    return (await readStored(run)) === NOT_YET ? NOT_YET : { kind: 'stored' };
  });
  // Time runs out only while a dead token's successor is waited for.
  return found ?? (dead as FoundTarget);
}

async function probeTarget(
  run: Run,
  description: SecretDescription,
  version: SecretVersion,
): Promise<ActiveOrDead> {
  const { settings } = run;
  const secret = parseSecret(version.secretString, settings);
  const missing = missingStandby(version.secretString, secret, settings);
  if (missing !== undefined) {
    throw missing;
  }
  const toRotate = tokenToRotate(secret);
  const { probe, current, reach, standbyReach, proveWritable } = await probeAndProve(
    run,
    description,
    version,
    secret,
  );
  const replacedOn = replacementDay(run, description, secret);
  const target: Target = { version, secret, toRotate, replacedOn, ...(current && { current }) };
  if (probe.kind === 'dead') {
    return { kind: 'dead', target, failure: tokenDead(target, probe.reason, originDetails(probe)) };
  }
  requireRotatable(run, probe, target);
  if (current?.kind === 'active') {
    await requireInterchangeable(
      run,
      { token: secret.token, probe: current, reach },
      { token: toRotate.token, probe, reach: standbyReach },
    );
  }
  return { kind: 'active', target: { ...target, active: probe.token }, proveWritable };
}

/**
 * Asks GitLab what it says of the tokens, and proves that the secret can be written, side by side. That
 * does no harm, even with a dead token.
 */
async function probeAndProve(
  run: Run,
  description: SecretDescription,
  version: SecretVersion,
  secret: SecretValue,
) {
  const { secrets, request, time } = run;
  const { token, standby } = secret;
  const prove = (timeoutMs: number) => secrets.proveWritable(request, version, timeoutMs);
  // Where the labels show another version, the rotation ends before the put.
  const isCurrent = version.versionId === currentVersionId(description);
  const leftMs = time.remainingMs();
  const [probe, current, reach, standbyReach, proveWritable] = await sideBySide([
    probeToken(run, tokenToRotate(secret).token, ROTATE_AND_STORE_MS).catch(blameStandby(secret)),
    standby && probeToken(run, token, ROTATE_AND_STORE_MS),
    standby && askReach(run, token),
    standby && askReach(run, standby.token),
    isCurrent ? early(prove, readTimeoutMs(time)) : prove,
  ]);
  // Probes that had to be repeated take long: a proof from before them is too old.
  const isFresh = leftMs - time.remainingMs() <= READ_TIMEOUT_MS;
  return { probe, current, reach, standbyReach, proveWritable: isFresh ? proveWritable : prove };
}

/** With two tokens, each is replaced in every second rotation only. */
function replacementDay(
  { time }: Run,
  description: SecretDescription,
  { standby }: SecretValue,
): string | undefined {
  return nextRotation(time.now(), description, 'this-rotation', standby === undefined ? 1 : 2);
}

/** @throws {RotationError} SCOPE_MISSING */
function requireRotatable({ log }: Run, probe: ActiveProbe, { toRotate, secret }: Target): void {
  const { tokenId, scopes, canRotate } = probe.token;
  if (!canRotate) {
    const which = { ...(secret.standby && { standby: true }) };
    throw scopeMissing({ ...originDetails(probe), tokenId, scopes, ...which });
  }
  const statedTokenId = toRotate.tokenId;
  if (statedTokenId !== undefined && statedTokenId !== tokenId) {
    // Put by hand, most likely. The rotation corrects it.
    log.warn('the tokenId of the secret is not the id of its token', { tokenId, statedTokenId });
  }
}
