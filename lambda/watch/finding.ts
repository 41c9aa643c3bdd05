import { type Details, FINDINGS, type FindingCode, type Risk } from '../failure.ts';
import { dateOf } from '../time/token-expiry.ts';

const WEEK_MS = 7 * 24 * 60 * 60 * 1000;

/** Something that somebody should know. */
export interface Finding {
  readonly code: FindingCode;
  readonly risk: Risk;
  readonly details: Details;
}

/** @param risk @default - the one that the code has */
export function finding(
  code: FindingCode,
  details: Details = {},
  risk: Risk = FINDINGS[code],
): Finding {
  return { code, risk, details };
}

/** What could not be found out, and why. */
export function notChecked(reason: string, details: Details = {}): Finding {
  return finding('NOT_CHECKED', { ...details, reason });
}

const RISKS: readonly Risk[] = ['consumers', 'unknown', 'none'];
const CODES = Object.keys(FINDINGS);

/** By the risk, then in the order of the list of findings. */
export function worstFirst<T extends Pick<Finding, 'code' | 'risk'>>(
  findings: readonly T[],
): readonly T[] {
  const rank = ({ risk, code }: Pick<Finding, 'code' | 'risk'>) =>
    RISKS.indexOf(risk) * CODES.length + CODES.indexOf(code);
  return findings.toSorted((one, other) => rank(one) - rank(other));
}

/** Until this day a token should live that no rotation is known to replace: a person needs some days. */
export function soonestEnd(now: Date): string {
  return dateOf(new Date(now.getTime() + WEEK_MS));
}
