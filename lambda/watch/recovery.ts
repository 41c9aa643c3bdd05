import { errorName } from '../disclosure.ts';
import { readCredential } from '../healing/recovery-credential.ts';
import { RecoveryFailure } from '../healing/recovery-failure.ts';
import { ONCE } from '../time/poll.ts';
import { expiresBy } from '../time/token-expiry.ts';
import { type Finding, finding, notChecked, soonestEnd } from './finding.ts';
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
 * secret is rotated, and for a week at least.
 *
 * @param lastRotation - the latest of the next rotations; undefined where none is known; past where
 *   all are overdue
 */
export async function watchRecovery(
  watching: Watching,
  arn: string,
  lastRotation: string | undefined,
): Promise<RecoveryReport> {
  try {
    const { expiresAt } = await readCredential(watching, arn, ONCE);
    const findings = endFindings(expiresAt, lastRotation, watching.time.now());
    return { arn, expiresAt, findings };
  } catch (error) {
    const found =
      error instanceof RecoveryFailure
        ? findingOf(error)
        : notChecked(errorName(error), { token: 'recovery' });
    return { arn, findings: [found] };
  }
}

/** Whatever the schedules say, a person needs some days to renew it. */
function endFindings(
  expiresAt: string | null,
  lastRotation: string | undefined,
  now: Date,
): readonly Finding[] {
  const soon = soonestEnd(now);
  const isScheduled = lastRotation !== undefined && lastRotation >= soon;
  if (!expiresBy(expiresAt, isScheduled ? lastRotation : soon)) {
    return [];
  }
  const details = { recovery: 'expires-too-soon', recoveryExpiresAt: String(expiresAt) };
  // The other day is none of a rotation.
  const day = isScheduled && { nextRotation: lastRotation };
  return [finding('RECOVERY_EXPIRES_SOON', { ...details, ...day })];
}

function findingOf({ details }: RecoveryFailure): Finding {
  const { recovery, recoveryError } = details;
  return recovery === 'unreachable' || recoveryError === 'STORE_UNAVAILABLE'
    ? notChecked('NO_ANSWER', { ...details, token: 'recovery' })
    : finding('RECOVERY_UNUSABLE', details);
}
