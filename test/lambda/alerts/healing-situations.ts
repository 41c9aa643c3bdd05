import type { Details } from '../../../lambda/failure.ts';
import type { RecoveryFailureReason } from '../../../lambda/healing/recovery-failure.ts';
import type { Refusal } from '../../../lambda/ports/access-tokens.ts';
import { MAINTAINED, OLDER, type Situation } from './situation.ts';

const CANDIDATES = ['7 "publish" 2030-01-01T00:00:00.000Z', '9 "publish" 2030-01-01T00:00:01.000Z'];

/** What a failure holds of each obstacle, besides its name. */
const RECOVERY_FAILURES: Record<RecoveryFailureReason, readonly Details[]> = {
  'no-project': [{}],
  unreadable: [{ recoveryError: 'STORE_DENIED' }],
  unreachable: [{ status: 502 }, MAINTAINED],
  confused: [{ status: 200, userId: '9', expectedUserId: '3' }],
  raced: [{}],
  'not-enough-time': [{}, MAINTAINED],
  dead: [{ recoveryReason: 'expired' }],
  'scope-missing': [{ recoveryScopes: ['read_api'] }],
  refused: [
    { recoveryRefusal: 'other', status: 401 },
    ...refusedFor(
      'ip-not-allowed',
      'not-gitlab',
      'project-moved',
      'project-not-found',
      'intercepted',
      'path-decoded',
      'path-not-found',
      'read-only',
      'user-blocked',
    ),
    { recoveryRefusal: 'request-invalid', status: 400, expiresAt: '2030-01-10' },
    ...refusedFor('not-active', 'not-an-access-token', 'scope-missing'),
    { recoveryRefusal: 'permission-missing', permission: 'Resource Access Token: Rotate' },
  ],
  'unknown-bot': [{}],
  'no-candidate': [{}],
  'several-candidates': [{ candidates: CANDIDATES }],
};

function refusedFor(...refusals: readonly Refusal[]): readonly Details[] {
  return refusals.map((recoveryRefusal) => ({ recoveryRefusal }));
}

const EVERY_RECOVERY_FAILURE = Object.entries(RECOVERY_FAILURES).flatMap(([recovery, kinds]) =>
  kinds.map((details): Details => ({ recovery, ...details })),
);
/** What is noticed before the credential is needed. */
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
export const HEALINGS: readonly Situation[] = [
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
];
