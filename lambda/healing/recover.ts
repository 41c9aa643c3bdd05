import type { Details } from '../failure.ts';
import type { IssuedToken, RotateOutcome } from '../ports/access-tokens.ts';
import type { ListedToken } from '../ports/administered-tokens.ts';
import type { Run } from '../ports/step.ts';
import { awaitStored, readStored } from '../successor/stored-value.ts';
import type { Target } from '../successor/target.ts';
import { NOT_YET, type NotYet, poll } from '../time/poll.ts';
import { timeoutMs } from '../time/time-left.ts';
import { RECOVER_MS, RESERVE_MS, ROTATE_TIMEOUT_MS, SEARCH_AGAIN_MS } from '../time/timing.ts';
import { expiresImmediately, tokenExpiry } from '../time/token-expiry.ts';
import { originDetails } from '../token/answer-details.ts';
import { isOfAnotherUser, userDetails } from '../token/sent-request.ts';
import { readCredential } from './recovery-credential.ts';
import { credentialFailure, RecoveryFailure, recoveryFailure } from './recovery-failure.ts';
import {
  candidateDetails,
  findActiveToken,
  findBotUser,
  type RecoveryRun,
} from './recovery-search.ts';

/** What came of it. `details` go to the notice, or to the failure. */
export type Recovery =
  /** Another run's value for our version appeared. */
  | { readonly kind: 'stored' }
  | { readonly kind: 'rotated'; readonly successor: IssuedToken; readonly details: Details }
  | { readonly kind: 'failed'; readonly details: Details };

/**
 * Finds the active successor of a dead token among the tokens of its bot user,
 * and rotates it by its id, with the recovery credential. The bot user, its
 * memberships and its history stay. What a retry can meet:
 *
 * 1. The successor of an earlier try, whose answer was lost or never stored: it
 *    is then the one active token of the bot, and is rotated in its turn.
 * 2. No active token, or more than one: no guess is made.
 * 3. Another run that rotates the same token first, which GitLab's answer to ours
 *    shows. What that run got is active, and it may store it at any moment: if we
 *    rotated it too, it would be revoked when it is stored. So it is left alone. If it is not
 *    stored soon, this attempt ends. By the next one it is stored, or that run is
 *    gone, and it is as 1.
 *
 * The recovery token is probed first: a revoked one, on a rotate path, would make
 * GitLab revoke its own successors.
 */
export async function recover(run: Run, target: Target): Promise<Recovery> {
  const { recovery } = run;
  const { owner } = target.secret;
  if (recovery === undefined) {
    return { kind: 'failed', details: {} };
  }
  try {
    if (owner.kind === 'token') {
      throw recoveryFailure('no-project');
    }
    requireTimeToRecover(run);
    const { credential, expiresAt } = await readCredential(run, recovery.secretId, SEARCH_AGAIN_MS);
    const { administered } = recovery;
    const recoveryRun: RecoveryRun = { ...run, credential, administered, resource: owner };
    const userId = await findBotUser(recoveryRun, target);
    const successor = await rotateActiveToken(recoveryRun, target, userId);
    return successor === 'stored'
      ? { kind: 'stored' }
      : { kind: 'rotated', successor, details: { recoveryExpiresAt: expiresAt ?? 'never' } };
  } catch (error) {
    if (error instanceof RecoveryFailure) {
      return { kind: 'failed', details: error.details };
    }
    throw error;
  }
}

/** What a try leaves to the next one. */
interface Tries {
  /** `YYYY-MM-DD`. */
  expiresAt: string;
  /** The token whose rotation GitLab may still carry out: it is not asked for again. */
  askedFor?: string;
  lastAnswer: Details;
}

async function rotateActiveToken(
  run: RecoveryRun,
  target: Target,
  userId: string,
): Promise<IssuedToken | 'stored'> {
  const { time, settings } = run;
  const tries: Tries = {
    expiresAt: tokenExpiry(time.now(), settings.lifetimeDays),
    lastAnswer: {},
  };
  const successor = await poll(time, RECOVER_MS, () => tryToRotate(run, target, userId, tries));
  if (successor === undefined) {
    const isConfused = tries.lastAnswer['expectedUserId'] !== undefined;
    throw recoveryFailure(isConfused ? 'confused' : 'not-enough-time', tries.lastAnswer);
  }
  return successor;
}

/**
 * GitLab may go on with a request after its answer was lost. So a token is rotated
 * once, and again only after an outcome that proves that nothing happened.
 * And never while a value is stored: the active token may be that of another run.
 *
 * @returns the successor of the bot's one active token, which is revoked after that
 */
