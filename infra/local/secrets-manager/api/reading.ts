import { invalidRequest, markedForDeletion, noValueFor } from '../state/errors.ts';
import type { Secret } from '../state/secret.ts';
import type { SecretsState } from '../state/state.ts';
import { AWSCURRENT, holderOf, type SecretVersion, versionOf } from '../state/versions.ts';
import { secretId } from './members.ts';
import { identity, presentStages, seconds } from './replies.ts';
import type { RequestFields } from './request.ts';
import { versionPage } from './version-pages.ts';

/** What ListSecretVersionIds calls the key that AWS manages. */
const DEFAULT_KEY = 'DefaultEncryptionKey';

/** GetSecretValue, DescribeSecret and ListSecretVersionIds. */
export function readingOperations(state: SecretsState) {
  return {
    GetSecretValue(fields: RequestFields): object {
      const secret = state.view('GetSecretValue', secretId(fields));
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
      return describe(state.view('DescribeSecret', secretId(fields)));
    },

    ListSecretVersionIds(fields: RequestFields): object {
      const secret = state.view('ListSecretVersionIds', secretId(fields));
      const { versions, nextToken } = versionPage(secret, fields);
      return {
        ...identity(secret),
        Versions: versions.map(({ versionId, labels, createdAt, value }) => ({
          VersionId: versionId,
          VersionStages: presentStages(labels),
          CreatedDate: seconds(createdAt),
          KmsKeyIds: value && [DEFAULT_KEY],
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
  const { rotation, type } = secret;
  const labelled = secret.versions.filter(({ labels }) => labels.length > 0);
  return {
    ...identity(secret),
    Type: type,
    // Absent, not false, until rotation was configured for the first time.
    RotationEnabled: rotation?.enabled,
    RotationLambdaARN: rotation?.lambdaArn,
    RotationRules: rotation?.rules,
    ExternalSecretRotationRoleArn: rotation?.external?.roleArn,
    ExternalSecretRotationMetadata: rotation?.external?.metadata,
    LastRotatedDate: seconds(secret.lastRotatedAt),
    LastChangedDate: seconds(secret.changedAt),
    DeletedDate: seconds(secret.deletedAt),
    NextRotationDate: seconds(secret.nextRotationAt),
    VersionIdsToStages:
      labelled.length > 0
        ? Object.fromEntries(labelled.map(({ versionId, labels }) => [versionId, labels]))
        : undefined,
    CreatedDate: seconds(secret.createdAt),
  };
}
