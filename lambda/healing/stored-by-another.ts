import type { Details, RotationError } from '../failure.ts';
import type { Run } from '../ports/step.ts';
import { knownId } from '../secret/secret-members.ts';
import { parseSecret } from '../secret/secret-value.ts';
import { notifyRecovered } from '../successor/store-successor.ts';
import { awaitStored } from '../successor/stored-value.ts';
import { type Target, tokenDead } from '../successor/target.ts';
import { NOT_YET, poll } from '../time/poll.ts';
import { RESERVE_MS } from '../time/timing.ts';
import { originDetails, tokenNotAccepted } from '../token/answer-details.ts';
import { probeToken, type Verdict } from '../token/probe-token.ts';
import { type Presented, reuseDetails } from '../token/sent-request.ts';
import { type Consumers, protectConsumers } from './consumers.ts';

/** A revoked or expired token, for which this run has no successor. */
export interface DeadToken {
  readonly target: Target;
  /** How the step fails if nothing helps. */
  readonly failure: RotationError;
  readonly presented: Presented;
}

/**
 * Case 6 of createSecret. Ends well only where GitLab accepts the token that another run has stored for this version, or
 * consumers have another one that it accepts.
 *
 * @throws {RotationError} the failure of the target, where nobody could say; CURRENT_TOKEN_DEAD, or
 * STANDBY_DEAD where consumers have an active token
 */
export async function requireStoredActive(run: Run, dead: DeadToken): Promise<void> {
  const { target, failure, presented } = dead;
  const stored = await proveStored(run, presented).catch(() => undefined);
  if (stored?.kind === 'active') {
    run.log.warn('another run has stored the successor, and it is active', knownId(stored.token));
    return;
  }
  const ownFailure =
    stored === undefined
      ? failure
      : tokenDead(target, stored.reason, { ...originDetails(stored), ...reuseDetails(presented) });
  if (presented === 'no') {
    throw ownFailure;
  }
  const consumers = await protectConsumers(run);
  if (consumers.kind === 'given-back') {
    await notifyGivenBack(run, consumers.details);
    return;
  }
  if (consumers.kind === 'active' && target.secret.standby === undefined) {
    run.log.warn('the token that consumers have is active');
    return;
  }
  throw withConsumers(ownFailure, target, consumers);
}

/** Sends the notice that consumers have the token again that they had before. */
export function notifyGivenBack(run: Run, details: Details): Promise<void> {
  return notifyRecovered(run, { recoveredBy: 'given-back', ...details, ...reuseDetails('yes') });
}

/** The failure with what consumers have. Where that is no active token, CURRENT_TOKEN_DEAD. */
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
      return failure.withDetails({ currentActive: true });
    case 'unknown':
      return failure.withDetails({ currentActive: 'unknown' });
    case 'revoked':
      return tokenNotAccepted('current', { ...consumers.details, ...reuseDetails('yes') }, failure);
  }
}

/** What GitLab says of the stored token. While it may still read our request, asks to the end of the time. */
async function proveStored(run: Run, presented: Presented): Promise<Verdict | undefined> {
  const version = await awaitStored(run);
  if (version === undefined) {
    return undefined;
  }
  const { token } = parseSecret(version.secretString, run.settings);
  let last = await probeToken(run, token, RESERVE_MS);
  if (presented === 'perhaps') {
    await poll(run.time, RESERVE_MS, async () => {
      last = await probeToken(run, token, RESERVE_MS);
      return last.kind === 'dead' ? last : NOT_YET;
    });
  }
  return last;
}
