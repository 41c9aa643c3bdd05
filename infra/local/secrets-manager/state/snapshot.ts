import type { Secret } from './secret.ts';

/** A secret as it is, deprecated versions included, oldest first. */
export interface SecretSnapshot {
  readonly arn: string;
  readonly name: string;
  readonly versions: readonly VersionSnapshot[];
  readonly rotationEnabled: boolean;
  readonly deletedDate?: Date;
  readonly lastRotatedDate?: Date;
  readonly nextRotationDate?: Date;
}

/** One version of a snapshot. */
export interface VersionSnapshot {
  readonly versionId: string;
  /** Sorted. */
  readonly labels: readonly string[];
  /** Absent on the placeholder of a rotation; base64 where it is binary. */
  readonly value?: string;
}

/** Looks at a secret from outside. */
export function snapshotOf(secret: Secret): SecretSnapshot {
  const { arn, name, rotation, deletedAt, lastRotatedAt, nextRotationAt } = secret;
  return {
    arn,
    name,
    versions: secret.versions.map(({ versionId, labels, value }) => ({
      versionId,
      labels,
      ...(value && { value: value.text }),
    })),
    rotationEnabled: rotation?.enabled === true,
    ...(deletedAt !== undefined && { deletedDate: new Date(deletedAt) }),
    ...(lastRotatedAt !== undefined && { lastRotatedDate: new Date(lastRotatedAt) }),
    ...(nextRotationAt !== undefined && { nextRotationDate: new Date(nextRotationAt) }),
  };
}
