import { CURRENT } from './cases.ts';
import { ANOTHER, DAYS, DRY_RUN, OLDER, SERVED, type Situation } from './situation.ts';

const REUSE = { reason: 'revoked', reuseDetected: true };

/** A request that came second: GitLab revoked what the first had got. */
export const REUSED: readonly Situation[] = [
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
export const ALTERNATING: readonly Situation[] = [
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
