import type { RotationConfiguration } from './schedule.ts';
import type { SecretVersion, Versioned } from './versions.ts';

/** The account and region of every secret here. */
export const PLACE = { region: 'eu-central-1', accountId: '111122223333' } as const;

/** One secret; never changed in place, so that an old view of it can be kept. Times in ms. */
export interface Secret extends Versioned {
  readonly arn: string;
  readonly name: string;
  /** Of a managed external secret: whose it is. */
  readonly type?: string;
  readonly versions: readonly SecretVersion[];
  readonly createdAt: number;
  readonly changedAt: number;
  /** Marked for deletion: when the secret will be gone. */
  readonly deletedAt?: number;
  readonly rotation?: RotationConfiguration;
  readonly lastRotatedAt?: number;
  readonly nextRotationAt?: number;
}
