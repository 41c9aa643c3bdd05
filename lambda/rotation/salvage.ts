import { type Attempt, limitsOf, readTimeoutMs } from './attempt.ts';
import { type PollLimits, persist } from './poll.ts';
import type { IssuedToken, ListedVersion } from './ports.ts';
import { probeToken } from './probe-token.ts';
import { parseSecret, type SecretValue } from './secret-value.ts';
import type { Target } from './target.ts';
import { RESERVE_MS } from './timing.ts';

/** So many of the newest versions are looked into: each costs a read, and perhaps a probe. */
const MOST_VERSIONS = 10;

/** A living token that the secret still had, and where. */
export interface Salvaged {
  readonly successor: IssuedToken;
  readonly versionId: string;
}

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
 * What gets no answer for a moment is asked again, for as long as reads are repeated elsewhere.
 *
 * @returns undefined when there is none, or it cannot be found out: the failure
 * that is to be mended matters more
 */
export async function salvage(attempt: Attempt, target: Target): Promise<Salvaged | undefined> {
  const { deps, invocation } = attempt;
  const limits = limitsOf(attempt);
  for (const version of await youngerVersions(attempt, target, limits)) {
    const { versionId, secret, isYoungest, isCurrent } = version;
    const { token } = secret;
    const isKnown = token === target.held.token || token === target.secret.token;
    if (isKnown || isCurrent || invocation.deadline.remainingMs() < RESERVE_MS) {
      continue;
    }
    const probe = await probeToken(deps, token, limits).catch(() => undefined);
    if (probe?.kind === 'alive' && (isYoungest || probe.token.tokenId === secret.tokenId)) {
      return { successor: { token, tokenId: probe.token.tokenId }, versionId };
    }
  }
  return undefined;
}

/** The versions since the dead token came into the secret, newest first. */
async function youngerVersions(
  attempt: Attempt,
  { version, held }: Target,
  limits: PollLimits,
): Promise<readonly ReadVersion[]> {
  const listed = await listNewestFirst(attempt, limits);
  const since = listed.find(({ versionId }) => versionId === version.versionId)?.createdAt;
  const read: ReadVersion[] = [];
  for (const each of listed.slice(0, MOST_VERSIONS)) {
    const found = await readQuietly(attempt, each.versionId, limits);
    if (found !== undefined) {
      const isYoungest = since !== undefined && each.createdAt >= since;
      read.push({ ...each, ...found, isYoungest });
    }
  }
  // Not the current version alone: somebody may have put the same token once more.
  const first = read.findLast(holds(held.token))?.createdAt ?? since;
  return read.filter(
    // Where it still is to be rotated, what stands beside it is of the other family.
    (each) => first !== undefined && each.createdAt >= first && !holds(held.token)(each),
  );
}

/** Whether a version would rotate this token. */
function holds(token: string) {
  return ({ secret }: ReadVersion) => (secret.standby ?? secret).token === token;
}

async function listNewestFirst(
  attempt: Attempt,
  limits: PollLimits,
): Promise<readonly ListedVersion[]> {
  const { deps, request } = attempt;
  const list = () => deps.secrets.listVersions(request.secretId, readTimeoutMs(attempt));
  const listed = await persist(limits, list).catch(() => []);
  return listed.toSorted((one, other) => other.createdAt.getTime() - one.createdAt.getTime());
}

/** Whatever is wrong with an old version is no matter of this rotation. */
async function readQuietly(
  attempt: Attempt,
  versionId: string,
  limits: PollLimits,
): Promise<Pick<ReadVersion, 'secret' | 'isCurrent'> | undefined> {
  const { deps, request } = attempt;
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
  } catch {
    return undefined;
  }
}
