import {
  PutSecretValueCommand,
  RotateSecretCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { type HeldToken, readHeld, secretStringFor } from '../../../rig/stage/held.ts';
import { holderOf } from '../world/looks.ts';
import type { Name } from '../world/names.ts';
import type { World } from '../world/world.ts';

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
  const { standby } = readHeld(stage.cloud.secretsManager.valueOf(secretId, 'AWSCURRENT'));
  await stage.cloud.operator.send(
    new PutSecretValueCommand({
      SecretId: secretId,
      ClientRequestToken: pending.versionId,
      SecretString: secretStringFor(shape, project, created, standby),
      VersionStages: ['AWSPENDING'],
    }),
  );
}

/** Makes the pending version current, as alerts advise where it holds the only active token. */
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

/** Puts a new token in the place of the standby, as the runbook says where that is dead. */
export async function putStandby({ stage, scenes }: World, name: Name): Promise<void> {
  const { secretId: SecretId, project } = scenes[name];
  const scopes = ['self_rotate'];
  const { id, token } = stage.gitlab.createAccessToken({ resource: project, scopes });
  const current = JSON.parse(stage.cloud.secretsManager.valueOf(SecretId, 'AWSCURRENT') ?? '{}');
  const SecretString = JSON.stringify({ ...current, standby: { token, tokenId: String(id) } });
  await stage.cloud.operator.send(new PutSecretValueCommand({ SecretId, SecretString }));
}

/** Revokes at GitLab what consumers have. */
export function revokeCurrent(world: World, name: Name): void {
  revoke(world, holderOf(world, name, 'AWSCURRENT'));
}

/** Revokes at GitLab what consumers will have next, where the secret has a standby. */
export function revokeStandby(world: World, name: Name): void {
  revoke(world, holderOf(world, name, 'AWSCURRENT')?.standby);
}

function revoke({ stage }: World, held: HeldToken | undefined): void {
  if (held?.tokenId !== undefined) {
    stage.gitlab.revoke(held.tokenId);
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
