import { RotationError } from '../failure.ts';
import type { SecretDescription, SecretVersion } from '../ports/secret-store.ts';
import type { Run } from '../ports/step.ts';
import { missingStandby, parseSecret, type SecretValue } from '../secret/secret-value.ts';
import { blameStandby, tokenToRotate } from '../successor/target.ts';
import { ONCE, retryWhileUnavailable } from '../time/poll.ts';
import { consistencyReserveMs } from '../time/time-left.ts';
import { DEAD_WINDOW_READ_TIMEOUT_MS, RESERVE_MS } from '../time/timing.ts';
import { nextRotation } from '../time/token-expiry.ts';
import { scopeMissing, tokenNotAccepted } from '../token/answer-details.ts';
import { requireInterchangeable, requireSameScopes } from '../token/compare-tokens.ts';
import { type Judgement, judgeTokens } from '../token/judge-tokens.ts';
import { type ActiveProbe, probeToken, type Verdict } from '../token/probe-token.ts';

/**
 * The dry run: judges whether the tokens can rotate themselves, and are active until then. The
 * watch judges the same.
 *
 * @param active - the probe that has just shown the token active
 * @param asks - `once`, where consumers may be waiting: what gets no answer is not asked again, GitLab
 * has a second to answer about the standby, and what two tokens reach is not compared
 * @throws {RotationError} for the first finding: SECRET_MALFORMED, STANDBY_DEAD, SCOPE_MISSING,
 * PENDING_TOKEN_REJECTED, ROTATION_REFUSED; and what store and probe throw
 */
export async function judgeDryRun(
  run: Run,
  { secretString }: SecretVersion,
  active: ActiveProbe,
  asks: 'patiently' | 'once',
): Promise<void> {
  const secret = parseSecret(secretString, run.settings);
  const missing = missingStandby(secretString, secret, run.settings);
  if (missing !== undefined) {
    throw missing;
  }
  const [description, standby] = await Promise.all([
    describe(run, asks),
    probeStandby(run, secret, asks),
  ]);
  const [first] = judgeTokens(
    { current: active, standby, isAlternating: standby !== undefined },
    (count) => nextRotation(run.time.now(), description, 'schedule', count),
  );
  if (first !== undefined) {
    throw failureOf(first);
  }
  if (standby?.kind === 'active') {
    const current = { token: secret.token, probe: active };
    const other = { token: tokenToRotate(secret).token, probe: standby };
    requireSameScopes(current, other);
    await (asks === 'patiently' && requireInterchangeable(run, current, other));
  }
}

type Asks = Parameters<typeof judgeDryRun>[3];

function describe({ secrets, request, time }: Run, asks: Asks): Promise<SecretDescription> {
  const read = (timeoutMs: number) => secrets.describe(request.secretId, timeoutMs);
  return asks === 'once'
    ? read(DEAD_WINDOW_READ_TIMEOUT_MS)
    : retryWhileUnavailable(time, consistencyReserveMs(time), read);
}

async function probeStandby(
  run: Run,
  secret: SecretValue,
  asks: Asks,
): Promise<Verdict | undefined> {
  const reserveMs = asks === 'once' ? ONCE : RESERVE_MS;
  const { standby } = secret;
  return standby && probeToken(run, standby.token, reserveMs).catch(blameStandby(secret));
}

function failureOf({ problem, details }: Judgement): RotationError {
  switch (problem) {
    case 'dead':
      return tokenNotAccepted('standby', details);
    case 'scope-missing':
      return scopeMissing(details);
    case 'expires-soon':
      return new RotationError(
        'PENDING_TOKEN_REJECTED',
        'the token expires before its next rotation',
        {
          details: { ...details, reason: 'expires-too-soon' },
          // It is active for now.
          risk: 'none',
        },
      );
  }
}
