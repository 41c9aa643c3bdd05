import { type Advice, adviseOn } from '../../../lambda/alerts/advice.ts';
import type { About } from '../../../lambda/alerts/runbook-values.ts';
import type { Details, FailureCode, NoticeCode, Risk, Step } from '../../../lambda/failure.ts';
import type { RecoveryFailureReason } from '../../../lambda/healing/recovery-failure.ts';
import type { Refusal } from '../../../lambda/ports/access-tokens.ts';
import { CASES, CODES, CURRENT, IDS, riskOf } from './cases.ts';

/** A failure or a notice, as a step tells it. */
export interface Situation {
  readonly code: FailureCode | NoticeCode;
  readonly step?: Step;
  readonly details?: Details;
  /** Where the step states it. */
  readonly risk?: Risk;
}

/** A version that lost its label, and what was found at GitLab. */
export const OLDER = '44444444-dddd-4ddd-8ddd-444444444444';
const CANDIDATES = ['7 "publish" 2030-01-01T00:00:00.000Z', '9 "publish" 2030-01-01T00:00:01.000Z'];
const DAYS = { expiresAt: '2030-01-10', nextRotation: '2030-01-12' };
const ANOTHER = { tokenId: '12', expectedTokenId: '11' };
const DRY_RUN = { dryRun: true, currentVersionId: CURRENT };

const REUSE = { reason: 'revoked', reuseDetected: true };
const REQUEST_REFUSED = {
  operation: 'PutSecretValue',
  error: 'InvalidRequestException',
  reason: 'request-refused',
};

/** Consumers have an active token. */
export const SERVED = { currentVersionId: CURRENT, currentActive: true };

/** What GitLab says of itself while it is in maintenance. */
const MAINTENANCE = { status: 503, gitlabSays: 'maintenance', retryAfterSeconds: 600 };

// Annotated, so that a refusal that is not told does not compile.
const EVERY_REFUSAL: Record<Refusal, true> = {
  'scope-missing': true,
  'project-not-found': true,
  'path-not-found': true,
  'path-decoded': true,
  'not-a-member': true,
  'not-a-bot-token': true,
  'project-moved': true,
  'gitlab-too-old': true,
  'not-a-member-or-gitlab-too-old': true,
  'path-changed-or-gitlab-too-old': true,
  'permission-missing': true,
  'not-active': true,
  'legacy-token': true,
  'not-an-access-token': true,
  'user-blocked': true,
  'ip-not-allowed': true,
  'read-only': true,
  forbidden: true,
  'request-invalid': true,
  'standby-differs': true,
  'not-gitlab': true,
  intercepted: true,
  other: true,
};
export const REFUSALS = Object.keys(EVERY_REFUSAL) as readonly Refusal[];

/** What a failure holds of each obstacle, besides its name. */
const RECOVERY_FAILURES: Record<RecoveryFailureReason, readonly Details[]> = {
  'no-project': [{}],
  unreadable: [{ recoveryError: 'STORE_DENIED' }],
  unreachable: [{ status: 502 }, MAINTENANCE],
  confused: [{ status: 200, userId: '9', expectedUserId: '3' }],
  raced: [{}],
  'not-enough-time': [{}, MAINTENANCE],
  dead: [{ recoveryReason: 'expired' }],
  'scope-missing': [{ recoveryScopes: ['read_api'] }],
  refused: [
    { recoveryRefusal: 'other', status: 401 },
    ...['ip-not-allowed', 'not-gitlab', 'project-moved', 'project-not-found'].map(
      (recoveryRefusal): Details => ({ recoveryRefusal }),
    ),
    ...['intercepted', 'path-decoded', 'path-not-found'].map(
      (recoveryRefusal): Details => ({ recoveryRefusal }),
    ),
    ...['read-only', 'user-blocked'].map((recoveryRefusal): Details => ({ recoveryRefusal })),
    { recoveryRefusal: 'request-invalid', status: 400, expiresAt: '2030-01-10' },
    ...['not-active', 'not-an-access-token', 'scope-missing'].map(
      (recoveryRefusal): Details => ({ recoveryRefusal }),
    ),
    { recoveryRefusal: 'permission-missing', permission: 'Resource Access Token: Rotate' },
  ],
  'unknown-bot': [{}],
  'no-candidate': [{}],
  'several-candidates': [{ candidates: CANDIDATES }],
};
const EVERY_RECOVERY_FAILURE = Object.entries(RECOVERY_FAILURES).flatMap(([recovery, kinds]) =>
  kinds.map((details): Details => ({ recovery, ...details })),
);
/** What is noticed before the credential is needed. */
const WATCHED: ReadonlySet<unknown> = new Set<RecoveryFailureReason>([
  'unreadable',
  'dead',
  'scope-missing',
]);
const UNSEARCHED = { salvage: 'unfinished' };
const SALVAGED = { salvage: 'not-stored', salvageVersionId: OLDER };

