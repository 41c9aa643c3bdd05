import type { RotationError } from '../failure.ts';
import type { SecretVersion } from '../ports/secret-store.ts';
import { missingStandby, parseSecret } from '../secret/secret-value.ts';
import { type Attempt, limitsOf, storedOrNotYet } from '../successor/attempt.ts';
import { blame, type LivingTarget, type Target, tokenDead } from '../successor/target.ts';
import { persist, poll } from '../time/poll.ts';
import { ROTATE_AND_STORE_MS } from '../time/timing.ts';
import { requireInterchangeable } from '../token/compare-tokens.ts';
import { originOf, probeToken, type Verdict } from '../token/probe-token.ts';
import { scopeMissing } from '../token/rotate-token.ts';

/** What became of the look for a token to rotate. */
export type Found =
  | { readonly kind: 'alive'; readonly target: LivingTarget }
  /** Somebody rotated it, perhaps; the failure to tell when nothing mends it. */
  | { readonly kind: 'dead'; readonly target: Target; readonly failure: RotationError }
  /** Another run's value for our version came up. */
  | { readonly kind: 'stored' };

/**
 * Reads the current version and asks GitLab whether its token, and its standby,
 * live. While the one to rotate is dead, waits for a value that is not visible yet.
 *
 * @throws {RotationError} SCOPE_MISSING, SECRET_MALFORMED, ROTATION_REFUSED, and what store and probe throw
 */
export async function findTarget(attempt: Attempt): Promise<Found> {
  const { secrets } = attempt.deps;
  const { secretId } = attempt.request;
  const limits = limitsOf(attempt);
  let dead: Extract<Found, { kind: 'dead' }> | undefined;
  const found = await poll<Found | SecretVersion>(limits, async () => {
    const read = (timeoutMs?: number) => secrets.readCurrent(secretId, timeoutMs);
    // A read that fails later must not hide that the token is dead.
    const version = await (dead === undefined
      ? persist(limits, read)
      : read().catch(() => undefined));
    // Not asked again about a token that is dead: only a newer version can be alive.
    if (version !== undefined && version.versionId !== dead?.target.version.versionId) {
      const looked = await look(attempt, version);
      if (looked.kind === 'alive') {
        return looked;
      }
      dead = looked;
    }
    return storedOrNotYet(attempt);
  });
  if (found === undefined) {
    return dead as Found;
  }
  return 'kind' in found ? found : { kind: 'stored' };
}

async function look(
  { deps, invocation }: Attempt,
  version: SecretVersion,
): Promise<Exclude<Found, { kind: 'stored' }>> {
  const secret = parseSecret(version.secretString, deps.settings);
  const missing = missingStandby(version.secretString, secret, deps.settings);
  if (missing !== undefined) {
    throw missing;
  }
  const limits = { deadline: invocation.deadline, floorMs: ROTATE_AND_STORE_MS };
  const held = secret.standby ?? secret;
  const verdict = await probeToken(deps, held.token, limits).catch(blame(secret));
  const current = secret.standby && (await probeToken(deps, secret.token, limits));
  const target: Target = { version, secret, held, ...(current && { current }) };
  if (verdict.kind === 'dead') {
    return { kind: 'dead', target, failure: tokenDead(target, verdict.reason, originOf(verdict)) };
  }
  checkLiving(verdict, target, invocation.log);
  if (current?.kind === 'alive') {
    const pair = { current, standby: verdict };
    await requireInterchangeable(deps, [secret.token, held.token], pair, invocation);
  }
  return { kind: 'alive', target: { ...target, living: verdict.token } };
}

function checkLiving(
  { token, ...origin }: Extract<Verdict, { kind: 'alive' }>,
  { held: { tokenId }, secret: { standby } }: Target,
  log: Attempt['invocation']['log'],
): void {
  if (!token.canRotate) {
    const { tokenId: id, scopes } = token;
    const which = { ...(standby && { standby: true }) };
    throw scopeMissing({ ...originOf(origin), tokenId: id, scopes, ...which });
  }
  if (tokenId !== undefined && tokenId !== token.tokenId) {
    // Put by hand, most likely: the rotation corrects it.
    log.warn('the tokenId of the secret is not the id of its token', {
      tokenId: token.tokenId,
      statedTokenId: tokenId,
    });
  }
}
