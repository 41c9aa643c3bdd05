import {
  PutSecretValueCommand,
  RotateSecretCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { holderOf } from './looks.ts';
import type { Name, World } from './world.ts';

/** In whatever people edit, so that it is recognised where no part of a secret may be. */
export const NOTE = 'edited by hand';

/** Changes a field that is not the token's. */
export async function editSecret({ stage, scenes }: World, name: Name): Promise<void> {
  const { operator, secretsManager } = stage.cloud;
  const { secretId } = scenes[name];
  const current = JSON.parse(secretsManager.valueOf(secretId, 'AWSCURRENT') ?? '{}');
  const edits = (current.edits ?? 0) + 1;
  const SecretString = JSON.stringify({ ...current, note: NOTE, edits });
  await operator.send(new PutSecretValueCommand({ SecretId: secretId, SecretString }));
}

/** Makes another token at GitLab and puts it into the secret. */
export async function putNewToken(world: World, name: Name): Promise<void> {
  await put(world, name, {});
}

/** Puts it under the id of the version that a rotation is making, as nobody should. */
export async function fillPending(world: World, name: Name): Promise<void> {
  const pending = holderOf(world, name, 'AWSPENDING');
  if (pending !== undefined && pending.token === undefined) {
    const { versionId: ClientRequestToken } = pending;
    await put(world, name, { ClientRequestToken, VersionStages: ['AWSPENDING'] });
  }
}

async function put({ stage, scenes }: World, name: Name, options: object): Promise<void> {
  const { secretId, project } = scenes[name];
  const scopes = ['self_rotate'];
  const { id, token } = stage.gitlab.createAccessToken({ resource: project, scopes });
  const SecretString = JSON.stringify({ token, tokenId: String(id), projectId: project.path });
  await stage.cloud.operator.send(
    new PutSecretValueCommand({ SecretId: secretId, SecretString, ...options }),
  );
}

/** Takes `AWSPENDING` off whatever has it, as AWS advises where a rotation is stuck. */
export async function dropPending(world: World, name: Name): Promise<void> {
  await move(world, name, 'AWSPENDING', {
    RemoveFromVersionId: holderOf(world, name, 'AWSPENDING')?.versionId,
  });
}

/** Makes the pending version current, as alerts advise where it holds the only living token. */
export async function promotePending(world: World, name: Name): Promise<void> {
  await move(world, name, 'AWSCURRENT', {
    MoveToVersionId: holderOf(world, name, 'AWSPENDING')?.versionId,
    RemoveFromVersionId: holderOf(world, name, 'AWSCURRENT')?.versionId,
  });
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

async function move(
  { stage, scenes }: World,
  name: Name,
  label: string,
  versions: Pick<
    ConstructorParameters<typeof UpdateSecretVersionStageCommand>[0],
    'MoveToVersionId' | 'RemoveFromVersionId'
  >,
): Promise<void> {
  const { secretId } = scenes[name];
  await stage.cloud.operator.send(
    new UpdateSecretVersionStageCommand({ SecretId: secretId, VersionStage: label, ...versions }),
  );
}