/** The codes that a token without a successor is told by. */
const LOSSES = ['CURRENT_TOKEN_DEAD', 'SUCCESSOR_LOST', 'STANDBY_DEAD', 'STANDBY_LOST'] as const;

/** Whatever may have kept a rotation from being healed, with each of them. */
export const UNHEALED: readonly Situation[] = LOSSES.flatMap((code) =>
  [...EVERY_RECOVERY_FAILURE, SALVAGED, UNSEARCHED].map(
    (details): Situation => ({ code, details: { reason: 'revoked', ...details } }),
  ),
);

/** Salvage and the recovery credential, each in its own words once. */
const HEALINGS: readonly Situation[] = [
  ...UNHEALED.filter(
    ({ code, details }) => code === 'CURRENT_TOKEN_DEAD' || details?.['salvage'] !== undefined,
  ),
  { code: 'HEALED', details: { recoveredBy: 'standby', reason: 'expired' } },
  { code: 'HEALED', details: { recoveredBy: 'standby', reason: 'unusable' } },
  { code: 'HEALED', details: { recoveredBy: 'salvage', salvageVersionId: OLDER, tokenId: '12' } },
  { code: 'HEALED', details: { recoveredBy: 'salvage', salvageVersionId: 'none' } },
  { code: 'HEALED', details: { recoveredBy: 'recovery', recoveryExpiresAt: '2030-02-01' } },
  { code: 'HEALED', details: { recoveredBy: 'recovery', recoveryExpiresAt: 'never' } },
  { code: 'HEALED', details: { recoveredBy: 'recovery', userId: '9', expectedUserId: '3' } },
  ...EVERY_RECOVERY_FAILURE.filter(({ recovery }) => WATCHED.has(recovery)).map(
    (details): Situation => ({ code: 'EXPIRES_TOO_SOON', details }),
  ),
  {
    code: 'EXPIRES_TOO_SOON',
    details: { ...DAYS, recovery: 'expires-too-soon', recoveryExpiresAt: '2030-01-10' },
  },
  { code: 'EXPIRES_TOO_SOON', details: { recovery: 'expires-too-soon' } },
];

/** A request that came second: GitLab revoked what the first had got. */
const REUSED: readonly Situation[] = [
  { code: 'CURRENT_TOKEN_DEAD', details: REUSE },
  { code: 'CURRENT_TOKEN_DEAD', details: { ...REUSE, previousVersionId: OLDER } },
  { code: 'STANDBY_DEAD', details: { ...REUSE, currentActive: true } },
  { code: 'HEALED', details: { ...REUSE, recoveredBy: 'given-back', previousVersionId: OLDER } },
  { code: 'SUCCESSOR_NOT_STORED', details: { tokenId: '4712', takenByDead: true } },
  { code: 'STANDBY_LOST', details: { ...SERVED, tokenId: '4712', takenByDead: true } },
  { code: 'CURRENT_TOKEN_DEAD', step: 'testSecret', details: { reason: 'revoked' } },
  {
    code: 'CURRENT_TOKEN_DEAD',
    step: 'finishSecret',
    details: { reason: 'revoked', previousVersionId: OLDER },
  },
  {
    code: 'PENDING_TOKEN_REJECTED',
    step: 'finishSecret',
    details: { ...SERVED, reason: 'revoked' },
  },
];

