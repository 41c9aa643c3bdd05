import { type Attempt, limitsOf, storedOrNotYet } from './attempt.ts';
import { type Details, RotationError } from './failure.ts';
import { NOT_YET, poll } from './poll.ts';
import { currentVersionId } from './preamble.ts';
import { originOf, probeToken, type Verdict } from './probe-token.ts';
import { idOf, parseSecret } from './secret-value.ts';
import { type Target, tokenDead } from './target.ts';
import { tellHealed } from './tell-healed.ts';
import { RESERVE_MS } from './timing.ts';

/** A token that is dead, while this run has no successor for it. */
export interface DeadTarget {
  readonly target: Target;
  /** What to tell if nothing helps. */
  readonly failure: RotationError;
  /**
   * Whether this run sent a rotate request with the token. Then GitLab may have revoked what
   * another run got for it: a revoked token that is presented once more counts as stolen, and
   * GitLab revokes its successor (reuse detection), stored or not, tested or not.
   */
  readonly presented: boolean;
}

/**
 * Ends well only where GitLab accepts the token that another run has stored for this version.
 *
 * @throws {RotationError} the failure of the target, where no value is to be seen or GitLab does
 * not say; CURRENT_TOKEN_DEAD, or STANDBY_DEAD where consumers have a token that is active
 */
export async function requireStoredActive(attempt: Attempt, dead: DeadTarget): Promise<void> {
  const { target, failure, presented } = dead;
  const { log } = attempt.invocation;
  const proof = await proveStored(attempt).catch(() => undefined);
  if (proof === undefined) {
    throw failure;
  }
  const { stored, standby } = proof;
  if (stored.kind === 'alive') {
    log.warn('another run has stored the successor, and it is active', idOf(stored.token));
    return;
  }
  const cause = { ...originOf(stored), ...(presented && { reuseDetected: true }) };
  if (standby?.kind === 'alive' && (await giveBack(attempt, target, stored.reason, cause))) {
    return;
  }
  const current = standby === undefined ? {} : { current: standby };
  throw tokenDead({ ...target, ...current }, stored.reason, cause);
}

/** What GitLab says of the stored token; where that is dead, also of the standby beside it. */
interface Proof {
  readonly stored: Verdict;
  readonly standby?: Verdict;
}

async function proveStored(attempt: Attempt): Promise<Proof | undefined> {
  const { deps, invocation } = attempt;
  const version = await poll(limitsOf(attempt), () => storedOrNotYet(attempt));
  if (version === undefined) {
    return undefined;
  }
  const limits = { deadline: invocation.deadline, floorMs: RESERVE_MS };
  const { token, standby } = parseSecret(version.secretString, deps.settings);
  const stored = await probeToken(deps, token, limits);
  return standby === undefined || stored.kind === 'alive'
    ? { stored }
    : { stored, standby: await probeToken(deps, standby.token, limits) };
}

/**
 * Gives consumers the token back that they had before, which is active: moves `AWSCURRENT` from
 * the version with the revoked token to the one that was current when this run began. What it
 * can meet:
 *
 * 1. The label is not at the version to make. finishSecret asks GitLab before it moves it, but
 *    may have done so before our request. So the labels are watched for as long as such a move,
 *    or a read that lags, may take.
 * 2. It is there: it is moved back.
 * 3. A move of ours, whose answer was lost, was done: the label is where it should be.
 * 4. Somebody put another value meanwhile: the label is elsewhere, and stays there, as in 1.
 *
 * @returns whether consumers got their token back, which is told; if not, they never lost it
 * @throws {RotationError} CURRENT_TOKEN_DEAD, where the label cannot be moved
 */
async function giveBack(
  attempt: Attempt,
  { version: previous }: Target,
  reason: string,
  cause: Details,
): Promise<boolean> {
  const { deps, request, invocation } = attempt;
  const { secretId, versionId } = request;
  let refusal: unknown;
  const moved = await poll(limitsOf(attempt), async () => {
    const holder = await deps.secrets.describe(secretId).then(currentVersionId, () => undefined);
    if (holder === previous.versionId && refusal !== undefined) {
      return 'moved'; // case 3
    }
    if (holder !== versionId) {
      return NOT_YET; // cases 1 and 4
    }
    try {
      await deps.secrets.promote(secretId, { from: versionId, to: previous.versionId });
      return 'moved';
    } catch (error) {
      invocation.log.warn('AWSCURRENT is not moved back yet');
      refusal = error;
      return NOT_YET;
    }
  });
  if (moved === undefined && refusal === undefined) {
    return false;
  }
  const details = { ...cause, reason, previousVersionId: previous.versionId };
  if (moved === undefined) {
    throw new RotationError(
      'CURRENT_TOKEN_DEAD',
      'GitLab revoked the token that had just become current',
      { cause: refusal, details },
    );
  }
  await tellHealed(attempt, { cure: 'given-back', ...details });
  return true;
}
