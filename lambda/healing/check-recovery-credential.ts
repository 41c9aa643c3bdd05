import type { Details } from '../failure.ts';
import type { SecretDescription } from '../ports/secret-store.ts';
import type { Run } from '../ports/step.ts';
import { ONCE } from '../time/poll.ts';
import { CHECK_CREDENTIAL_MS, ROTATE_AND_STORE_MS } from '../time/timing.ts';
import { expiresBy, nextRotation } from '../time/token-expiry.ts';
import { readCredential } from './recovery-credential.ts';
import { RecoveryFailure } from './recovery-failure.ts';

/**
 * Checks the recovery credential before it is needed: whether it is active, has its scope, and
 * expires after the next rotation. A finding is sent as a notice, and stops nothing. The check
 * comes before anything is rotated, when no consumer waits, and asks once only.
 */
export async function checkRecoveryCredential(
  run: Run,
  description: SecretDescription,
): Promise<void> {
  const { recovery, time, log, notify } = run;
  if (recovery === undefined || time.remainingMs() - ROTATE_AND_STORE_MS < CHECK_CREDENTIAL_MS) {
    return;
  }
  const finding = await findingOf(run, recovery.secretId, description);
  if (finding !== undefined) {
    log.warn('the recovery credential could not help', finding);
    await notify({ code: 'EXPIRES_TOO_SOON', details: finding });
  }
}

/** What is wrong with it; undefined when nothing is, or nobody answers just now. */
async function findingOf(
  run: Run,
  secretId: string,
  description: SecretDescription,
): Promise<Details | undefined> {
  try {
    const { expiresAt } = await readCredential(run, secretId, ONCE);
    const next = nextRotation(run.time.now(), description, 'this-rotation');
    return credentialEndsTooSoon(expiresAt, next);
  } catch (error) {
    if (!(error instanceof RecoveryFailure)) {
      throw error;
    }
    const { recovery, recoveryError } = error.details;
    const isAway = recovery === 'unreachable' || recoveryError === 'STORE_UNAVAILABLE';
    return isAway ? undefined : error.details;
  }
}

/** The details of a credential that expires before the rotation on that day is through. */
export function credentialEndsTooSoon(
  expiresAt: string | null,
  day: string | undefined,
): Details | undefined {
  return expiresBy(expiresAt, day)
    ? {
        recovery: 'expires-too-soon',
        recoveryExpiresAt: String(expiresAt),
        nextRotation: String(day),
      }
    : undefined;
}