/** Two tokens. */
const ALTERNATING: readonly Situation[] = [
  ...['expired', 'revoked', 'unusable'].map(
    (reason): Situation => ({ code: 'STANDBY_DEAD', details: { reason } }),
  ),
  { code: 'STANDBY_LOST', details: { ...SERVED, tokenId: '4712' } },
  { code: 'STANDBY_DEAD', step: 'testSecret', details: { ...DRY_RUN, reason: 'revoked' } },
  ...['json', 'plain-text'].map(
    (form): Situation => ({ code: 'SECRET_MALFORMED', details: { missing: 'standby', form } }),
  ),
  {
    code: 'SECRET_MALFORMED',
    step: 'testSecret',
    details: { ...DRY_RUN, missing: 'standby', form: 'json' },
  },
  { code: 'SECRET_MALFORMED', details: { duplicate: 'standby' } },
  { code: 'CURRENT_TOKEN_DEAD', details: { reason: 'revoked', standbyReason: 'expired' } },
  { code: 'SCOPE_MISSING', details: { standby: true, scopes: ['read_api'] } },
  { code: 'ROTATION_REFUSED', details: { standby: true, refusal: 'permission-missing' } },
  {
    code: 'SCOPE_MISSING',
    step: 'testSecret',
    details: { ...DRY_RUN, standby: true, scopes: ['read_api'] },
  },
  { code: 'EXPIRES_TOO_SOON', step: 'testSecret', details: { ...DAYS, standby: true } },
  {
    code: 'EXPIRES_TOO_SOON',
    step: 'testSecret',
    details: { standby: true, scopes: ['read_api'] },
  },
  {
    code: 'PENDING_TOKEN_REJECTED',
    step: 'testSecret',
    details: { ...DRY_RUN, ...DAYS, standby: true, reason: 'expires-too-soon' },
    risk: 'none',
  },
  { code: 'ROTATION_OUTCOME_UNKNOWN', details: SERVED },
  { code: 'STORE_DENIED', details: { ...SERVED, operation: 'PutSecretValue' } },
  { code: 'STANDBY_LOST', details: { ...SERVED, userId: '9', expectedUserId: '3' } },
  { code: 'SUCCESSOR_LOST', details: { userId: '9', expectedUserId: '3' } },
  { code: 'ROTATION_OUTCOME_UNKNOWN', details: { userId: '9', expectedUserId: '3' } },
  {
    code: 'PENDING_TOKEN_REJECTED',
    step: 'testSecret',
    details: { ...SERVED, reason: 'revoked' },
  },
  { code: 'PENDING_TOKEN_REJECTED', step: 'testSecret', details: { ...SERVED, ...ANOTHER } },
  { code: 'GITLAB_UNREACHABLE', step: 'testSecret', details: SERVED },
  {
    code: 'GITLAB_UNREACHABLE',
    step: 'testSecret',
    details: { currentVersionId: CURRENT, currentActive: 'unknown' },
  },
  { code: 'STORE_DENIED', step: 'testSecret', details: SERVED },
  { code: 'ROTATION_REFUSED', step: 'testSecret', details: { ...SERVED, refusal: 'not-active' } },
  { code: 'ROTATION_NOT_ENABLED', step: 'setSecret', details: SERVED },
  { code: 'NOT_PROMOTED', step: 'finishSecret', details: SERVED },
  { code: 'NOT_PROMOTED', step: 'finishSecret', details: { ...SERVED, replacedByHand: true } },
  { code: 'VERSION_NOT_STAGED', step: 'finishSecret', details: SERVED },
];

