import { invalidRequest, markedForDeletion, noValueFor } from './errors.ts';
import { secretId } from './names.ts';
import { identity, presentStages, seconds } from './replies.ts';
import type { RequestFields } from './request.ts';
import type { RotationConfiguration, RotationRules } from './rotation-schedule.ts';
import type { Secret, SecretsState } from './state.ts';
import type { VersionPages } from './version-pages.ts';
import { AWSCURRENT, holderOf, type SecretVersion, versionOf } from './versions.ts';

const DAY_MS = 86_400_000;
/** What ListSecretVersionIds calls the key that AWS manages. */
const DEFAULT_KEY = 'DefaultEncryptionKey';

/** GetSecretValue, DescribeSecret and ListSecretVersionIds. */
export function readingOperations(state: SecretsState, pages: VersionPages, now: () => Date) {
  // The day of the last read, by ARN and by version. In memory: a read is no write to the secret.
  const readOn = new Map<string, number>();

  function noteRead({ arn }: Secret, versionId: string): void {
    const today = Math.floor(now().getTime() / DAY_MS) * DAY_MS;
    readOn.set(arn, today).set(`${arn} ${versionId}`, today);
  }

  return {
    GetSecretValue(fields: RequestFields): object {
      const secret = state.view('GetSecretValue', secretId(fields));
      if (secret.deletedAt !== undefined) {
        throw markedForDeletion();
      }
      const { versionId, value, labels, createdAt } = wantedVersion(secret, fields);
      noteRead(secret, versionId);
      return {
        ...identity(secret),
        VersionId: versionId,
        [value.kind === 'string' ? 'SecretString' : 'SecretBinary']: value.text,
        VersionStages: presentStages(labels),
        CreatedDate: seconds(createdAt),
      };
    },

    DescribeSecret(fields: RequestFields): object {
      const secret = state.view('DescribeSecret', secretId(fields));
      return { ...describe(secret), LastAccessedDate: seconds(readOn.get(secret.arn)) };
    },

    ListSecretVersionIds(fields: RequestFields): object {
      const secret = state.view('ListSecretVersionIds', secretId(fields));
      const { versions, nextToken } = pages.page(secret, fields);
      return {
        ...identity(secret),
        Versions: versions.map(({ versionId, labels, createdAt, value }) => ({
          VersionId: versionId,
          VersionStages: presentStages(labels),
          LastAccessedDate: seconds(readOn.get(`${secret.arn} ${versionId}`)),
          CreatedDate: seconds(createdAt),
          KmsKeyIds: value && [secret.kmsKeyId || DEFAULT_KEY],
        })),
        NextToken: nextToken,
      };
    },
  };
}

function wantedVersion(
  secret: Secret,
  fields: RequestFields,
): SecretVersion & Required<Pick<SecretVersion, 'value'>> {
  const versionId = fields.text('VersionId');
  const label = fields.text('VersionStage');
  const stage = label ?? AWSCURRENT;
  const version = versionId === undefined ? holderOf(secret, stage) : versionOf(secret, versionId);
  if (!version?.value) {
    throw noValueFor(
      versionId === undefined ? `staging label: ${stage}` : `VersionId: ${versionId}`,
    );
  }
  if (label !== undefined && !version.labels.includes(label)) {
    throw invalidRequest(
      'You provided a VersionStage that is not associated to the provided VersionId.',
    );
  }
  return { ...version, value: version.value };
}

function describe(secret: Secret): object {
  const { rotation, tags } = secret;
  const labelled = secret.versions.filter(({ labels }) => labels.length > 0);
  return {
    ...identity(secret),
    Description: secret.description,
    KmsKeyId: secret.kmsKeyId,
    // Absent, not false, until rotation was configured for the first time.
    RotationEnabled: rotation?.enabled,
    RotationLambdaARN: rotation?.lambdaArn,
    RotationRules: rotation && presentRules(rotation),
    LastRotatedDate: seconds(secret.lastRotatedAt),
    LastChangedDate: seconds(secret.changedAt),
    DeletedDate: seconds(secret.deletedAt),
    NextRotationDate: seconds(secret.nextRotationAt),
    // Absent, not empty, until tags were attached for the first time.
    Tags: tags?.map(({ key, value }) => ({ Key: key, Value: value })),
    VersionIdsToStages:
      labelled.length > 0
        ? Object.fromEntries(labelled.map(({ versionId, labels }) => [versionId, labels]))
        : undefined,
    CreatedDate: seconds(secret.createdAt),
  };
}

/** The rules as they were given, and for an expression the days that it came to. */
function presentRules({ rules, calculatedDays }: RotationConfiguration): RotationRules | undefined {
  return rules && calculatedDays !== undefined
    ? { ...rules, AutomaticallyAfterDays: calculatedDays }
    : rules;
}
