import { type Advice, adviseOn } from '../../../lambda/alerts/advice.ts';
import type { About } from '../../../lambda/alerts/runbook-values.ts';
import type { Details, FailureCode, NoticeCode, Risk, Step } from '../../../lambda/failure.ts';
import { CURRENT, IDS, riskOf } from './cases.ts';

/** A failure or a notice, as a step tells it, or what the watch found. */
export interface Situation<Code extends About['code'] = FailureCode | NoticeCode> {
  readonly code: Code;
  readonly step?: Step;
  readonly details?: Details;
  /** The watch has found it. */
  readonly found?: true;
  /** Where the step states it. */
  readonly risk?: Risk;
}

/** A version that lost its label, and what was found at GitLab. */
export const OLDER = '44444444-dddd-4ddd-8ddd-444444444444';
export const DAYS = { expiresAt: '2030-01-10', nextRotation: '2030-01-12' };
export const ANOTHER = { tokenId: '12', expectedTokenId: '11' };
export const DRY_RUN = { dryRun: true, currentVersionId: CURRENT };

/** Consumers have an active token. */
export const SERVED = { currentVersionId: CURRENT, currentActive: true };

/** What GitLab says of itself while it is in maintenance. */
export const MAINTAINED = { status: 503, gitlabSays: 'maintenance', retryAfterSeconds: 600 };

/** What an alert is made of in that situation. */
export function aboutIn({
  code,
  step = 'createSecret',
  details = {},
  found,
}: Situation<About['code']>): About {
  return { ...IDS, code, step, details, ...(found && { found }) };
}

/** The risk that the step states or gives. */
export function riskIn({
  code,
  step = 'createSecret',
  details = {},
  risk,
}: Situation<About['code']>): Risk {
  return risk ?? riskOf(code, step, details);
}

/** Advice in that situation. */
export function adviseIn(situation: Situation<About['code']>): Advice {
  return adviseOn(aboutIn(situation), riskIn(situation));
}
