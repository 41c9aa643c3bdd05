import type { Details } from '../failure.ts';
import type { Refusal } from '../ports/access-tokens.ts';
import type { Runbook } from './runbook.ts';
import { type About, valuesOf } from './runbook-values.ts';

/** With these the rotation can still be healed, once the reason is gone. */
const CURABLE: ReadonlySet<unknown> = new Set([
  'dead',
  'no-project',
  'refused',
  'scope-missing',
  'unreadable',
]);

/** The refusals whose reason is not the recovery token. */
const ELSEWHERE: ReadonlySet<unknown> = new Set<Refusal>([
  'intercepted',
  'ip-not-allowed',
  'not-gitlab',
  'path-decoded',
  'path-not-found',
  'project-moved',
  'project-not-found',
  'read-only',
  'request-invalid',
]);

/** The sections on what salvage and the recovery credential came to, where they could not mend the failure. */
export function healingKeys(about: About, runbook: Runbook): readonly string[] {
  const { details } = about;
  if (valuesOf(about)['SALVAGE_VERSION_ID'] !== undefined) {
    return ['salvage/not-stored'];
  }
  const failure = recoveryFailureKeys(details, runbook);
  return [
    ...(details['salvage'] === 'unfinished' ? ['salvage/unfinished'] : []),
    ...(failure.length > 0 ? ['recovery'] : []),
    ...(CURABLE.has(details['recovery']) ? ['recovery/curable'] : []),
    ...failure,
  ];
}

/** The sections on why the recovery credential could not help. */
export function recoveryFailureKeys(details: Details, runbook: Runbook): readonly string[] {
  const { recovery, recoveryRefusal } = details;
  const refusal = `recoveryRefusal/${recoveryRefusal}`;
  if (ELSEWHERE.has(recoveryRefusal)) {
    return ['recovery/refused elsewhere', `refusal/${recoveryRefusal}`];
  }
  if (runbook.section(refusal) !== undefined) {
    return [refusal];
  }
  const key = `recovery/${recovery}`;
  return runbook.section(key) !== undefined ? [key] : [];
}
