import type { Details } from '../failure.ts';
import type { RecoveryCredential } from '../ports/administered-tokens.ts';
import type { SecretDescription } from '../ports/secret-store.ts';
import type { Attempt } from '../successor/attempt.ts';
import { ONCE } from '../time/poll.ts';
import { ROTATE_AND_STORE_MS, WATCH_MS } from '../time/timing.ts';
import { nextRotation } from '../time/token-expiry.ts';
import { readCredential } from './recovery-credential.ts';
import { Hindrance } from './recovery-failure.ts';

/**
 * Looks after the recovery credential before it is needed: dead, without its
 * scope, or dead by the next rotation, it would help nobody. Only told, and
 * before anything is rotated, where it costs consumers nothing. Asked once: a
 * credential that nobody needs now may not hold the rotation up.
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
  const finding = await examine(attempt, deps.recovery, description);
  if (finding !== undefined) {
    invocation.log.warn('the recovery credential could not help', finding);
    await invocation.notify({ code: 'EXPIRES_TOO_SOON', details: finding });
  }
}

/** What is wrong with it; undefined when nothing is, or nobody answers just now. */
async function examine(
  attempt: Attempt,
  recovery: RecoveryCredential,
  description: SecretDescription,
): Promise<Details | undefined> {
  try {
    const { expiresAt } = await readCredential(attempt, recovery, ONCE);
    const next = nextRotation(attempt.deps.clock.now(), description, 'this-rotation');
    return expiresAt !== null && next !== undefined && expiresAt <= next
      ? { recovery: 'expires-too-soon', recoveryExpiresAt: expiresAt, nextRotation: next }
      : undefined;
  } catch (error) {
    if (error instanceof Hindrance) {
      const { recovery, recoveryError } = error.details;
      const isAway = recovery === 'unreachable' || recoveryError === 'STORE_UNAVAILABLE';
      return isAway ? undefined : error.details;
    }
    throw error;
  }
}
