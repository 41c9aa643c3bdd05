import { isFailure } from '../failure.ts';
import type { IssuedToken } from '../ports/access-tokens.ts';
import type { ListedVersion, VersionList } from '../ports/secret-store.ts';
import type { Run } from '../ports/step.ts';
import { parseSecret, type SecretValue } from '../secret/secret-value.ts';
import { type Target, tokenToRotate } from '../successor/target.ts';
import { NOT_YET, poll, retryWhileUnavailable } from '../time/poll.ts';
import { consistencyReserveMs, readTimeoutMs } from '../time/time-left.ts';
import { RESERVE_MS } from '../time/timing.ts';
import { probeToken } from '../token/probe-token.ts';

/** What came of the search. */
export type Salvage =
  /** An active token that the secret still had, and where. */
  | { readonly kind: 'found'; readonly successor: IssuedToken; readonly versionId: string }
  | { readonly kind: 'none' }
  /** None was found, but not every version could be examined. */
  | { readonly kind: 'unfinished' };

/** A run that looks for an active successor. */
interface Search extends Run {
  readonly target: Target;
  /** What all reads and probes of the search leave together, however many versions there are. */
  readonly reserveMs: number;
}

interface ReadVersion extends ListedVersion {
  readonly secret: SecretValue;
  /** Created since the current version was, not only since the dead token came. */
  readonly isSinceCurrent: boolean;
  /** What somebody made current meanwhile is no leftover of a rotation. */
  readonly isCurrent: boolean;
}

/**
 * Looks for an active successor in versions of the secret that lost their label:
 * after a rotation that was given up, a label that was taken off by hand, a value
 * that somebody put over the new one.
 *
 * Only in versions that are younger than the one that brought the dead token.
 * What is older, somebody replaced on purpose, and it is not brought back. Where
 * the dead token was put once more, over a younger version, that version must state the
 * id of its token, as every version does that a rotation made.
 *
 * What gets no answer for a moment is asked again, for as long as reads are repeated
 * elsewhere. An active token counts wherever it is found. That none was found proves
 * something only where every version was examined.
 *
 * Never throws: the failure that is to be repaired matters more.
 */
export async function salvage(run: Run, target: Target): Promise<Salvage> {
  const search: Search = { ...run, target, reserveMs: consistencyReserveMs(run.time) };
  const younger = await youngerVersions(search);
  let { isWhole } = younger;
  for (const { versionId, secret, isSinceCurrent, isCurrent } of younger.versions) {
    const { token } = secret;
    const isKnown = token === target.toRotate.token || token === target.secret.token;
    if (isKnown || isCurrent) {
      continue;
    }
    const hasTime = run.time.remainingMs() >= RESERVE_MS;
    const probe = hasTime
      ? await probeToken(run, token, search.reserveMs).catch(() => undefined)
      : undefined;
    if (probe?.kind === 'active' && (isSinceCurrent || probe.token.tokenId === secret.tokenId)) {
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
async function youngerVersions(search: Search): Promise<YoungerVersions> {
  const { version, toRotate } = search.target;
  const listed = await listNewestFirst(search);
  const since = listed.versions.find(({ versionId }) => versionId === version.versionId)?.createdAt;
  const read: ReadVersion[] = [];
  let { isWhole } = listed;
  for (const each of listed.versions) {
    const found = await readQuietly(search, each.versionId);
    if (found === 'unread') {
      isWhole = false;
    } else if (found !== undefined) {
      const isSinceCurrent = since !== undefined && each.createdAt >= since;
      read.push({ ...each, ...found, isSinceCurrent });
    }
  }
  // Not the current version alone: somebody may have put the same token once more.
  const broughtAt = read.findLast(wouldRotate(toRotate.token))?.createdAt ?? since;
  const versions = read.filter(
    // Where it still is to be rotated, the token beside it is of the other family.
    (each) =>
      broughtAt !== undefined && each.createdAt >= broughtAt && !wouldRotate(toRotate.token)(each),
  );
  return { versions, isWhole };
}

/** Whether a rotation of the version would rotate this token. */
function wouldRotate(token: string) {
  return ({ secret }: ReadVersion) => tokenToRotate(secret).token === token;
}

/** Asks again where the list has no end in time. The versions that were listed count all the same. */
async function listNewestFirst({
  secrets,
  request,
  time,
  reserveMs,
}: Search): Promise<VersionList> {
  let best: VersionList = { versions: [], isWhole: false };
  const list = async () => {
    const listed = await retryWhileUnavailable(time, reserveMs, () =>
      secrets.listVersions(request.secretId, readTimeoutMs(time)),
    );
    best = listed.versions.length < best.versions.length ? best : listed;
    return listed.isWhole ? listed : NOT_YET;
  };
  const { versions, isWhole } = (await poll(time, reserveMs, list).catch(() => undefined)) ?? best;
  const newestFirst = versions.toSorted(
    (one, other) => other.createdAt.getTime() - one.createdAt.getTime(),
  );
  return { versions: newestFirst, isWhole };
}

/**
 * Whatever is wrong with an old version does not concern this rotation.
 *
 * @returns undefined where it holds no token; `unread` where nobody knows
 */
async function readQuietly(
  { secrets, settings, request, time, reserveMs }: Search,
  versionId: string,
): Promise<Pick<ReadVersion, 'secret' | 'isCurrent'> | undefined | 'unread'> {
  if (time.remainingMs() < reserveMs) {
    return 'unread';
  }
  try {
    const version = await retryWhileUnavailable(time, reserveMs, () =>
      secrets.readVersion(request.secretId, versionId, readTimeoutMs(time)),
    );
    return (
      version && {
        secret: parseSecret(version.secretString, settings),
        isCurrent: version.stages.includes('AWSCURRENT'),
      }
    );
  } catch (error) {
    return isFailure(error, 'SECRET_MALFORMED') ? undefined : 'unread';
  }
}
