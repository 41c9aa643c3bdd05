import { type Attempt, readTimeoutMs } from './attempt.ts';
import { type Details, RotationError } from './failure.ts';
import type { SecretDescription } from './ports.ts';
import { originOf } from './probe-token.ts';
import { parseSecret } from './secret-value.ts';
import { LOOK_TIMEOUT_MS, ROTATE_AND_STORE_MS } from './timing.ts';
import { nextRotation } from './token-expiry.ts';

/** A read, a probe and a notice at their slowest, and the rotation's own last looks: it must not come too late. */
const WATCH_MS = 20_000;

/**
 * Looks after the recovery credential before it is needed: dead, refused,
 * without its scope, or dead by the next rotation, it would help nobody. Only
 * told, and before anything is rotated, where it costs consumers nothing.
 */
export async function watchRecovery(
  attempt: Attempt,
  description: SecretDescription,
): Promise<void> {
  const { deps, invocation } = attempt;
  const spareMs = invocation.deadline.remainingMs() - ROTATE_AND_STORE_MS;
  if (deps.recovery === undefined || spareMs < WATCH_MS) {
    return;
  }
  const finding = await examine(attempt, deps.recovery.secretId, description).catch(unreadable);
  if (finding !== undefined) {
    invocation.log.warn('the recovery credential could not help', finding);
    await invocation.notify({ code: 'EXPIRES_TOO_SOON', details: finding });
  }
}

/** A Secrets Manager that is away for a moment says as little of it as a GitLab that is. */
function unreadable(error: unknown): Details | undefined {
  const isAway = error instanceof RotationError && error.code === 'STORE_UNAVAILABLE';
  return isAway ? undefined : { recovery: 'unreadable' };
}

/** What is wrong with it; undefined when nothing is, or GitLab does not say. */
async function examine(
  attempt: Attempt,
  secretId: string,
  description: SecretDescription,
): Promise<Details | undefined> {
  const { secrets, tokens, clock, settings } = attempt.deps;
  const version = await secrets.readCurrent(secretId, readTimeoutMs(attempt));
  const { token } = parseSecret(version.secretString, settings);
  const probe = await tokens.probe(token, LOOK_TIMEOUT_MS);
  if (probe.kind === 'dead') {
    return { recovery: 'dead', recoveryReason: probe.reason };
  }
  if (probe.kind === 'refused') {
    return { recovery: 'refused', ...originOf(probe), recoveryRefusal: probe.refusal };
  }
  if (probe.kind !== 'alive') {
    return undefined;
  }
  const { scopes, expiresAt } = probe.token;
  if (!scopes.includes('api')) {
    return { recovery: 'scope-missing', recoveryScopes: scopes };
  }
  const next = nextRotation(clock.now(), description, 'this-rotation');
  return expiresAt !== null && next !== undefined && expiresAt <= next
    ? { recovery: 'expires-too-soon', recoveryExpiresAt: expiresAt, nextRotation: next }
    : undefined;
}
