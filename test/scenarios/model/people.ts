import {
  PutSecretValueCommand,
  RotateSecretCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { secretStringFor } from '../survival/held.ts';
import { holderOf } from './looks.ts';
import type { Name, World } from './world.ts';

/** Puts a new token under the id of the version that a rotation is making, as nobody should. */
export async function fillPending(world: World, name: Name): Promise<void> {
  const { stage, scenes } = world;
  const { secretId, project, shape } = scenes[name];
  const pending = holderOf(world, name, 'AWSPENDING');
  if (pending === undefined || pending.token !== undefined) {
    return;
  }
  const scopes = ['self_rotate'];
  const created = stage.gitlab.createAccessToken({ resource: project, scopes });
  await stage.cloud.operator.send(
    new PutSecretValueCommand({
      SecretId: secretId,
      ClientRequestToken: pending.versionId,
      SecretString: secretStringFor(shape, project, created),
      VersionStages: ['AWSPENDING'],
    }),
  );
}

/** Makes the pending version current, as alerts advise where it holds the only living token. */
export async function promotePending(world: World, name: Name): Promise<void> {
  const { stage, scenes } = world;
  await stage.cloud.operator.send(
    new UpdateSecretVersionStageCommand({
      SecretId: scenes[name].secretId,
      VersionStage: 'AWSCURRENT',
      MoveToVersionId: holderOf(world, name, 'AWSPENDING')?.versionId,
      RemoveFromVersionId: holderOf(world, name, 'AWSCURRENT')?.versionId,
    }),
  );
}

/** Puts the same value once more, as who is not sure of it does. */
export async function putAgain({ stage, scenes }: World, name: Name): Promise<void> {
  const { secretId: SecretId } = scenes[name];
  const SecretString = stage.cloud.secretsManager.valueOf(SecretId, 'AWSCURRENT');
  await stage.cloud.operator.send(new PutSecretValueCommand({ SecretId, SecretString }));
}

/** Revokes at GitLab what the secret holds. */
export function revokeCurrent(world: World, name: Name): void {
  const id = holderOf(world, name, 'AWSCURRENT')?.tokenId;
  if (id !== undefined) {
    world.stage.gitlab.revoke(id);
  }
}

/** Asks for a rotation, or for the dry run. @returns whether Secrets Manager began it */
export async function rotate(
  { stage, scenes }: World,
  name: Name,
  kind: 'rotation' | 'dry run' = 'rotation',
): Promise<boolean> {
  const { secretId } = scenes[name];
  try {
    await stage.cloud.operator.send(
      new RotateSecretCommand({ SecretId: secretId, RotateImmediately: kind === 'rotation' }),
    );
    return true;
  } catch {
    return false;
  }
}
