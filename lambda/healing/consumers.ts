import type { Details } from '../failure.ts';
import type { Probe } from '../ports/access-tokens.ts';
import { type SecretDescription, versionLabelled } from '../ports/secret-store.ts';
import type { HeldToken } from '../secret/secret-members.ts';
import { parseSecret, type SecretValue } from '../secret/secret-value.ts';
import { type Attempt, limitsOf, readTimeoutMs } from '../successor/attempt.ts';
import { NOT_YET, poll } from '../time/poll.ts';
import { originOf } from '../token/probe-token.ts';

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

/** One look at `AWSCURRENT`. `previous`: where the active standby of a dead token is the token. */
type Look =
  | { readonly kind: 'active' }
  | {
      readonly kind: 'revoked';
      readonly holder: string;
      readonly details: Details;
      readonly previous: string | undefined;
    };

/**
 * Looks after consumers when this run has presented a token that another run had rotated: GitLab
 * may have revoked what they got for it meanwhile, whichever version holds that. With two tokens
 * the one that they had before is active still, and they get it back. What it can meet:
 *
 * 1. The revoked token is not current: finishSecret asks GitLab before and after it moves the
 *    label, and so sees to it itself.
 * 2. It is current: the label is moved back.
 * 3. A move of ours was done although its answer says otherwise, or a read lags: that a token is
 *    active, two looks must agree on where there is time.
 * 4. Somebody put another token meanwhile, which is active: it stays.
 */
export async function lookAfterConsumers(attempt: Attempt): Promise<Consumers> {
  let refused: Details | undefined;
  let agreed = 0;
  const found = await poll<Consumers>(limitsOf(attempt), async () => {
    const look = await lookOnce(attempt).catch(() => undefined);
    agreed = look?.kind === 'active' ? agreed + 1 : 0;
    if (look?.kind !== 'revoked') {
      return agreed < 2 ? NOT_YET : refused ? givenBack(refused) : { kind: 'active' };
    }
    const { holder, previous, details } = look;
    if (previous === undefined) {
      return { kind: 'revoked', details };
    }
    refused = { ...details, previousVersionId: previous };
    return (await moveBack(attempt, holder, previous)) ? givenBack(refused) : NOT_YET;
  });
  if (found === undefined && refused !== undefined) {
    return { kind: 'revoked', details: refused };
  }
  // Without time for a second look the first must do.
  return found ?? { kind: agreed > 0 ? 'active' : 'unknown' };
}

function givenBack(details: Details): Consumers {
  return { kind: 'given-back', details };
}

async function moveBack(
  { deps, request, invocation }: Attempt,
  from: string,
  to: string,
): Promise<boolean> {
  try {
    await deps.secrets.promote(request.secretId, { from, to }, readTimeoutMs({ invocation }));
    return true;
  } catch {
    invocation.log.warn('AWSCURRENT is not moved back yet');
    return false;
  }
}

/** @returns undefined where there is nothing to see, or GitLab does not say */
async function lookOnce(attempt: Attempt): Promise<Look | undefined> {
  const { deps, request } = attempt;
  const description = await deps.secrets.describe(request.secretId, readTimeoutMs(attempt));
  const holder = versionLabelled(description, 'AWSCURRENT');
  const secret = await readSecret(attempt, holder);
  if (holder === undefined || secret === undefined) {
    return undefined;
  }
  const probe = await ask(attempt, secret);
  switch (probe.kind) {
    case 'alive':
      return { kind: 'active' };
    case 'dead': {
      const details = { ...originOf(probe), reason: probe.reason };
      const previous = await findPrevious(attempt, description, secret);
      return { kind: 'revoked', holder, details, previous };
    }
    default:
      return undefined;
  }
}

/** The version that gives consumers the standby of the dead token: the one that they had before. */
async function findPrevious(
  attempt: Attempt,
  description: SecretDescription,
  { standby }: SecretValue,
): Promise<string | undefined> {
  if (standby === undefined) {
    return undefined;
  }
  const previous = versionLabelled(description, 'AWSPREVIOUS');
  const secret = await readSecret(attempt, previous);
  const holdsIt = secret?.token === standby.token;
  return holdsIt && (await ask(attempt, standby)).kind === 'alive' ? previous : undefined;
}

async function readSecret(
  attempt: Attempt,
  versionId: string | undefined,
): Promise<SecretValue | undefined> {
  const { deps, request } = attempt;
  const timeoutMs = readTimeoutMs(attempt);
  const version =
    versionId && (await deps.secrets.readVersion(request.secretId, versionId, timeoutMs));
  return version ? parseSecret(version.secretString, deps.settings) : undefined;
}

function ask(attempt: Attempt, { token }: HeldToken): Promise<Probe> {
  return attempt.deps.tokens.probe(token, readTimeoutMs(attempt));
}
