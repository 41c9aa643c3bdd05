import { type Details, RotationError } from '../../../../lambda/failure.ts';
import type { SecretDescription } from '../../../../lambda/ports/secret-store.ts';
import type { Finding } from '../../../../lambda/watch/finding.ts';
import { judge } from '../../../../lambda/watch/judge.ts';
import type { Seen, Sight } from '../../../../lambda/watch/sight.ts';

export const NOW = new Date('2030-01-10T06:00:00Z');
export const OURS = 'arn:aws:lambda:eu-central-1:111122223333:function:rotation';
export const [CURRENT, PENDING] = ['current', 'pending'];

/** A secret that rotates on the first of each month. */
const DESCRIPTION: SecretDescription = {
  rotationEnabled: true,
  stages: { [CURRENT]: ['AWSCURRENT'] },
  rotationFunctionArn: OURS,
  rotationIntervalDays: 31,
  nextRotationDate: new Date('2030-02-01T23:59:59Z'),
  lastRotatedDate: new Date('2030-01-01T00:00:00Z'),
};

export function active(expiresAt: string | null = '2030-12-31', canRotate = true): Seen {
  const scopes = canRotate ? ['self_rotate'] : ['read_api'];
  return { kind: 'active', token: { tokenId: '12', scopes, canRotate, expiresAt } };
}

export function dead(reason: 'revoked' | 'expired' | 'unknown' = 'revoked'): Seen {
  return { kind: 'dead', reason };
}

export function failed(code: 'GITLAB_UNREACHABLE' | 'GITLAB_RATE_LIMITED' | 'ROTATION_REFUSED') {
  const details: Record<typeof code, Details> = {
    GITLAB_UNREACHABLE: { reason: 'ECONNREFUSED' },
    GITLAB_RATE_LIMITED: { status: 429 },
    ROTATION_REFUSED: { refusal: 'user-blocked' },
  };
  return new RotationError(code, 'why', { details: details[code] });
}

export function described(differing: Partial<SecretDescription>): SecretDescription {
  return { ...DESCRIPTION, ...differing };
}

export function without(...names: (keyof SecretDescription)[]): SecretDescription {
  const entries = Object.entries(DESCRIPTION).filter(
    ([name]) => !names.some((each) => each === name),
  );
  return Object.fromEntries(entries) as unknown as SecretDescription;
}

export function stuckOn(
  seen: NonNullable<Sight['pending']>['seen'],
  since?: string,
): Partial<Sight> {
  return {
    pending: {
      versionId: PENDING,
      seen,
      ...(since !== undefined && { createdAt: new Date(since) }),
    },
  };
}

export const WELL: Sight = { description: DESCRIPTION, current: active() };
export const TWO: Partial<Sight> = { standby: active() };
export const DAY_BEFORE_YESTERDAY = '2030-01-08T05:00:00Z';
export const YESTERDAY_EVENING = new Date('2030-01-09T23:59:59Z');

/** What is wrong with a secret where this is seen, and all else is well. */
export function judged(seen: Partial<Sight>): readonly Finding[] {
  return judge({ ...WELL, ...seen }, { now: NOW, rotationFunctionArn: OURS });
}