async function tryToRotate(
  run: RecoveryRun,
  target: Target,
  userId: string,
  tries: Tries,
): Promise<IssuedToken | 'stored' | NotYet> {
  const token = await findActiveToken(run, target, userId);
  if (token.tokenId === tries.askedFor) {
    return NOT_YET;
  }
  if ((await readStored(run)) !== NOT_YET) {
    return 'stored';
  }
  const outcome = await rotateById(run, token, tries.expiresAt);
  switch (outcome.kind) {
    case 'rotated':
      return isOfAnotherUser(outcome.successor, userId)
        ? noteConfused(run, tries, token, outcome, userId)
        : outcome.successor;
    case 'unknown':
      return noteUnknown(tries, token, outcome);
    case 'perhaps-raced':
      return awaitOther(run, outcome, token, () => findActiveToken(run, target, userId));
    case 'refused':
    case 'dead':
      throw rotationByIdRefused(outcome, token);
    default:
      return noteUndone(run, tries, token, outcome);
  }
}

/** GitLab may still rotate the token, or has done it: it is not asked for again. */
function noteUnknown(tries: Tries, { tokenId }: ListedToken, outcome: RotateOutcome): NotYet {
  tries.askedFor = tokenId;
  tries.lastAnswer = originDetails(outcome);
  return NOT_YET;
}

/** As after a lost answer: another user's token is the answer to another request. */
function noteConfused(
  { log }: Run,
  tries: Tries,
  token: ListedToken,
  outcome: Extract<RotateOutcome, { kind: 'rotated' }>,
  userId: string,
): NotYet {
  const notYet = noteUnknown(tries, token, outcome);
  tries.lastAnswer = { ...tries.lastAnswer, ...userDetails(outcome.successor, userId) };
  log.warn('GitLab answered the rotation by id with the token of another user', tries.lastAnswer);
  return notYet;
}

type Undone = Extract<RotateOutcome, { kind: 'date-too-far' | 'not-sent' | 'rate-limited' }>;

/** Nothing happened: the token may be asked for again. */
function noteUndone({ time }: Run, tries: Tries, token: ListedToken, outcome: Undone): NotYet {
  switch (outcome.kind) {
    case 'not-sent':
      return NOT_YET;
    case 'rate-limited':
      tries.lastAnswer = originDetails(outcome);
      return { ...NOT_YET, waitMs: outcome.retryAfterMs };
    case 'date-too-far':
      if (expiresImmediately(time.now(), outcome.latest)) {
        const refused = { ...outcome, kind: 'refused', refusal: 'request-invalid' } as const;
        throw rotationByIdRefused(refused, token, { expiresAt: tries.expiresAt });
      }
      tries.expiresAt = outcome.latest;
      return NOT_YET;
  }
}

/**
 * Case 3: waits for the value of the run that was first. Where the same token is still active,
 * nobody was first, and GitLab refuses ours with the same status.
 */
async function awaitOther(
  run: Run,
  outcome: RotateOutcome,
  asked: ListedToken,
  findActive: () => Promise<ListedToken>,
): Promise<'stored'> {
  if ((await awaitStored(run)) !== undefined) {
    return 'stored';
  }
  const active = await findActive();
  if (active.tokenId === asked.tokenId) {
    throw rotationByIdRefused(outcome, asked);
  }
  throw recoveryFailure('raced', { ...originDetails(outcome), ...candidateDetails([active]) });
}

function rotationByIdRefused(
  outcome: RotateOutcome,
  asked: ListedToken,
  request: Details = {},
): RecoveryFailure {
  const details = { ...originDetails(outcome), ...candidateDetails([asked]), ...request };
  return outcome.kind === 'dead' || outcome.kind === 'refused'
    ? credentialFailure(outcome, details)
    : recoveryFailure('refused', details);
}

async function rotateById(
  run: RecoveryRun,
  { tokenId }: ListedToken,
  expiresAt: string,
): Promise<RotateOutcome> {
  const { administered, credential, resource, time, log } = run;
  requireTimeToRecover(run);
  log.warn('rotating the lost successor by its id', { tokenId });
  const limitMs = timeoutMs(time, ROTATE_TIMEOUT_MS, RESERVE_MS);
  return administered.rotateById(credential, resource, tokenId, expiresAt, limitMs);
}

function requireTimeToRecover({ time }: Run): void {
  if (time.remainingMs() < RECOVER_MS) {
    throw recoveryFailure('not-enough-time');
  }
}
