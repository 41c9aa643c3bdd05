import type { Details } from '../failure.ts';
import type { IssuedToken } from '../ports/access-tokens.ts';
import type { Run } from '../ports/step.ts';
import { knownId } from '../secret/secret-members.ts';
import { parseSecret } from '../secret/secret-value.ts';
import { NOT_YET, poll } from '../time/poll.ts';
import { timeoutMs } from '../time/time-left.ts';
import {
  ALERT_RESERVE_MS,
  LAST_TRY_MS,
  REVOKE_MS,
  REVOKE_TIMEOUT_MS,
  STORE_TIMEOUT_MS,
} from '../time/timing.ts';
import { expiresBy } from '../time/token-expiry.ts';
import { probeToken } from '../token/probe-token.ts';
import { awaitStored } from './stored-value.ts';
import type { CreateRun, UnstoredSuccessor } from './successor-memory.ts';
import { nextValue, notStored } from './target.ts';

/**
 * Stores the only copy of a successor as `AWSPENDING`, again and again until
 * just before the deadline. What a retry can meet:
 *
 * 1. Our own put, whose answer was lost: the same put again is ignored. Where the
 *    secret around it has changed since, it is another: then ours is found stored.
 * 2. Another run's successor: GitLab let two requests rotate the same token,
 *    and both new tokens are active. The stored one stays, ours is revoked.
 *    Or theirs is dead: both runs recovered, and ours rotated theirs by its id before it was
 *    stored; or a third request revoked it. Then this run fails, and keeps ours for the next
 *    rotation: the version to make is taken.
 * 3. The successor that this process could not store: it still has it.
 *
 * @param reserveMs - what must remain of the invocation when storing is tried for the last time
 * @returns `taken` when another run was first: then this run sends no notice
 * @throws {RotationError} SUCCESSOR_NOT_STORED or STANDBY_LOST, with the successor's id
 */
export async function storeSuccessor(
  run: CreateRun,
  unstored: UnstoredSuccessor,
  reserveMs = LAST_TRY_MS,
): Promise<'stored' | 'taken'> {
  const { request, settings, memory, log } = run;
  const { target, successor, recovered } = unstored;
  const details = knownId(successor);
  const secretString = nextValue(target, successor, settings.tokenField);
  const put = await putPending(run, secretString, details, reserveMs);
  switch (put.kind) {
    case 'stored':
      memory.forget(request);
      log.info('GitLab has rotated the token, and its successor is stored', {
        ...details,
        ...(typeof successor.expiresAt === 'string' && { expiresAt: successor.expiresAt }),
      });
      if (recovered !== undefined) {
        await notifyRecovered(run, recovered);
      }
      await notifyShortLife(run, unstored);
      return 'stored';
    case 'taken':
      if ((await yieldTo(run, unstored)) === 'dead') {
        throw notStored(target, undefined, { ...details, takenByDead: true });
      }
      return 'taken';
    case 'failed':
      memory.keep(request, unstored);
      throw notStored(target, put.cause, details);
  }
}

/** GitLab may allow less than was asked for. The watch would say so, too, but perhaps a day later. */
async function notifyShortLife({ log, notify }: Run, unstored: UnstoredSuccessor): Promise<void> {
  const { successor, target } = unstored;
  const { expiresAt = null } = successor;
  if (expiresBy(expiresAt, target.replacedOn)) {
    const days = { expiresAt: String(expiresAt), nextRotation: String(target.replacedOn) };
    const details = { ...knownId(successor), ...days };
    log.warn('the successor expires before its next rotation', details);
    await notify({ code: 'EXPIRES_TOO_SOON', details });
  }
}

/** Sends the notice that a rotation goes on which would have failed. */
export async function notifyRecovered({ log, notify }: Run, details: Details): Promise<void> {
  log.warn('the rotation is healed', details);
  await notify({ code: 'HEALED', details });
}

/** What became of the tries to store. */
type PutOutcome =
  | { readonly kind: 'stored' | 'taken' }
  | { readonly kind: 'failed'; readonly cause: unknown };

/** Puts a value for the version to make, again and again while there is time. */
export async function putPending(
  { secrets, request, time, log, memory }: CreateRun,
  secretString: string,
  details: Details,
  reserveMs = LAST_TRY_MS,
): Promise<PutOutcome> {
  let cause: unknown;
  const kind = await poll(time, reserveMs, async () => {
    try {
      const limitMs = timeoutMs(time, STORE_TIMEOUT_MS, ALERT_RESERVE_MS);
      return await secrets.storePending(request, secretString, limitMs);
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
  return { kind };
}

/** `ours`: an earlier put of ours was done after all, perhaps beside other members of the secret. */
type StoredToken = 'ours' | 'active' | 'dead';

/**
 * Revokes our successor where another one is stored: superfluous, it would stay active until it
 * expires. But only where a probe shows the other one active, else ours may be the last active
 * one: then it is kept.
 *
 * @returns undefined where nobody could say; testSecret will
 */
async function yieldTo(
  run: CreateRun,
  unstored: UnstoredSuccessor,
): Promise<StoredToken | undefined> {
  const { request, time, log, memory } = run;
  const { successor } = unstored;
  const id = knownId(successor);
  // The rotation may go on, and consumers wait for it.
  const reserveMs = Math.max(LAST_TRY_MS, time.remainingMs() - REVOKE_MS);
  const stored = await probeStored(run, successor, reserveMs).catch(() => undefined);
  switch (stored) {
    case 'ours':
      memory.forget(request);
      log.info('the successor is stored already', id);
      break;
    case 'active': {
      memory.forget(request);
      const ownSuccessorRevoked = await revokeOrphan(run, successor, reserveMs);
      log.warn('another run stored a successor first', { ...id, ownSuccessorRevoked });
      break;
    }
    default:
      memory.keep(request, unstored);
      log.warn('another run stored a token first, which was not seen active', {
        ...id,
        ownSuccessorRevoked: false,
      });
  }
  return stored;
}

async function probeStored(
  run: CreateRun,
  { token }: IssuedToken,
  reserveMs: number,
): Promise<StoredToken | undefined> {
  const version = await awaitStored(run, reserveMs);
  if (version === undefined) {
    return undefined;
  }
  const stored = parseSecret(version.secretString, run.settings);
  return stored.token === token ? 'ours' : (await probeToken(run, stored.token, reserveMs)).kind;
}

/** Cannot be undone. A retry may revoke it again, which does no harm. */
async function revokeOrphan(
  { tokens, time }: CreateRun,
  { token }: IssuedToken,
  reserveMs: number,
): Promise<boolean> {
  const revoked = await poll(time, reserveMs, async () => {
    const done = await tokens.revoke(token, timeoutMs(time, REVOKE_TIMEOUT_MS, ALERT_RESERVE_MS));
    return done ? 'revoked' : NOT_YET;
  });
  return revoked !== undefined;
}
