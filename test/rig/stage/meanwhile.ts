import {
  PutSecretValueCommand,
  RotateSecretCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import type { SecretsManager } from '../../../infra/local/secrets-manager/secrets-manager.ts';
import { readHeld, secretStringFor } from './held.ts';
import type { Point } from './points.ts';
import type { Scene } from './stage.ts';

/** As when Secrets Manager took a step for failed that is still running. */
export async function deliverAgain(
  { stage, secretId }: Scene,
  { step }: Pick<Point, 'step'>,
): Promise<void> {
  const { lambda, secretsManager } = stage.cloud;
  const ClientRequestToken = pendingVersionId(secretsManager, secretId);
  const event = { Step: step, SecretId: secretId, ClientRequestToken };
  const path = `/2015-03-31/functions/${encodeURIComponent(lambda.functionArn)}/invocations`;
  const response = await fetch(`${lambda.url}${path}`, {
    method: 'POST',
    // A connection that has idled may be closed by now.
    headers: { connection: 'close' },
    body: JSON.stringify(event),
  });
  await response.arrayBuffer();
}

/** Something between is about to send the request a second time. */
export function noteRepeat({ stage, secretId, repeats }: Scene, { operation }: Point): void {
  const held = readHeld(stage.cloud.secretsManager.valueOf(secretId, 'AWSCURRENT'));
  const { standby } = held;
  if (operation === 'rotate') {
    repeats.push({ dead: !stage.gitlab.isActive((standby ?? held).token ?? '') });
  }
}

/** Somebody starts another rotation. */
export function startRotation({ stage, secretId }: Scene): Promise<unknown> {
  return stage.cloud.operator.send(new RotateSecretCommand({ SecretId: secretId }));
}

/** Somebody changes something else in the secret, whose token stays. */
export function editSecret({ stage, secretId, shape }: Scene): Promise<unknown> {
  const { operator, secretsManager } = stage.cloud;
  const current = secretsManager.valueOf(secretId, 'AWSCURRENT') ?? '{}';
  const SecretString =
    shape === 'plain text'
      ? `${current}\n`
      : JSON.stringify({ ...JSON.parse(current), note: 'edited by hand' });
  return operator.send(new PutSecretValueCommand({ SecretId: secretId, SecretString }));
}

/** Somebody puts another token of the project. */
export function replaceToken({ stage, secretId, project, shape }: Scene): Promise<unknown> {
  const { gitlab, cloud } = stage;
  const scopes = ['self_rotate'];
  const created = gitlab.createAccessToken({ resource: project, scopes });
  const { standby } = readHeld(cloud.secretsManager.valueOf(secretId, 'AWSCURRENT'));
  const SecretString = secretStringFor(shape, project, created, standby);
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
