import { type Details, RotationError } from '../failure.ts';
import type { Reach, ReachAnswer } from '../ports/access-tokens.ts';
import type { Invocation, StepDeps } from '../ports/step.ts';
import { askAgain } from '../time/poll.ts';
import { COMPARE_AGAIN_MS, LOOK_TIMEOUT_MS, ROTATE_AND_STORE_MS } from '../time/timing.ts';
import { type Alive, originOf } from './probe-token.ts';

/**
 * Makes sure that consumers can do with the standby what they do with the
 * current token: the same scopes and, where GitLab tells it, the same projects
 * and groups in the same role. Whatever else is wrong with a pair, nothing was
 * rotated yet.
 *
 * @throws {RotationError} ROTATION_REFUSED with the refusal `standby-differs`
 */
export async function requireInterchangeable(
  deps: Pick<StepDeps, 'tokens' | 'clock'>,
  held: readonly [current: string, standby: string],
  pair: { readonly current: Alive; readonly standby: Alive },
  invocation: Pick<Invocation, 'deadline' | 'log'>,
): Promise<void> {
  const [scopes, standbyScopes] = [pair.current, pair.standby].map(scopesOf);
  if (scopes !== standbyScopes) {
    throw differs(pair.standby, 'scopes', {
      scopes: String(scopes),
      standbyScopes: String(standbyScopes),
    });
  }
  const answers = await Promise.all(held.map((token) => reachOf(deps, token, invocation)));
  const [told, standbyTold] = answers;
  if (told?.kind !== 'told' || standbyTold?.kind !== 'told') {
    // An older GitLab does not tell it, and a rotation that is due matters more than this look.
    invocation.log.warn('not compared: what the current token and the standby can reach', {
      answers: answers.map((answer) => answer?.kind ?? 'no-time'),
    });
    return;
  }
  // Beyond what was seen of a list without its end, nothing is known of it.
  const cut = [told, standbyTold].filter(({ isWhole }) => !isWhole);
  const seen = Math.min(...cut.map(({ pages }) => pages.length));
  const reach = merge(told.pages.slice(0, seen));
  const standbyReach = merge(standbyTold.pages.slice(0, seen));
  if (Object.keys(reach).join() !== Object.keys(standbyReach).join()) {
    throw differs(pair.standby, 'projects', {
      reach: Object.keys(reach),
      standbyReach: Object.keys(standbyReach),
    });
  }
  if (rolesIn(reach) !== rolesIn(standbyReach)) {
    throw differs(pair.standby, 'role', {
      role: rolesIn(reach),
      standbyRole: rolesIn(standbyReach),
    });
  }
  if (cut.length > 0) {
    invocation.log.warn('compared in part: what the current token and the standby can reach', {
      pages: seen,
    });
  }
}

function merge(pages: readonly Reach[]): Reach {
  const all = pages.flatMap((page) => Object.entries(page));
  return Object.fromEntries(all.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

/** Asks again while GitLab has no answer; undefined when not even one question leaves the time to rotate. */
async function reachOf(
  { tokens, clock }: Pick<StepDeps, 'tokens' | 'clock'>,
  token: string,
  { deadline }: Pick<Invocation, 'deadline'>,
): Promise<ReachAnswer | undefined> {
  const leftMs = () => deadline.remainingMs() - ROTATE_AND_STORE_MS;
  if (leftMs() <= 0) {
    return undefined;
  }
  const limits = { clock, deadline, floorMs: COMPARE_AGAIN_MS };
  return askAgain(limits, () => tokens.reach(token, Math.min(LOOK_TIMEOUT_MS, leftMs())));
}

function scopesOf({ token }: Alive): string {
  return token.scopes.toSorted().join(' ');
}

function rolesIn(reach: Reach): string {
  return Object.values(reach).join(' ');
}

function differs(standby: Alive, difference: string, details: Details): RotationError {
  return new RotationError(
    'ROTATION_REFUSED',
    'the standby token cannot take the place of the current token',
    { details: { ...originOf(standby), refusal: 'standby-differs', difference, ...details } },
  );
}
