import type { IssuedToken } from '../ports/access-tokens.ts';
import type { ListedVersion, VersionList } from '../ports/secret-store.ts';
import { isMalformed } from '../secret/secret-members.ts';
import { parseSecret, type SecretValue } from '../secret/secret-value.ts';
import { type Attempt, limitsOf, readTimeoutMs } from '../successor/attempt.ts';
import type { Target } from '../successor/target.ts';
import { NOT_YET, type PollLimits, persist, poll } from '../time/poll.ts';
import { RESERVE_MS } from '../time/timing.ts';
import { probeToken } from '../token/probe-token.ts';

/** What came of the search. */
export type Salvage =
  /** A living token that the secret still had, and where. */
  | { readonly kind: 'found'; readonly successor: IssuedToken; readonly versionId: string }
  | { readonly kind: 'none' }
  /** None was found, but not everything could be looked into. */
  | { readonly kind: 'unfinished' };

interface ReadVersion extends ListedVersion {
  readonly secret: SecretValue;
  /** Younger than the current version too, not only than the dead token. */
  readonly isYoungest: boolean;
  /** What somebody made current meanwhile is no leftover of a rotation. */
  readonly isCurrent: boolean;
}

/**
 * Looks for a living successor in versions of the secret that lost their label:
 * after a rotation that was given up, a label that was taken off by hand, a value
 * that somebody put over the new one.
 *
 * Only in versions that are younger than the one that brought the dead token.
 * What is older, somebody replaced on purpose, and it is not brought back. Where
 * the dead token was put once more, over a younger version, that must state the
 * id of its token, as every version does that a rotation made.
 *
 * What gets no answer for a moment is asked again, for as long as reads are repeated
 * elsewhere. A living token counts wherever it is found; that none was found proves
 * something only where every version was looked into.
 *
 * Never throws: the failure that is to be mended matters more.
 */
export async function salvage(attempt: Attempt, target: Target): Promise<Salvage> {
  const { deps, invocation } = attempt;
  const limits = limitsOf(attempt);
  const younger = await youngerVersions(attempt, target, limits);
  let { isWhole } = younger;
  for (const version of younger.versions) {
    const { versionId, secret, isYoungest, isCurrent } = version;
    const { token } = secret;
    const isKnown = token === target.held.token || token === target.secret.token;
    if (isKnown || isCurrent) {
      continue;
    }
    const hasTime = invocation.deadline.remainingMs() >= RESERVE_MS;
    const probe = hasTime
      ? await probeToken(deps, token, limits).catch(() => undefined)
      : undefined;
    if (probe?.kind === 'alive' && (isYoungest || probe.token.tokenId === secret.tokenId)) {
      return { kind: 'found', successor: { token, tokenId: probe.token.tokenId }, versionId };
    }
    isWhole &&= probe !== undefined;
  }
  return { kind: isWhole ? 'none' : 'unfinished' };
}

interface YoungerVersions {
  readonly versions: readonly ReadVersion[];
  /** Whether they are all. */
  readonly isWhole: boolean;
}

/** The versions since the dead token came into the secret, newest first. */
async function youngerVersions(
  attempt: Attempt,
  { version, held }: Target,
  limits: PollLimits,
): Promise<YoungerVersions> {
  const listed = await listNewestFirst(attempt, limits);
  const since = listed.versions.find(({ versionId }) => versionId === version.versionId)?.createdAt;
  const read: ReadVersion[] = [];
  let { isWhole } = listed;
  for (const each of listed.versions) {
    const found = await readQuietly(attempt, each.versionId, limits);
    if (found === 'unread') {
      isWhole = false;
    } else if (found !== undefined) {
      const isYoungest = since !== undefined && each.createdAt >= since;
      read.push({ ...each, ...found, isYoungest });
    }
  }
  // Not the current version alone: somebody may have put the same token once more.
  const first = read.findLast(holds(held.token))?.createdAt ?? since;
  const versions = read.filter(
    // Where it still is to be rotated, what stands beside it is of the other family.
    (each) => first !== undefined && each.createdAt >= first && !holds(held.token)(each),
  );
  return { versions, isWhole };
}

/** Whether a version would rotate this token. */
function holds(token: string) {
  return ({ secret }: ReadVersion) => (secret.standby ?? secret).token === token;
}

/** Asks again where the list has no end in time; what was seen counts all the same. */
async function listNewestFirst(attempt: Attempt, limits: PollLimits): Promise<VersionList> {
  const { deps, request } = attempt;
  let best: VersionList = { versions: [], isWhole: false };
  const ask = async () => {
    const list = await persist(limits, () =>
      deps.secrets.listVersions(request.secretId, readTimeoutMs(attempt)),
    );
    best = list.versions.length < best.versions.length ? best : list;
    return list.isWhole ? list : NOT_YET;
  };
  const { versions, isWhole } = (await poll(limits, ask).catch(() => undefined)) ?? best;
  const newestFirst = versions.toSorted(
    (one, other) => other.createdAt.getTime() - one.createdAt.getTime(),
  );
  return { versions: newestFirst, isWhole };
}

/**
 * Whatever is wrong with an old version is no matter of this rotation.
 *
 * @returns undefined where it holds no token; `unread` where nobody knows
 */
async function readQuietly(
  attempt: Attempt,
  versionId: string,
  limits: PollLimits,
): Promise<Pick<ReadVersion, 'secret' | 'isCurrent'> | undefined | 'unread'> {
  const { deps, request, invocation } = attempt;
  if (invocation.deadline.remainingMs() < limits.floorMs) {
    return 'unread';
  }
  try {
    const version = await persist(limits, () =>
      deps.secrets.readVersion(request.secretId, versionId, readTimeoutMs(attempt)),
    );
    return (
      version && {
        secret: parseSecret(version.secretString, deps.settings),
        isCurrent: version.stages.includes('AWSCURRENT'),
      }
    );
  } catch (error) {
    return isMalformed(error) ? undefined : 'unread';
  }
}
