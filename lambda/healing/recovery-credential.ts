import { RotationError } from '../failure.ts';
import type { RecoveryCredential } from '../ports/administered-tokens.ts';
import { parseSecret } from '../secret/secret-value.ts';
import { type Attempt, readTimeoutMs } from '../successor/attempt.ts';
import { askAgain, persist } from '../time/poll.ts';
import { RESERVE_MS } from '../time/timing.ts';
import { originOf, probeTimeoutMs } from '../token/probe-token.ts';
import { obstacle, recoveryRefusalIn } from './recovery-failure.ts';

/** The recovery token, seen alive and with its scope. */
export interface LivingCredential {
  readonly credential: string;
  /** `YYYY-MM-DD`, or null for never. */
  readonly expiresAt: string | null;
  /** What GitLab's clock showed when it was asked. */
  readonly gitlabTime?: Date;
}

/**
 * Reads the recovery token and asks GitLab about it: dead, on a rotate path, it
 * would make GitLab revoke its own successors. Its secret is plain text, or JSON
 * with the token in the field `token`.
 *
 * @param floorMs - what must remain of the invocation when it is asked again; or ONCE
 * @throws {Hindrance} unreadable, dead, scope-missing, refused, unreachable
 */
export async function readCredential(
  attempt: Attempt,
  { secretId }: RecoveryCredential,
  floorMs: number,
): Promise<LivingCredential> {
  const { deps, invocation } = attempt;
  const { deadline } = invocation;
  const limits = { clock: deps.clock, deadline, floorMs };
  let credential: string;
  try {
    const version = await persist(limits, () =>
      deps.secrets.readCurrent(secretId, readTimeoutMs(attempt)),
    );
    // TOKEN_FIELD is what consumers of the rotated secret need, and nobody reads this one but us.
    const settings = { ...deps.settings, tokenField: 'token' };
    credential = parseSecret(version.secretString, settings).token;
  } catch (error) {
    throw obstacle(
      'unreadable',
      error instanceof RotationError ? { recoveryError: error.code } : {},
    );
  }
  const probe = await askAgain(limits, () =>
    deps.tokens.probe(credential, probeTimeoutMs({ deadline, floorMs: RESERVE_MS })),
  );
  if (probe.kind === 'dead') {
    throw obstacle('dead', { recoveryReason: probe.reason });
  }
  if (probe.kind !== 'alive') {
    throw probe.kind === 'refused'
      ? obstacle('refused', { ...originOf(probe), ...recoveryRefusalIn(probe) })
      : obstacle('unreachable', originOf(probe));
  }
  if (!probe.token.scopes.includes('api') && probe.token.granular !== true) {
    throw obstacle('scope-missing', { recoveryScopes: probe.token.scopes });
  }
  const { token, gitlabTime } = probe;
  return { credential, expiresAt: token.expiresAt, ...(gitlabTime && { gitlabTime }) };
}
