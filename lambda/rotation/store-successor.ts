import { RotationError } from './failure.ts';
import { NOT_YET, poll } from './poll.ts';
import type { Invocation, IssuedToken, RotationRequest, StepDeps } from './ports.ts';
import { ALERT_RESERVE_MS, LAST_TRY_MS, REVOKE_TIMEOUT_MS, STORE_TIMEOUT_MS } from './timing.ts';

/**
 * Stores the only copy of a successor as `AWSPENDING`, whatever it takes, until
 * just before the deadline. What a retry can meet:
 *
 * 1. Our own put, whose answer was lost: the same put again is ignored.
 * 2. Another run's successor: GitLab let two requests rotate the same token,
 *    and both new tokens live. The stored one stays, ours is revoked.
 *
 * @throws {RotationError} SUCCESSOR_NOT_STORED, with the successor's id
 */
export async function storeSuccessor(
  { secrets, tokens, clock }: Pick<StepDeps, 'secrets' | 'tokens' | 'clock'>,
  request: RotationRequest,
  secretString: string,
  { token, tokenId, expiresAt }: IssuedToken,
  { deadline, log }: Invocation,
): Promise<void> {
  const details = { ...(tokenId !== undefined && { tokenId }) };
  let cause: unknown;
  const stored = await poll({ clock, deadline, floorMs: LAST_TRY_MS }, async () => {
    const leftMs = Math.max(0, deadline.remainingMs() - ALERT_RESERVE_MS);
    try {
      return await secrets.storePending(request, secretString, Math.min(STORE_TIMEOUT_MS, leftMs));
    } catch (error) {
      cause = error;
      log.warn('the successor is not stored yet', details);
      return NOT_YET;
    }
  });
  if (stored === undefined) {
    throw new RotationError(
      'SUCCESSOR_NOT_STORED',
      'GitLab rotated, but nothing stored the successor',
      {
        cause,
        details: { ...details, ...(cause instanceof RotationError && cause.details) },
      },
    );
  }
  if (stored === 'taken') {
    await revokeOrphan({ tokens, clock }, { token, ...details }, { deadline, log });
    return;
  }
  log.info('GitLab has rotated the token, and its successor is stored', {
    ...details,
    ...(typeof expiresAt === 'string' && { expiresAt }),
  });
}

/** A superfluous token, alive until it expires: revoking it again and again does no harm. */
async function revokeOrphan(
  { tokens, clock }: Pick<StepDeps, 'tokens' | 'clock'>,
  { token, ...details }: { readonly token: string; readonly tokenId?: string },
  { deadline, log }: Pick<Invocation, 'deadline' | 'log'>,
): Promise<void> {
  const revoked = await poll({ clock, deadline, floorMs: LAST_TRY_MS }, async () => {
    const leftMs = Math.max(0, deadline.remainingMs() - ALERT_RESERVE_MS);
    const done = await tokens.revoke(token, Math.min(REVOKE_TIMEOUT_MS, leftMs));
    return done ? 'revoked' : NOT_YET;
  });
  log.warn('another run stored a successor first', {
    ...details,
    ownSuccessorRevoked: revoked !== undefined,
  });
}