/** Whatever is told in words of its own. */
export const SITUATIONS: readonly Situation[] = [
  ...CODES.map((code) => ({ code })),
  ...REFUSALS.map((refusal): Situation => ({ code: 'ROTATION_REFUSED', details: { refusal } })),
  ...['expired', 'revoked', 'unusable'].map(
    (reason): Situation => ({ code: 'CURRENT_TOKEN_DEAD', details: { reason } }),
  ),
  { code: 'STORE_UNAVAILABLE', details: { operation: 'DescribeSecret' } },
  { code: 'EVENT_INVALID', step: 'testSecret' },
  { code: 'STORE_DENIED', details: REQUEST_REFUSED },
  { code: 'STORE_DENIED', details: { ...REQUEST_REFUSED, error: 'KMSInvalidStateException' } },
  { code: 'NOT_PROMOTED', step: 'finishSecret', details: REQUEST_REFUSED },
  { code: 'GITLAB_RATE_LIMITED', details: { retryAfterSeconds: 42 } },
  { code: 'GITLAB_UNREACHABLE', details: { reason: 'UNEXPECTED_ANSWER', ...MAINTENANCE } },
  { code: 'GITLAB_UNREACHABLE', details: { reason: 'UNEXPECTED_ANSWER', status: 502 } },
  { code: 'GITLAB_UNREACHABLE', details: { reason: 'UNEXPECTED_ANSWER', status: 200 } },
  { code: 'GITLAB_UNREACHABLE', details: { reason: 'NOT_GITLAB', status: 403 } },
  {
    code: 'GITLAB_UNREACHABLE',
    step: 'testSecret',
    details: { ...DRY_RUN, reason: 'UNEXPECTED_ANSWER', ...MAINTENANCE },
  },
  {
    code: 'GITLAB_UNREACHABLE',
    step: 'testSecret',
    details: { reason: 'UNEXPECTED_ANSWER', ...MAINTENANCE },
  },
  { code: 'ROTATION_OUTCOME_UNKNOWN', details: MAINTENANCE },
  { code: 'ROTATION_OUTCOME_UNKNOWN', details: { gitlabSays: 'maintenance' } },
  {
    code: 'ROTATION_REFUSED',
    details: { refusal: 'permission-missing', permission: 'Personal Access Token: Read' },
  },
  { code: 'ROTATION_REFUSED', step: 'testSecret', details: { refusal: 'not-active' } },
  {
    code: 'ROTATION_REFUSED',
    step: 'testSecret',
    details: { ...DRY_RUN, refusal: 'not-active' },
  },
  {
    code: 'ROTATION_REFUSED',
    step: 'testSecret',
    details: { currentVersionId: CURRENT, refusal: 'not-active' },
  },
  {
    code: 'ROTATION_NOT_ENABLED',
    step: 'setSecret',
    details: { currentVersionId: CURRENT },
  },
  { code: 'SUCCESSOR_NOT_STORED', details: { tokenId: '4712' } },
  { code: 'EXPIRES_TOO_SOON', step: 'testSecret', details: DAYS },
  { code: 'EXPIRES_TOO_SOON', step: 'testSecret', details: { scopes: ['read_api'] } },
  { code: 'NOT_PROMOTED', step: 'finishSecret', details: { currentVersionId: CURRENT } },
  { code: 'GITLAB_UNREACHABLE', step: 'testSecret', details: { reason: 'ECONNREFUSED' } },
  { code: 'PENDING_TOKEN_REJECTED', step: 'testSecret', details: { reason: 'revoked' } },
  { code: 'PENDING_TOKEN_REJECTED', step: 'testSecret', details: ANOTHER },
  {
    code: 'PENDING_TOKEN_REJECTED',
    step: 'testSecret',
    details: { ...DRY_RUN, ...ANOTHER },
    risk: 'none',
  },
  {
    code: 'PENDING_TOKEN_REJECTED',
    step: 'testSecret',
    details: { ...DRY_RUN, reason: 'expired' },
  },
  {
    code: 'PENDING_TOKEN_REJECTED',
    step: 'testSecret',
    details: { ...DRY_RUN, ...DAYS, reason: 'expires-too-soon' },
    risk: 'none',
  },
  ...HEALINGS,
  ...REUSED,
  ...ALTERNATING,
];

/** All of them, and every code in every step. */
export const EVERYWHERE: readonly Situation[] = [
  ...SITUATIONS,
  ...UNHEALED,
  ...CASES.map(({ code, step }): Situation => ({ code, ...(step !== undefined && { step }) })),
];

/** What an alert is made of in that situation. */
export function aboutIn({ code, step = 'createSecret', details = {} }: Situation): About {
  return { ...IDS, code, step, details };
}

/** The risk that the step states or gives. */
export function riskIn({ code, step = 'createSecret', details = {}, risk }: Situation): Risk {
  return risk ?? riskOf(code, step, details);
}

/** Advice in that situation. */
export function adviseIn(situation: Situation): Advice {
  return adviseOn(aboutIn(situation), riskIn(situation));
}
