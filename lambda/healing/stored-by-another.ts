import { type Details, RotationError } from '../failure.ts';
import { idOf, parseSecret } from '../secret/secret-value.ts';
import { type Attempt, limitsOf, storedOrNotYet } from '../successor/attempt.ts';
import { tellHealed } from '../successor/store-successor.ts';
import { type Target, tokenDead } from '../successor/target.ts';
import { NOT_YET, poll } from '../time/poll.ts';
import { RESERVE_MS } from '../time/timing.ts';
import { originOf, probeToken, type Verdict } from '../token/probe-token.ts';
import { type Consumers, lookAfterConsumers } from './consumers.ts';

/** A token that is dead, while this run has no successor for it. */
export interface DeadTarget {
  readonly target: Target;
  /** What to tell if nothing helps. */
  readonly failure: RotationError;
  /**
   * Whether this run sent a rotate request with the token when it was dead. Then GitLab has
   * revoked what another run got for it: a revoked token that is presented once more counts as
   * stolen, and GitLab revokes its successor (reuse detection), stored or not, tested or not.
   * `perhaps`: nobody knows when GitLab read the request, or whether it still will.
   */
  readonly presented: boolean | 'perhaps';
}

/**
 * Ends well only where GitLab accepts the token that another run has stored for this version, or
 * consumers have another one that it accepts.
 *
 * @throws {RotationError} the failure of the target, where nobody could say; CURRENT_TOKEN_DEAD, or
 * STANDBY_DEAD where consumers have a token that is active
 */
export async function requireStoredActive(attempt: Attempt, dead: DeadTarget): Promise<void> {
  const { target, failure, presented } = dead;
  const { log } = attempt.invocation;
  const stored = await proveStored(attempt, presented).catch(() => undefined);
  if (stored?.kind === 'alive') {
    log.warn('another run has stored the successor, and it is active', idOf(stored.token));
    return;
  }
  const ownFailure =
    stored === undefined
      ? failure
      : tokenDead(target, stored.reason, { ...originOf(stored), ...reuse(presented) });
  if (presented === false) {
    throw ownFailure;
  }
  const consumers = await lookAfterConsumers(attempt);
  if (consumers.kind === 'given-back') {
    await tellGivenBack(attempt, consumers.details);
    return;
  }
  if (consumers.kind === 'active' && target.secret.standby === undefined) {
    log.warn('the token that consumers have is active');
    return;
  }
  throw withConsumers(ownFailure, target, consumers);
}

/** Tells that consumers have the token again that they had before. */
export function tellGivenBack(attempt: Attempt, details: Details): Promise<void> {
  return tellHealed(attempt, { cure: 'given-back', ...details, ...reuse(true) });
}

/** The failure with what consumers have; where that is nothing active, CURRENT_TOKEN_DEAD. */
export function withConsumers(
  failure: RotationError,
  { secret }: Pick<Target, 'secret'>,
  consumers: Consumers,
): RotationError {
  if (secret.standby === undefined) {
    return failure;
  }
  switch (consumers.kind) {
    case 'active':
    case 'given-back':
      return failure.withDetails({ currentAlive: true });
    case 'unknown':
      return failure.withDetails({ currentAlive: 'unknown' });
    case 'revoked':
      return new RotationError('CURRENT_TOKEN_DEAD', 'GitLab does not accept the current token', {
        cause: failure,
        details: { ...consumers.details, ...reuse(true) },
      });
  }
}

function reuse(presented: boolean | 'perhaps'): Details {
  return presented === false ? {} : { reuseDetected: true };
}

/** What GitLab says of the stored token; as long as it may still read our request, to the end of the time. */
async function proveStored(
  attempt: Attempt,
  presented: boolean | 'perhaps',
): Promise<Verdict | undefined> {
  const { deps, invocation } = attempt;
  const version = await poll(limitsOf(attempt), () => storedOrNotYet(attempt));
  if (version === undefined) {
    return undefined;
  }
  const limits = { deadline: invocation.deadline, floorMs: RESERVE_MS };
  const { token } = parseSecret(version.secretString, deps.settings);
  let last = await probeToken(deps, token, limits);
  if (presented === 'perhaps') {
    await poll({ clock: deps.clock, ...limits }, async () => {
      last = await probeToken(deps, token, limits);
      return last.kind === 'dead' ? last : NOT_YET;
    });
  }
  return last;
}
