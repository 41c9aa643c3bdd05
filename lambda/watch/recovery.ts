import { errorName } from '../disclosure.ts';
import { credentialEndsTooSoon } from '../healing/check-recovery-credential.ts';
import { readCredential } from '../healing/recovery-credential.ts';
import { RecoveryFailure } from '../healing/recovery-failure.ts';
import { ONCE } from '../time/poll.ts';
import { type Finding, finding, notChecked } from './finding.ts';
import type { Watching } from './sight.ts';

/** What is known of the recovery credential, and what is wrong with it. */
export interface RecoveryReport {
  readonly arn: string;
  /** `YYYY-MM-DD`, or null for never; absent where it is not active. */
  readonly expiresAt?: string | null;
  readonly findings: readonly Finding[];
}

/**
 * Looks after the recovery credential: whether it is active, has its scope, and lives until every
 * secret is rotated.
 *
 * @param lastRotation - the latest of the next rotations; undefined where none is known
 */
export async function watchRecovery(
  watching: Watching,
  arn: string,
  lastRotation: string | undefined,
): Promise<RecoveryReport> {
  try {
    const { expiresAt } = await readCredential(watching, arn, ONCE);
    const tooSoon = credentialEndsTooSoon(expiresAt, lastRotation);
    return { arn, expiresAt, findings: tooSoon ? [finding('RECOVERY_EXPIRES_SOON', tooSoon)] : [] };
  } catch (error) {
    const found =
      error instanceof RecoveryFailure
        ? findingOf(error)
        : notChecked(errorName(error), { token: 'recovery' });
    return { arn, findings: [found] };
  }
}

function findingOf({ details }: RecoveryFailure): Finding {
  const { recovery, recoveryError } = details;
  return recovery === 'unreachable' || recoveryError === 'STORE_UNAVAILABLE'
    ? notChecked('NO_ANSWER', { ...details, token: 'recovery' })
    : finding('RECOVERY_UNUSABLE', details);
}
