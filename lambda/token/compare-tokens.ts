import { type Details, RotationError } from '../failure.ts';
import type { Memberships, MembershipsAnswer, TokenReader } from '../ports/access-tokens.ts';
import type { Run, RunTime } from '../ports/step.ts';
import { retryTransient } from '../time/poll.ts';
import { timeoutMs } from '../time/time-left.ts';
import { COMPARE_AGAIN_MS, LIST_TIMEOUT_MS, ROTATE_AND_STORE_MS } from '../time/timing.ts';
import { originDetails } from './answer-details.ts';
import type { ActiveProbe } from './probe-token.ts';

/** An active token, and the probe that shows it active. */
export interface ComparedToken {
  readonly token: string;
  readonly probe: ActiveProbe;
  /** What it can reach, where that was asked before. @default - it is asked now */
  readonly reach?: MembershipsAnswer | undefined;
}

/** What a comparison needs. It only reads. */
export interface ComparingRun extends Pick<Run, 'time' | 'log'> {
  readonly tokens: Pick<TokenReader, 'memberships'>;
}

/**
 * Makes sure that consumers can do with the standby what they do with the
 * current token: the same scopes and, where GitLab says it, the same projects
 * and groups in the same role. Nothing was rotated yet.
 *
 * @throws {RotationError} ROTATION_REFUSED with the refusal `standby-differs`
 */
export async function requireInterchangeable(
  run: ComparingRun,
  current: ComparedToken,
  standby: ComparedToken,
): Promise<void> {
  requireSameScopes(current, standby);
  const answers = await Promise.all([current, standby].map((each) => askMemberships(run, each)));
  const [told, standbyTold] = answers;
  if (told?.kind !== 'told' || standbyTold?.kind !== 'told') {
    // An older GitLab does not say it. A rotation that is due matters more than this comparison.
    run.log.warn('not compared: what the current token and the standby can reach', {
      answers: answers.map((answer) => answer?.kind ?? 'no-time'),
    });
    return;
  }
  // A list may have been cut before its end. Only the pages that both lists have are compared.
  const cut = [told, standbyTold].filter(({ isWhole }) => !isWhole);
  const pages = Math.min(...cut.map((answer) => answer.pages.length));
  requireSameMemberships(
    merge(told.pages.slice(0, pages)),
    merge(standbyTold.pages.slice(0, pages)),
    standby,
  );
  if (cut.length > 0) {
    run.log.warn('compared in part: what the current token and the standby can reach', { pages });
  }
}

/** Asks once what a token can reach. Undefined where that would not leave the time to rotate. */
export async function askReach(
  { tokens, time }: ComparingRun,
  token: string,
): Promise<MembershipsAnswer | undefined> {
  return hasTimeToAsk(time) ? tokens.memberships(token, reachTimeoutMs(time)) : undefined;
}

/** @throws {RotationError} ROTATION_REFUSED with the refusal `standby-differs` */
export function requireSameScopes(current: ComparedToken, standby: ComparedToken): void {
  const [scopes, standbyScopes] = [scopesOf(current), scopesOf(standby)];
  if (scopes !== standbyScopes) {
    throw differs(standby, 'scopes', { scopes, standbyScopes });
  }
}

function requireSameMemberships(
  current: Memberships,
  other: Memberships,
  standby: ComparedToken,
): void {
  const [reach, standbyReach] = [Object.keys(current), Object.keys(other)];
  if (reach.join() !== standbyReach.join()) {
    throw differs(standby, 'projects', { reach, standbyReach });
  }
  const [role, standbyRole] = [rolesIn(current), rolesIn(other)];
  if (role !== standbyRole) {
    throw differs(standby, 'role', { role, standbyRole });
  }
}

function merge(pages: readonly Memberships[]): Memberships {
  const all = pages.flatMap((page) => Object.entries(page));
  return Object.fromEntries(all.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

/** What it can reach: the earlier answer, or asked until GitLab answers; undefined if no time was left to ask. */
async function askMemberships(
  { tokens, time }: ComparingRun,
  { token, reach }: ComparedToken,
): Promise<MembershipsAnswer | undefined> {
  // GitLab has answered the probes since: what it could not answer then is asked again.
  if (reach?.kind === 'told' || reach?.kind === 'untold' || !hasTimeToAsk(time)) {
    return reach;
  }
  return retryTransient(time, COMPARE_AGAIN_MS, () =>
    tokens.memberships(token, reachTimeoutMs(time)),
  );
}

function hasTimeToAsk(time: RunTime): boolean {
  return time.remainingMs() > ROTATE_AND_STORE_MS;
}

function reachTimeoutMs(time: RunTime): number {
  return timeoutMs(time, LIST_TIMEOUT_MS, ROTATE_AND_STORE_MS);
}

function scopesOf({ probe }: ComparedToken): string {
  return probe.token.scopes.toSorted().join(' ');
}

function rolesIn(memberships: Memberships): string {
  return Object.values(memberships).join(' ');
}

function differs({ probe }: ComparedToken, difference: string, details: Details): RotationError {
  return new RotationError(
    'ROTATION_REFUSED',
    'the standby token cannot take the place of the current token',
    { details: { ...originDetails(probe), refusal: 'standby-differs', difference, ...details } },
  );
}
