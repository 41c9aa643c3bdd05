import type { Refusal } from '../../../lambda/ports/access-tokens.ts';
import { ALTERNATING, REUSED } from './alternating-situations.ts';
import { CASES, CODES, CURRENT } from './cases.ts';
import { HEALINGS, UNHEALED } from './healing-situations.ts';
import { ANOTHER, DAYS, DRY_RUN, MAINTAINED, type Situation } from './situation.ts';

const REQUEST_REFUSED = {
  operation: 'PutSecretValue',
  error: 'InvalidRequestException',
  reason: 'request-refused',
};

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
  { code: 'GITLAB_UNREACHABLE', details: { reason: 'UNEXPECTED_ANSWER', ...MAINTAINED } },
  { code: 'GITLAB_UNREACHABLE', details: { reason: 'UNEXPECTED_ANSWER', status: 502 } },
  { code: 'GITLAB_UNREACHABLE', details: { reason: 'UNEXPECTED_ANSWER', status: 200 } },
  { code: 'GITLAB_UNREACHABLE', details: { reason: 'NOT_GITLAB', status: 403 } },
  {
    code: 'GITLAB_UNREACHABLE',
    step: 'testSecret',
    details: { ...DRY_RUN, reason: 'UNEXPECTED_ANSWER', ...MAINTAINED },
  },
  {
    code: 'GITLAB_UNREACHABLE',
    step: 'testSecret',
    details: { reason: 'UNEXPECTED_ANSWER', ...MAINTAINED },
  },
  { code: 'ROTATION_OUTCOME_UNKNOWN', details: MAINTAINED },
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
  { code: 'EXPIRES_TOO_SOON', details: { tokenId: '4712', ...DAYS } },
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
