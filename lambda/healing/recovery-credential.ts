import { RotationError } from '../failure.ts';
import type { TokenReader } from '../ports/access-tokens.ts';
import type { SecretReader } from '../ports/secret-store.ts';
import type { Run } from '../ports/step.ts';
import { parseSecret } from '../secret/secret-value.ts';
import { retryTransient, retryWhileUnavailable } from '../time/poll.ts';
import { readTimeoutMs } from '../time/time-left.ts';
import { RESERVE_MS } from '../time/timing.ts';
import { originDetails } from '../token/answer-details.ts';
import { probeTimeoutMs } from '../token/probe-token.ts';
import { credentialFailure, recoveryFailure } from './recovery-failure.ts';

/** What reading it needs. It only reads. */
export interface CredentialRun extends Pick<Run, 'settings' | 'time'> {
  readonly secrets: Pick<SecretReader, 'readCurrent'>;
  readonly tokens: Pick<TokenReader, 'probe'>;
}

/** The recovery token. A probe has shown it active, with its scope. */
export interface ActiveCredential {
  readonly credential: string;
  /** `YYYY-MM-DD`, or null for never. */
  readonly expiresAt: string | null;
}

/**
 * Reads the recovery token and asks GitLab about it: a revoked one, on a rotate path,
 * would make GitLab revoke its own successors. Its secret is plain text, or JSON
 * with the token in the field `token`.
 *
 * @param reserveMs - what must remain of the invocation when it is asked again; or ONCE
 * @throws {RecoveryFailure} unreadable, dead, scope-missing, refused, unreachable
 */
export async function readCredential(
  run: CredentialRun,
  secretId: string,
  reserveMs: number,
): Promise<ActiveCredential> {
  const { tokens, time } = run;
  const credential = await readRecoveryToken(run, secretId, reserveMs);
  const probe = await retryTransient(time, reserveMs, () =>
    tokens.probe(credential, probeTimeoutMs(time, RESERVE_MS)),
  );
  if (probe.kind !== 'active') {
    throw credentialFailure(probe, probe.kind === 'dead' ? {} : originDetails(probe));
  }
  const { scopes, granular, expiresAt } = probe.token;
  if (!scopes.includes('api') && granular !== true) {
    throw recoveryFailure('scope-missing', { recoveryScopes: scopes });
  }
  return { credential, expiresAt };
}

async function readRecoveryToken(
  { secrets, settings, time }: CredentialRun,
  secretId: string,
  reserveMs: number,
): Promise<string> {
  try {
    const version = await retryWhileUnavailable(time, reserveMs, () =>
      secrets.readCurrent(secretId, readTimeoutMs(time)),
    );
    // TOKEN_FIELD is what consumers of the rotated secret need. Nobody but us reads this one.
    return parseSecret(version.secretString, { ...settings, tokenField: 'token' }).token;
  } catch (error) {
    const details = error instanceof RotationError ? { recoveryError: error.code } : {};
    throw recoveryFailure('unreadable', details);
  }
}
