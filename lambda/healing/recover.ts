import type { Details } from '../failure.ts';
import type { IssuedToken, RotateOutcome } from '../ports/access-tokens.ts';
import type { ListedToken } from '../ports/administered-tokens.ts';
import { type Attempt, limitsOf, storedOrNotYet } from '../successor/attempt.ts';
import type { Target } from '../successor/target.ts';
import { NOT_YET, poll } from '../time/poll.ts';
import { LOOK_AGAIN_MS, RECOVER_MS, RESERVE_MS, ROTATE_TIMEOUT_MS } from '../time/timing.ts';
import { isBornDead, tokenExpiry } from '../time/token-expiry.ts';
import { originOf } from '../token/probe-token.ts';
import { readCredential } from './recovery-credential.ts';
import { Hindrance, obstacle, recoveryRefusalIn } from './recovery-failure.ts';
import { botOf, candidateDetails, findChild, type Search, until } from './recovery-search.ts';

/** What came of it; `details` for the notice, or for the failure. */
export type Recovery =
  /** Another run's value for our version came up. */
  | { readonly kind: 'stored' }
  | { readonly kind: 'recovered'; readonly successor: IssuedToken; readonly details: Details }
  | { readonly kind: 'failed'; readonly details: Details };

/**
 * Finds the living successor of a dead token among the tokens of its bot user,
 * and rotates it by its id, with the recovery credential. The bot user, its
 * memberships and its history stay. What a repetition can meet:
 *
 * 1. The successor of an earlier try, whose answer was lost or never stored: it
 *    is then the one living token of the bot, and is rotated in its turn.
 * 2. No living token, or more than one: no guess is made.
 * 3. Another run that rotates the same token first, which GitLab's answer to ours
 *    shows. What that one got lives, and it may store it at any moment: rotated by
 *    us too, it would be dead when it is stored. So it is left alone. If it is not
 *    stored soon, this attempt ends; by the next one it is stored, or that run is
 *    gone, and it is as 1.
 *
 * The recovery token is asked after first: dead, on a rotate path, it would make
 * GitLab revoke its own successors.
 */
export async function recover(attempt: Attempt, target: Target): Promise<Recovery> {
  const { recovery } = attempt.deps;
  const { owner } = target.secret;
  if (recovery === undefined) {
    return { kind: 'failed', details: {} };
  }
  try {
    if (owner.kind === 'token') {
      throw obstacle('no-project');
    }
    if (attempt.invocation.deadline.remainingMs() < RECOVER_MS) {
      throw obstacle('not-enough-time');
    }
    const credential = await readCredential(attempt, recovery, LOOK_AGAIN_MS);
    const search: Search = { ...attempt, ...credential, recovery, resource: owner };
    const userId = await botOf(search, target);
    const successor = await rotateChild(search, target, userId);
    if (successor === 'stored') {
      return { kind: 'stored' };
    }
    const recoveryExpiresAt = search.expiresAt ?? 'never';
    return { kind: 'recovered', successor, details: { recoveryExpiresAt } };
  } catch (error) {
    if (error instanceof Hindrance) {
      return { kind: 'failed', details: error.details };
    }
    throw error;
  }
}

/**
 * GitLab may go on with a request after its answer was lost. So a token is asked
 * for once, and again only after an outcome that proves that nothing happened.
 * And never while a value is stored: the living token may be that of another run.
 *
 * @returns the successor of the bot's one living token, which is dead after that
 */
async function rotateChild(
  search: Search,
  target: Target,
  userId: string,
): Promise<IssuedToken | 'stored'> {
  const { deps } = search;
  let expiresAt = tokenExpiry(deps.clock.now(), deps.settings.lifetimeDays);
  let askedFor: string | undefined;
  let said: Details = {};
  const successor = await poll<IssuedToken | 'stored'>(until(search, RECOVER_MS), async () => {
    const child = await findChild(search, target, userId);
    if (child.tokenId === askedFor) {
      return NOT_YET;
    }
    if ((await storedOrNotYet(search)) !== NOT_YET) {
      return 'stored';
    }
    if (isBornDead(deps.clock.now(), expiresAt, search.gitlabTime)) {
      throw obstacle('clocks-differ', { expiresAt });
    }
    const outcome = await rotateById(search, child, expiresAt);
    switch (outcome.kind) {
      case 'rotated':
        return outcome.successor;
      case 'refused':
      case 'dead':
        throw refused(outcome, child);
      case 'date-too-far':
        expiresAt = outcome.latest;
        return NOT_YET;
      case 'not-sent':
        return NOT_YET;
      case 'rate-limited':
        said = originOf(outcome);
        return { ...NOT_YET, waitMs: outcome.retryAfterMs };
      case 'perhaps-raced':
        if (await awaitPending(search)) {
          return 'stored';
        }
        throw raced(outcome, child, await findChild(search, target, userId));
      case 'unknown':
        askedFor = child.tokenId;
        said = originOf(outcome);
        return NOT_YET;
    }
  });
  if (successor === undefined) {
    throw obstacle('not-enough-time', said);
  }
  return successor;
}

async function awaitPending(search: Search): Promise<boolean> {
  return (await poll(limitsOf(search), () => storedOrNotYet(search))) !== undefined;
}

/** Case 3; or nobody was first, since the same token lives, and GitLab refuses with the same status. */
function raced(outcome: RotateOutcome, child: ListedToken, living: ListedToken): Hindrance {
  return living.tokenId === child.tokenId
    ? refused(outcome, child)
    : obstacle('raced', { ...originOf(outcome), ...candidateDetails([living]) });
}

function refused(outcome: RotateOutcome, child: ListedToken): Hindrance {
  const details = { ...originOf(outcome), ...candidateDetails([child]) };
  return outcome.kind === 'dead'
    ? obstacle('dead', { ...details, recoveryReason: outcome.reason })
    : obstacle('refused', {
        ...details,
        ...(outcome.kind === 'refused' && recoveryRefusalIn(outcome)),
      });
}

async function rotateById(
  { recovery, credential, resource, invocation }: Search,
  { tokenId }: ListedToken,
  expiresAt: string,
): Promise<RotateOutcome> {
  const leftMs = invocation.deadline.remainingMs();
  if (leftMs < RECOVER_MS) {
    throw obstacle('not-enough-time');
  }
  invocation.log.warn('rotating the lost successor by its id', { tokenId });
  const timeoutMs = Math.min(ROTATE_TIMEOUT_MS, leftMs - RESERVE_MS);
  return recovery.administered.rotateById(credential, resource, tokenId, expiresAt, timeoutMs);
}
