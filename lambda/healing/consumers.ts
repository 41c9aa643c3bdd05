import type { Details } from '../failure.ts';
import {
  currentVersionId,
  type SecretDescription,
  versionLabelled,
} from '../ports/secret-store.ts';
import type { Run } from '../ports/step.ts';
import type { SecretValue } from '../secret/secret-value.ts';
import { readSecret } from '../successor/stored-value.ts';
import { NOT_YET, poll } from '../time/poll.ts';
import { consistencyReserveMs, readTimeoutMs } from '../time/time-left.ts';
import { reasonDetails } from '../token/answer-details.ts';

/**
 * What consumers have in the end.
 *
 * - `active`: GitLab accepts the token in `AWSCURRENT`
 * - `given-back`: it did not, and `AWSCURRENT` was moved back to the token that they had before
 * - `revoked`: it does not, and no other can be made current
 * - `unknown`: nobody could say
 */
export type Consumers =
  | { readonly kind: 'active' | 'unknown' }
  | { readonly kind: 'given-back' | 'revoked'; readonly details: Details };

/**
 * What one probe says of the token in `AWSCURRENT`. `holder`: the version that has the label.
 * `previous`: the version in which the active standby of a revoked token is the token.
 */
type CurrentToken =
  | { readonly kind: 'active' }
  | {
      readonly kind: 'revoked';
      readonly holder: string;
      readonly details: Details;
      readonly previous: string | undefined;
    };

/**
 * Protects consumers when this run has presented a token that another run had rotated: GitLab
 * may have revoked what they got for it meanwhile, whichever version holds that. With two tokens
 * the one that they had before is still active, and they get it back. What it can meet:
 *
 * 1. The revoked token is not current: finishSecret asks GitLab before and after it moves the
 *    label, and so detects it itself.
 * 2. It is current: the label is moved back.
 * 3. A move of ours was done although its answer says otherwise, or a read lags: before a
 *    token counts as active, two probes must agree where there is time.
 * 4. Somebody put another token meanwhile, which is active: it stays.
 */
export async function protectConsumers(run: Run): Promise<Consumers> {
  let notMoved: Details | undefined;
  let activeInARow = 0;
  const found = await poll<Consumers>(run.time, consistencyReserveMs(run.time), async () => {
    const current = await probeCurrent(run).catch(() => undefined);
    activeInARow = current?.kind === 'active' ? activeInARow + 1 : 0;
    if (activeInARow === 2) {
      return notMoved === undefined ? { kind: 'active' } : givenBack(notMoved); // case 3
    }
    if (current?.kind !== 'revoked') {
      return NOT_YET;
    }
    const { holder, previous, details } = current;
    if (previous === undefined) {
      return { kind: 'revoked', details };
    }
    notMoved = { ...details, previousVersionId: previous };
    return (await moveBack(run, holder, previous)) ? givenBack(notMoved) : NOT_YET;
  });
  if (found === undefined && notMoved !== undefined) {
    return { kind: 'revoked', details: notMoved };
  }
  // Without time for a second probe the first must do.
  return found ?? { kind: activeInARow > 0 ? 'active' : 'unknown' };
}

function givenBack(details: Details): Consumers {
  return { kind: 'given-back', details };
}

async function moveBack(run: Run, from: string, to: string): Promise<boolean> {
  const { secrets, request, time, log } = run;
  try {
    await secrets.promote(request.secretId, { from, to }, readTimeoutMs(time));
    return true;
  } catch {
    log.warn('AWSCURRENT is not moved back yet');
    return false;
  }
}

/** @returns undefined where there is no token to probe, or GitLab does not say */
async function probeCurrent(run: Run): Promise<CurrentToken | undefined> {
  const { secrets, tokens, request, time } = run;
  const description = await secrets.describe(request.secretId, readTimeoutMs(time));
  const holder = currentVersionId(description);
  const secret = await readSecret(run, holder);
  if (holder === undefined || secret === undefined) {
    return undefined;
  }
  const probe = await tokens.probe(secret.token, readTimeoutMs(time));
  switch (probe.kind) {
    case 'active':
      return { kind: 'active' };
    case 'dead': {
      const details = reasonDetails(probe);
      const previous = await findPrevious(run, description, secret);
      return { kind: 'revoked', holder, details, previous };
    }
    default:
      return undefined;
  }
}

/** The version in which the standby of the revoked token is the token: the one that consumers had before. */
async function findPrevious(
  run: Run,
  description: SecretDescription,
  { standby }: SecretValue,
): Promise<string | undefined> {
  if (standby === undefined) {
    return undefined;
  }
  const previous = versionLabelled(description, 'AWSPREVIOUS');
  const secret = await readSecret(run, previous);
  if (secret?.token !== standby.token) {
    return undefined;
  }
  const probe = await run.tokens.probe(standby.token, readTimeoutMs(run.time));
  return probe.kind === 'active' ? previous : undefined;
}
