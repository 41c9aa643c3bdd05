import type { Details } from '../failure.ts';
import type { ActiveToken } from '../ports/access-tokens.ts';
import { expiresBy, type RotationsAhead } from '../time/token-expiry.ts';
import { reasonDetails } from './answer-details.ts';
import type { Verdict } from './probe-token.ts';

/** What GitLab says of the tokens of a value, as far as it was asked and answered. */
export interface ProbedTokens {
  readonly current: Verdict | undefined;
  readonly standby: Verdict | undefined;
  /** The value holds two tokens, so each is rotated in every second rotation only. */
  readonly isAlternating: boolean;
}

/** What keeps a token from its next rotation. */
export interface Judgement {
  readonly which: 'current' | 'standby';
  readonly problem: 'dead' | 'scope-missing' | 'expires-soon';
  readonly details: Details;
}

/**
 * Judges whether each token is active, can rotate itself, and lives until the rotation that replaces
 * it is through. The dry run and the watch ask the same.
 *
 * @param next - the day of the next rotation, or of the one after it; undefined where it is not known
 */
export function judgeTokens(
  { current, standby, isAlternating }: ProbedTokens,
  next: (count: RotationsAhead) => string | undefined,
): readonly Judgement[] {
  return [
    ...(current ? judge('current', current, next(isAlternating ? 2 : 1)) : []),
    ...(standby ? judge('standby', standby, next(1)) : []),
  ];
}

function judge(
  which: Judgement['which'],
  verdict: Verdict,
  nextDay: string | undefined,
): readonly Judgement[] {
  if (verdict.kind === 'dead') {
    return [{ which, problem: 'dead', details: reasonDetails(verdict) }];
  }
  const { canRotate, expiresAt } = verdict.token;
  if (canRotate && !expiresBy(expiresAt, nextDay)) {
    return [];
  }
  const details = detailsOf(verdict.token, which, nextDay);
  return [{ which, problem: canRotate ? 'expires-soon' : 'scope-missing', details }];
}

function detailsOf(
  { tokenId, scopes, canRotate, expiresAt }: ActiveToken,
  which: Judgement['which'],
  nextDay: string | undefined,
): Details {
  return {
    tokenId,
    ...(which === 'standby' && { standby: true }),
    ...(!canRotate && { scopes }),
    ...(expiresAt !== null && { expiresAt }),
    ...(nextDay !== undefined && { nextRotation: nextDay }),
  };
}
