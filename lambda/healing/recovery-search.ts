import type { Details } from '../failure.ts';
import type {
  ListedToken,
  RecoveryCredential,
  Resource,
  TokenListing,
} from '../ports/administered-tokens.ts';
import type { Attempt } from '../successor/attempt.ts';
import type { Target } from '../successor/target.ts';
import { askAgain, type PollLimits } from '../time/poll.ts';
import { LOOK_AGAIN_MS, LOOK_TIMEOUT_MS, RESERVE_MS } from '../time/timing.ts';
import { originOf } from '../token/probe-token.ts';
import type { LivingCredential } from './recovery-credential.ts';
import { obstacle, recoveryRefusalIn } from './recovery-failure.ts';

/** A recovery under way. */
export interface Search extends Attempt, LivingCredential {
  readonly recovery: RecoveryCredential;
  readonly resource: Resource;
}

/** The dead token's bot user: the probe of this run knew it, or GitLab tells it by the id in the secret. */
export async function botOf(search: Search, { held, living }: Target): Promise<string> {
  if (living?.userId !== undefined) {
    return living.userId;
  }
  const { tokenId } = held;
  if (tokenId === undefined) {
    throw obstacle('unknown-bot');
  }
  const { administered } = search.recovery;
  const [dead] = await look(search, (timeoutMs) =>
    administered.find(search.credential, search.resource, tokenId, timeoutMs),
  );
  if (dead === undefined) {
    throw obstacle('unknown-bot');
  }
  return dead.userId;
}

/** @throws {Hindrance} unless the bot has exactly one living token */
export async function findChild(
  search: Search,
  target: Target,
  userId: string,
): Promise<ListedToken> {
  const { administered } = search.recovery;
  const listed = await look(search, (timeoutMs) =>
    administered.listActive(search.credential, search.resource, timeoutMs),
  );
  const { current } = target;
  const currentId = current?.kind === 'alive' ? current.token.tokenId : undefined;
  const candidates = listed.filter(
    ({ userId: user, tokenId }) => user === userId && tokenId !== currentId,
  );
  if (candidates.some(({ tokenId }) => tokenId === target.held.tokenId)) {
    // Our token is dead, so the secret states the id of another one, which may be in use.
    throw obstacle('unknown-bot');
  }
  const [child, second] = candidates;
  if (child === undefined) {
    throw obstacle('no-candidate');
  }
  if (second !== undefined) {
    throw obstacle('several-candidates', candidateDetails(candidates));
  }
  return child;
}

/** What people need to know of them, to choose or to compare. */
export function candidateDetails(tokens: readonly ListedToken[]): Details {
  return {
    candidates: tokens.map(({ tokenId, name, createdAt }) => `${tokenId} "${name}" ${createdAt}`),
  };
}

/** Asks again while GitLab gives no usable answer: else nobody asks until AWS's next attempt. */
async function look(
  search: Search,
  ask: (timeoutMs: number) => Promise<TokenListing>,
): Promise<readonly ListedToken[]> {
  const listing = await askAgain(until(search, LOOK_AGAIN_MS), () => ask(lookTimeoutMs(search)));
  switch (listing.kind) {
    case 'listed':
      return listing.tokens;
    case 'refused':
      throw obstacle('refused', { ...originOf(listing), ...recoveryRefusalIn(listing) });
    case 'dead':
      throw obstacle('dead', { ...originOf(listing), recoveryReason: listing.reason });
    case 'rate-limited':
    case 'unreachable':
      throw obstacle('unreachable', originOf(listing));
  }
}

/** How long something is repeated. */
export function until({ deps, invocation }: Search, floorMs: number): PollLimits {
  return { clock: deps.clock, deadline: invocation.deadline, floorMs };
}

function lookTimeoutMs({ invocation }: Search): number {
  return Math.min(LOOK_TIMEOUT_MS, Math.max(0, invocation.deadline.remainingMs() - RESERVE_MS));
}
