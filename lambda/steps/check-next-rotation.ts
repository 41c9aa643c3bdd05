import { type Details, RotationError } from '../failure.ts';
import type { SecretDescription } from '../ports/secret-store.ts';
import type { Run } from '../ports/step.ts';
import type { SecretValue } from '../secret/secret-value.ts';
import { blameStandby } from '../successor/target.ts';
import { RESERVE_MS } from '../time/timing.ts';
import { nextRotation, type RotationsAhead } from '../time/token-expiry.ts';
import { scopeMissing, tokenNotAccepted } from '../token/answer-details.ts';
import { requireInterchangeable } from '../token/compare-tokens.ts';
import { type Judgement, judgeTokens } from '../token/judge-tokens.ts';
import { type ActiveProbe, probeToken, type Verdict } from '../token/probe-token.ts';
import { requireContext } from './failure-context.ts';

/** A value whose token a probe has just shown active, and the schedule, as far as it could be read. */
export interface TestedValue {
  readonly secret: SecretValue;
  readonly active: ActiveProbe;
  readonly description: SecretDescription | undefined;
  /** The failure of the dry run where the secret should have a standby, and has none. */
  readonly missing?: RotationError;
}

/** Something that is wrong with a token that is active for now. */
interface Finding {
  /** In the dry run. */
  readonly failure: RotationError;
  /** In a rotation, which it does not stop; absent where createSecret reports it. */
  readonly notice?: Details;
}

/**
 * Checks that the tokens can rotate themselves again, and are active until then. With
 * alternating tokens each is rotated in every second rotation only.
 *
 * @throws {RotationError} in the dry run, for the first finding
 */
export async function checkNextRotation(run: Run, tested: TestedValue): Promise<void> {
  const standby = await probeStandby(run, tested.secret);
  const inRotation = findings(run, tested, standby, 'this-rotation');
  const inDryRun = findings(run, tested, standby, 'schedule');
  if (standby === undefined && inRotation.length === 0 && inDryRun.length === 0) {
    return;
  }
  const { dryRun } = await requireContext(run);
  await (dryRun === true
    ? requireNone(run, inDryRun, tested, standby)
    : notifyAll(run, inRotation));
}

async function requireNone(
  run: Run,
  [first]: readonly Finding[],
  { secret, active }: TestedValue,
  standby: Verdict | undefined,
): Promise<void> {
  if (first !== undefined) {
    throw first.failure;
  }
  if (secret.standby && standby?.kind === 'active') {
    const current = { token: secret.token, probe: active };
    await requireInterchangeable(run, current, { token: secret.standby.token, probe: standby });
  }
}

async function notifyAll({ log, notify }: Run, found: readonly Finding[]): Promise<void> {
  for (const { notice } of found) {
    if (notice !== undefined) {
      log.warn('a token of the new value cannot go through its next rotation', notice);
      await notify({ code: 'EXPIRES_TOO_SOON', details: notice });
    }
  }
}

async function probeStandby(run: Run, { standby }: SecretValue): Promise<Verdict | undefined> {
  return standby && probeToken(run, standby.token, RESERVE_MS).catch(blameStandby({ standby }));
}

function findings(
  { time }: Run,
  { active, description, missing }: TestedValue,
  standby: Verdict | undefined,
  from: 'this-rotation' | 'schedule',
): readonly Finding[] {
  const next = (count: RotationsAhead) =>
    description && nextRotation(time.now(), description, from, count);
  return [
    ...(missing ? [{ failure: missing }] : []),
    ...judgeTokens({ current: active, standby, isAlternating: standby !== undefined }, next).map(
      findingOf,
    ),
  ];
}

function findingOf({ problem, details }: Judgement): Finding {
  switch (problem) {
    case 'dead':
      return { failure: tokenNotAccepted('standby', details) };
    case 'scope-missing':
      return { failure: scopeMissing(details), notice: details };
    case 'expires-soon':
      return { failure: expiresTooSoon(details), notice: details };
  }
}

function expiresTooSoon(details: Details): RotationError {
  return new RotationError('PENDING_TOKEN_REJECTED', 'the token expires before its next rotation', {
    details: { ...details, reason: 'expires-too-soon' },
    // It is active for now.
    risk: 'none',
  });
}
