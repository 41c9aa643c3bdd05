import {
  type Details,
  DIGESTS,
  FINDINGS,
  type FindingCode,
  type WatchCode,
} from '../../../lambda/failure.ts';
import { VERSION } from './cases.ts';
import { ANOTHER, DAYS, OLDER, type Situation } from './situation.ts';

export const FINDING_CODES = Object.keys(FINDINGS) as readonly FindingCode[];

const EVENT_TIME = '2030-01-10T06:00:00Z';
const PENDING = ['active', 'dead', 'empty', 'not-checked'].map(
  (pendingToken): Details => ({ pendingVersionId: VERSION, pendingToken }),
);

/** What each finding holds, where it holds anything that the text depends on. */
const DETAILS: Partial<Record<FindingCode, readonly Details[]>> = {
  REVOKED: [
    { reason: 'revoked' },
    { reason: 'unusable' },
    { reason: 'revoked', standbyToken: 'active' },
    { reason: 'revoked', salvageVersionId: OLDER },
    { reason: 'unknown', abandoned: true },
    ...PENDING.map((details) => ({ reason: 'revoked', ...details })),
  ],
  EXPIRED: [{ reason: 'expired' }, { reason: 'expired', standbyToken: 'active' }],
  ROTATION_STUCK: PENDING,
  ROTATION_FAILED: PENDING.map((details) => ({ eventTime: EVENT_TIME, ...details })),
  ROTATION_ABANDONED: [{}, ...PENDING].map((details) => ({ eventTime: EVENT_TIME, ...details })),
  DRY_RUN_FAILED: [{ eventTime: EVENT_TIME }],
  REFUSED: [{ refusal: 'user-blocked' }, { refusal: 'permission-missing' }],
  STANDBY_REFUSED: [{ refusal: 'not-active' }],
  UNREADABLE: [
    { operation: 'GetSecretValue', error: 'AccessDeniedException' },
    {
      operation: 'GetSecretValue',
      error: 'KMSInvalidStateException',
      reason: 'request-refused',
    },
  ],
  NOT_CHECKED: [
    { reason: 'NO_TIME_LEFT' },
    { reason: 'STORE_UNAVAILABLE' },
    { reason: 'ECONNREFUSED', token: 'current' },
  ],
  EXPIRES_SOON: [DAYS],
  STANDBY_EXPIRES_SOON: [{ ...DAYS, standby: true }],
  ROTATION_DISABLED: [{ lastRotated: '2030-01-01' }],
  ROTATION_OVERDUE: [{ lastRotated: '2030-01-01', nextRotation: '2030-01-10' }],
  STANDBY_DEAD: [{ reason: 'revoked' }],
  STANDBY_MISSING: [
    { missing: 'standby', form: 'json' },
    { missing: 'standby', form: 'plain-text' },
  ],
  TOKEN_ID_DIFFERS: [ANOTHER],
  RECOVERY_UNUSABLE: ['dead', 'scope-missing', 'unreadable'].map((recovery) => ({ recovery })),
  RECOVERY_EXPIRES_SOON: [{ recovery: 'expires-too-soon', recoveryExpiresAt: '2030-01-10' }],
};

/** Whatever the watch tells in words of its own. */
export const FOUND: readonly Situation<WatchCode>[] = [
  ...FINDING_CODES.flatMap((code) =>
    (DETAILS[code] ?? [{}]).map(
      (details): Situation<WatchCode> => ({ code, found: true, details, risk: FINDINGS[code] }),
    ),
  ),
  { code: 'SECRET_MISSING', found: true, risk: 'none' },
  ...DIGESTS.map(
    (code): Situation<WatchCode> => ({
      code,
      found: true,
      details: { watchFunctionName: 'watch-gitlab' },
      risk: 'none',
    }),
  ),
];
