import {
  PutSecretValueCommand,
  RotateSecretCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import type { SecretsManager } from '../../../infra/local/secrets-manager/secrets-manager.ts';
import type { Point } from './points.ts';
import type { Scene } from './stage.ts';

/** As when Secrets Manager took a step for failed that is still running. */
export async function deliverAgain({ stage, secretId }: Scene, { step }: Point): Promise<void> {
  const { lambda, secretsManager } = stage.cloud;
  const ClientRequestToken = pendingVersionId(secretsManager, secretId);
  const event = { Step: step, SecretId: secretId, ClientRequestToken };
  const path = `/2015-03-31/functions/${encodeURIComponent(lambda.functionArn)}/invocations`;
  const response = await fetch(`${lambda.url}${path}`, {
    method: 'POST',
    body: JSON.stringify(event),
  });
  await response.arrayBuffer();
}

/** Something between is about to send the request a second time. */
export function noteRepeat({ stage, secretId, repeats }: Scene, { operation }: Point): void {
  const current = JSON.parse(stage.cloud.secretsManager.valueOf(secretId, 'AWSCURRENT') ?? '{}');
  if (operation === 'rotate') {
    repeats.push({ dead: !stage.gitlab.isAlive(current.token) });
  }
}

/** Somebody starts another rotation. */
export function startRotation({ stage, secretId }: Scene): Promise<unknown> {
  return stage.cloud.operator.send(new RotateSecretCommand({ SecretId: secretId }));
}

/** Somebody changes another field of the secret, whose token stays. */
export function editSecret({ stage, secretId }: Scene): Promise<unknown> {
  const { operator, secretsManager } = stage.cloud;
  const current = JSON.parse(secretsManager.valueOf(secretId, 'AWSCURRENT') ?? '{}');
  const SecretString = JSON.stringify({ ...current, note: 'edited by hand' });
  return operator.send(new PutSecretValueCommand({ SecretId: secretId, SecretString }));
}

/** Somebody puts another token of the project. */
export function replaceToken({ stage, secretId, project }: Scene): Promise<unknown> {
  const { gitlab, cloud } = stage;
  const scopes = ['self_rotate'];
  const { id, token } = gitlab.createAccessToken({ resource: project, scopes });
  const SecretString = JSON.stringify({ token, tokenId: String(id), projectId: project.path });
  return cloud.operator.send(new PutSecretValueCommand({ SecretId: secretId, SecretString }));
}

/** Somebody does what AWS advises for a stuck rotation. */
export function dropPending({ stage, secretId }: Scene): Promise<unknown> {
  const { operator, secretsManager } = stage.cloud;
  return operator.send(
    new UpdateSecretVersionStageCommand({
      SecretId: secretId,
      VersionStage: 'AWSPENDING',
      RemoveFromVersionId: pendingVersionId(secretsManager, secretId),
    }),
  );
}

function pendingVersionId(secretsManager: SecretsManager, secretId: string): string | undefined {
  const { versions } = secretsManager.snapshot(secretId);
  return versions.find(({ labels }) => labels.includes('AWSPENDING'))?.versionId;
}
