import { invalidRequest, markedForDeletion, noValueFor } from './errors.ts';
import { identity, presentStages, seconds } from './replies.ts';
import type { RequestFields } from './request.ts';
import type { Secret, SecretsState } from './state.ts';
import type { VersionPages } from './version-pages.ts';
import { AWSCURRENT, holderOf, type SecretVersion, versionOf } from './versions.ts';

/** GetSecretValue, DescribeSecret and ListSecretVersionIds. */
export function readingOperations(state: SecretsState, pages: VersionPages) {
  return {
    GetSecretValue(fields: RequestFields): object {
      const secret = state.view('GetSecretValue', fields.requiredText('SecretId'));
      if (secret.deletedAt !== undefined) {
        throw markedForDeletion();
      }
      const { versionId, value, labels, createdAt } = wantedVersion(secret, fields);
      return {
        ...identity(secret),
        VersionId: versionId,
        [value.kind === 'string' ? 'SecretString' : 'SecretBinary']: value.text,
        VersionStages: presentStages(labels),
        CreatedDate: seconds(createdAt),
      };
    },

    DescribeSecret(fields: RequestFields): object {
      return describe(state.view('DescribeSecret', fields.requiredText('SecretId')));
    },

    ListSecretVersionIds(fields: RequestFields): object {
      const secret = state.view('ListSecretVersionIds', fields.requiredText('SecretId'));
      const { versions, nextToken } = pages.page(secret, fields);
      return {
        ...identity(secret),
        Versions: versions.map(({ versionId, labels, createdAt }) => ({
          VersionId: versionId,
          VersionStages: presentStages(labels),
          CreatedDate: seconds(createdAt),
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
    RotationRules: rotation?.rules,
    LastRotatedDate: seconds(secret.lastRotatedAt),
    LastChangedDate: seconds(secret.changedAt),
    DeletedDate: seconds(secret.deletedAt),
    NextRotationDate: seconds(secret.nextRotationAt),
    Tags: tags.length > 0 ? tags.map(({ key, value }) => ({ Key: key, Value: value })) : undefined,
    VersionIdsToStages:
      labelled.length > 0
        ? Object.fromEntries(labelled.map(({ versionId, labels }) => [versionId, labels]))
        : undefined,
    CreatedDate: seconds(secret.createdAt),
  };
}
