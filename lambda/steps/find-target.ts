import type { RotationError } from '../failure.ts';
import type { SecretDescription, SecretVersion } from '../ports/secret-store.ts';
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
import { consistencyReserveMs, readTimeoutMs } from '../time/time-left.ts';
import { ROTATE_AND_STORE_MS } from '../time/timing.ts';
import { nextRotation } from '../time/token-expiry.ts';
import { originDetails, scopeMissing } from '../token/answer-details.ts';
import { requireInterchangeable } from '../token/compare-tokens.ts';
import { type ActiveProbe, probeToken } from '../token/probe-token.ts';

/** What came of the search for a token to rotate. */
export type FoundTarget =
  | ActiveOrDead
  /** Another run's value for our version appeared. */
  | { readonly kind: 'stored' };

type ActiveOrDead =
  | { readonly kind: 'active'; readonly target: ActiveTarget }
  /** Somebody rotated it, perhaps. `failure`: how the step fails when nothing repairs it. */
  | { readonly kind: 'dead'; readonly target: Target; readonly failure: RotationError };

/**
 * Reads the current version and asks GitLab whether its token, and its standby,
 * are active. While the one to rotate is dead, waits for a value that is not visible yet.
 *
 * @throws {RotationError} SCOPE_MISSING, SECRET_MALFORMED, ROTATION_REFUSED, and what store and probe throw
 */
export async function findTarget(run: Run, description: SecretDescription): Promise<FoundTarget> {
  const { secrets, request, time } = run;
  const reserveMs = consistencyReserveMs(time);
  const read = (timeoutMs: number) => secrets.readCurrent(request.secretId, timeoutMs);
  let dead: Extract<FoundTarget, { kind: 'dead' }> | undefined;
  const found = await poll<FoundTarget>(time, reserveMs, async () => {
    // A read that fails later must not hide that the token is dead.
    const version = await (dead === undefined
      ? retryWhileUnavailable(time, reserveMs, read)
      : read(readTimeoutMs(time)).catch(() => undefined));
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
  const blame = blameStandby(secret);
  const probe = await probeToken(run, toRotate.token, ROTATE_AND_STORE_MS).catch(blame);
  const current = secret.standby && (await probeToken(run, secret.token, ROTATE_AND_STORE_MS));
  const replacedOn = replacementDay(run, description, secret);
  const target: Target = { version, secret, toRotate, replacedOn, ...(current && { current }) };
  if (probe.kind === 'dead') {
    return { kind: 'dead', target, failure: tokenDead(target, probe.reason, originDetails(probe)) };
  }
  requireRotatable(run, probe, target);
  if (current?.kind === 'active') {
    const compared = { token: secret.token, probe: current };
    await requireInterchangeable(run, compared, { token: toRotate.token, probe });
  }
  return { kind: 'active', target: { ...target, active: probe.token } };
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
