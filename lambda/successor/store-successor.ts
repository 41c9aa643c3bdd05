import { type Details, RotationError } from '../failure.ts';
import type { IssuedToken } from '../ports/access-tokens.ts';
import type { HeldToken } from '../secret/secret-members.ts';
import { idOf, parseSecret } from '../secret/secret-value.ts';
import { withSuccessor } from '../secret/successor-value.ts';
import { NOT_YET, type PollLimits, poll } from '../time/poll.ts';
import {
  ALERT_RESERVE_MS,
  LAST_TRY_MS,
  REVOKE_MS,
  REVOKE_TIMEOUT_MS,
  STORE_TIMEOUT_MS,
} from '../time/timing.ts';
import { probeToken } from '../token/probe-token.ts';
import { type Attempt, storedOrNotYet } from './attempt.ts';
import type { Unstored } from './kept-successors.ts';
import { codeFor, type Target } from './target.ts';

/**
 * Stores the only copy of a successor as `AWSPENDING`, whatever it takes, until
 * just before the deadline. What a retry can meet:
 *
 * 1. Our own put, whose answer was lost: the same put again is ignored. Where the
 *    secret around it has changed since, it is another: then ours is found stored.
 * 2. Another run's successor: GitLab let two requests rotate the same token,
 *    and both new tokens live. The stored one stays, ours is revoked.
 *    Or theirs is dead: both runs recovered, and ours rotated theirs by its id before it was
 *    stored; or a third request revoked it. Then ours is told, and kept for the next rotation:
 *    the version to make is taken.
 * 3. The successor that this process could not store: it still holds it.
 *
 * @param floorMs - what must remain of the invocation when storing is tried for the last time
 * @returns `taken` when another run was first: then we have healed nothing
 * @throws {RotationError} SUCCESSOR_NOT_STORED or STANDBY_LOST, with the successor's id
 */
export async function storeSuccessor(
  attempt: Attempt,
  successor: Unstored,
  floorMs = LAST_TRY_MS,
): Promise<'stored' | 'taken'> {
  const { deps, request, memory } = attempt;
  const { target, successor: issued, healed } = successor;
  const secretString = nextValue(target, issued, deps.settings.tokenField);
  const details = idOf(issued);
  const stored = await tryToStore(attempt, secretString, details, floorMs);
  switch (stored.kind) {
    case 'stored':
      logStored(attempt, issued);
      if (healed !== undefined) {
        await tellHealed(attempt, healed);
      }
      return 'stored';
    case 'taken':
      if ((await yieldTo(attempt, successor)) === 'dead') {
        throw notStored(target, undefined, { ...details, takenByDead: true });
      }
      return 'taken';
    case 'failed':
      memory.keep(request, successor);
      throw notStored(target, stored.cause, details);
  }
}

/** Tells that a rotation goes on which would have failed: no failure, but somebody should know. */
export async function tellHealed({ invocation }: Attempt, details: Details): Promise<void> {
  invocation.log.warn('the rotation is healed', details);
  await invocation.notify({ code: 'HEALED', details });
}

/** What the secret will be: the successor is current, and what was current is the standby. */
export function nextValue(target: Target, successor: IssuedToken, tokenField: string): string {
  const { version, secret, current } = target;
  const known = current?.kind === 'alive' ? current.token : secret;
  const standby: HeldToken = { token: secret.token, ...idOf(known) };
  return withSuccessor(version.secretString, tokenField, successor, standby);
}

/** What became of the tries to store. */
type Stored =
  | { readonly kind: 'stored' | 'taken' }
  | { readonly kind: 'failed'; readonly cause: unknown };

/** Puts a value for the version to make, again and again while there is time. */
export async function tryToStore(
  { deps, request, invocation, memory }: Attempt,
  secretString: string,
  details: Details,
  floorMs = LAST_TRY_MS,
): Promise<Stored> {
  const { deadline, log } = invocation;
  let cause: unknown;
  const kind = await poll({ clock: deps.clock, deadline, floorMs }, async () => {
    const leftMs = Math.max(0, deadline.remainingMs() - ALERT_RESERVE_MS);
    try {
      const timeoutMs = Math.min(STORE_TIMEOUT_MS, leftMs);
      return await deps.secrets.storePending(request, secretString, timeoutMs);
    } catch (error) {
      cause = error;
      log.warn('the successor is not stored yet', details);
      return NOT_YET;
    }
  });
  if (kind === undefined) {
    return { kind: 'failed', cause };
  }
  memory.noteFilled(request);
  if (kind === 'stored') {
    memory.forget(request);
  }
  return { kind };
}

function logStored({ invocation }: Attempt, successor: IssuedToken): void {
  const { expiresAt } = successor;
  invocation.log.info('GitLab has rotated the token, and its successor is stored', {
    ...idOf(successor),
    ...(typeof expiresAt === 'string' && { expiresAt }),
  });
}

/** SUCCESSOR_NOT_STORED or STANDBY_LOST. */
export function notStored(target: Target, cause: unknown, details: Details): RotationError {
  return new RotationError(
    codeFor(target, 'notStored'),
    'GitLab rotated, but nothing stored the successor',
    { cause, details: { ...details, ...(cause instanceof RotationError && cause.details) } },
  );
}

/**
 * Revokes our successor where another one is stored: superfluous, it would live until it expires.
 * Revoking it again and again does no harm. But only where the other one was seen alive, else
 * ours may be the last that lives: then it is kept.
 *
 * @returns what is known of the stored token
 */
async function yieldTo(attempt: Attempt, unstored: Unstored): Promise<StoredToken> {
  const { successor: orphan } = unstored;
  const { deps, request, invocation, memory } = attempt;
  const { deadline, log } = invocation;
  // The rotation may go on, and consumers wait for it.
  const floorMs = Math.max(LAST_TRY_MS, deadline.remainingMs() - REVOKE_MS);
  const limits = { clock: deps.clock, deadline, floorMs };
  const stored = await lookAtStored(attempt, orphan, limits).catch(() => 'doubtful' as const);
  if (stored === 'ours') {
    memory.forget(request);
    log.info('the successor is stored already', idOf(orphan));
    return stored;
  }
  if (stored !== 'alive') {
    memory.keep(request, unstored);
    log.warn('another run stored a token first, which was not seen alive', {
      ...idOf(orphan),
      ownSuccessorRevoked: false,
    });
    return stored;
  }
  memory.forget(request);
  const revoked = await poll(limits, async () => {
    const leftMs = Math.max(0, deadline.remainingMs() - ALERT_RESERVE_MS);
    const done = await deps.tokens.revoke(orphan.token, Math.min(REVOKE_TIMEOUT_MS, leftMs));
    return done ? 'revoked' : NOT_YET;
  });
  log.warn('another run stored a successor first', {
    ...idOf(orphan),
    ownSuccessorRevoked: revoked !== undefined,
  });
  return stored;
}

/**
 * `ours`: an earlier put of ours was done after all, perhaps beside other members of the secret.
 * `doubtful`: nobody could say; testSecret will.
 */
type StoredToken = 'ours' | 'alive' | 'dead' | 'doubtful';

async function lookAtStored(
  attempt: Attempt,
  { token }: IssuedToken,
  limits: PollLimits,
): Promise<StoredToken> {
  const { deps } = attempt;
  const version = await poll(limits, () => storedOrNotYet(attempt));
  if (version === undefined) {
    return 'doubtful';
  }
  const stored = parseSecret(version.secretString, deps.settings);
  if (stored.token === token) {
    return 'ours';
  }
  return (await probeToken(deps, stored.token, limits)).kind;
}
