import type { Details } from '../failure.ts';
import type {
  AdministeredTokens,
  ListedToken,
  Resource,
  TokenListing,
} from '../ports/administered-tokens.ts';
import type { Run } from '../ports/step.ts';
import type { Target } from '../successor/target.ts';
import { retryTransient } from '../time/poll.ts';
import { timeoutMs } from '../time/time-left.ts';
import { LIST_TIMEOUT_MS, RESERVE_MS, SEARCH_AGAIN_MS } from '../time/timing.ts';
import { originDetails } from '../token/answer-details.ts';
import { credentialFailure, recoveryFailure } from './recovery-failure.ts';

/** A run that recovers a successor, with the credential and the project or group of the token. */
export interface RecoveryRun extends Run {
  readonly credential: string;
  readonly administered: AdministeredTokens;
  readonly resource: Resource;
}

/** The dead token's bot user: the probe of this run knew it, or GitLab names it by the id in the secret. */
export async function findBotUser(run: RecoveryRun, { toRotate, active }: Target): Promise<string> {
  if (active?.userId !== undefined) {
    return active.userId;
  }
  const { administered, credential, resource } = run;
  const { tokenId } = toRotate;
  if (tokenId === undefined) {
    throw recoveryFailure('unknown-bot');
  }
  const [dead] = await listTokens(run, (limitMs) =>
    administered.find(credential, resource, tokenId, limitMs),
  );
  if (dead === undefined) {
    throw recoveryFailure('unknown-bot');
  }
  return dead.userId;
}

/** @throws {RecoveryFailure} unless the bot has exactly one active token */
export async function findActiveToken(
  run: RecoveryRun,
  { toRotate, current }: Target,
  userId: string,
): Promise<ListedToken> {
  const { administered, credential, resource } = run;
  const listed = await listTokens(run, (limitMs) =>
    administered.listActive(credential, resource, limitMs),
  );
  const currentId = current?.kind === 'active' ? current.token.tokenId : undefined;
  const candidates = listed.filter(
    (token) => token.userId === userId && token.tokenId !== currentId,
  );
  if (candidates.some(({ tokenId }) => tokenId === toRotate.tokenId)) {
    // Our token is dead. So the secret states the id of another one, which may be in use.
    throw recoveryFailure('unknown-bot');
  }
  const [only, second] = candidates;
  if (only === undefined) {
    throw recoveryFailure('no-candidate');
  }
  if (second !== undefined) {
    throw recoveryFailure('several-candidates', candidateDetails(candidates));
  }
  return only;
}

/** What people need to know of tokens, to choose or to compare. */
export function candidateDetails(tokens: readonly ListedToken[]): Details {
  return {
    candidates: tokens.map(({ tokenId, name, createdAt }) => `${tokenId} "${name}" ${createdAt}`),
  };
}

/** Asks again while GitLab gives no usable answer: else nobody asks until AWS's next attempt. */
async function listTokens(
  { time }: RecoveryRun,
  ask: (limitMs: number) => Promise<TokenListing>,
): Promise<readonly ListedToken[]> {
  const listing = await retryTransient(time, SEARCH_AGAIN_MS, () =>
    ask(timeoutMs(time, LIST_TIMEOUT_MS, RESERVE_MS)),
  );
  if (listing.kind !== 'listed') {
    throw credentialFailure(listing, originDetails(listing));
  }
  return listing.tokens;
}
