/** What Secrets Manager asks a step to do. `secretId` is an ARN; `versionId` the version to make. */
export interface RotationRequest {
  readonly secretId: string;
  readonly versionId: string;
  /** AWS's proof of where a put comes from; new in every step, absent in old events. A secret. */
  readonly rotationToken?: string;
}

/** A version's id, its exact string and its staging labels, as one read showed them. */
export interface SecretVersion {
  readonly versionId: string;
  readonly secretString: string;
  readonly stages: readonly string[];
  readonly createdAt?: Date;
}

/** A version as ListSecretVersionIds shows it: without its value. */
export interface ListedVersion {
  readonly versionId: string;
  readonly createdAt: Date;
}

/** The versions of a secret, or where the end of the list was not reached, some of them. */
export interface VersionList {
  readonly versions: readonly ListedVersion[];
  readonly isWhole: boolean;
}

/** What DescribeSecret says. Versions without a label are not listed. */
export interface SecretDescription {
  readonly rotationEnabled: boolean;
  readonly stages: Readonly<Record<string, readonly string[]>>;
  /** Days between rotations, where the schedule has an even interval. */
  readonly rotationIntervalDays?: number;
  readonly nextRotationDate?: Date;
  /** Full ARN. */
  readonly arn?: string;
  /** The ARN of the function that rotates, perhaps with a version or an alias. */
  readonly rotationFunctionArn?: string;
  readonly lastRotatedDate?: Date;
  readonly lastChangedDate?: Date;
  /** How long a window of the schedule is open, where the schedule says so. */
  readonly windowHours?: number;
}

/**
 * The secret in AWS Secrets Manager. Reads are eventually consistent. Every call is
 * given up after `timeoutMs`.
 *
 * Every method throws RotationError `STORE_DENIED` (IAM or KMS refuses, or Secrets
 * Manager what was asked: `details.reason` is `request-refused` then),
 * `STORE_UNAVAILABLE` (anything transient) or `SECRET_MISSING` (no such secret,
 * or marked for deletion).
 */
export interface SecretStore {
  describe(secretId: string, timeoutMs: number): Promise<SecretDescription>;
  /** The value of `versionId` while it is `AWSPENDING`; undefined when it has none, or none visible yet. */
  readPending(request: RotationRequest, timeoutMs: number): Promise<SecretVersion | undefined>;
  /** A version by its id alone, whatever its labels; undefined when it has no value, or none visible yet. */
  readVersion(
    secretId: string,
    versionId: string,
    timeoutMs: number,
  ): Promise<SecretVersion | undefined>;
  /** @throws {RotationError} also `SECRET_MISSING` when no value was ever put */
  readCurrent(secretId: string, timeoutMs: number): Promise<SecretVersion>;
  /**
   * Puts a version's own string again under its own id, which Secrets Manager
   * ignores: permission, key and state of the secret show, and nothing changes.
   */
  proveWritable(request: RotationRequest, version: SecretVersion, timeoutMs: number): Promise<void>;
  /**
   * Puts the value of `versionId` as `AWSPENDING`. One attempt, given up after
   * `timeoutMs`; repeating the same put is harmless.
   *
   * @returns `taken` when the version already has another value
   */
  storePending(
    request: RotationRequest,
    secretString: string,
    timeoutMs: number,
  ): Promise<'stored' | 'taken'>;
  /**
   * Every version that the secret still has, those without a label included, with
   * one time-out for all pages. Fails only where not even the first page comes.
   */
  listVersions(secretId: string, timeoutMs: number): Promise<VersionList>;
  /** Moves `AWSCURRENT` from one version to another. One attempt. */
  promote(
    secretId: string,
    versions: { readonly from: string; readonly to: string },
    timeoutMs: number,
  ): Promise<void>;
}

/** The calls that only read what is labelled. */
export type SecretReader = Pick<SecretStore, 'describe' | 'readCurrent' | 'readVersion'>;

/** The version that has `AWSCURRENT`. */
export function currentVersionId(description: SecretDescription): string | undefined {
  return versionLabelled(description, 'AWSCURRENT');
}

/** The version that has this label. */
export function versionLabelled({ stages }: SecretDescription, label: string): string | undefined {
  return Object.entries(stages).find(([, labels]) => labels.includes(label))?.[0];
}
