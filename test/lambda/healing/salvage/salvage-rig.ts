import { PutSecretValueCommand, RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import type { RotationRequest } from '../../../../lambda/ports/secret-store.ts';
import type { Rig } from '../../../rig/function/rig.ts';

/** Begins another rotation, under an id of its own, whose steps the test runs itself. */
export async function beginAnew(
  { client, secretsManager, secretId }: Rig,
  versionId = '22222222-2222-2222-2222-222222222222',
): Promise<RotationRequest> {
  await client.send(new RotateSecretCommand({ SecretId: secretId, ClientRequestToken: versionId }));
  await secretsManager.rotationEnded(secretId);
  return { secretId, versionId };
}

/** Puts a value a minute later. @param label @default AWSCURRENT @returns the version */
export async function putLater(
  { client, clock, secretId }: Rig,
  value: string | Uint8Array,
  label = 'AWSCURRENT',
): Promise<string | undefined> {
  clock.advance(60_000);
  const put = typeof value === 'string' ? { SecretString: value } : { SecretBinary: value };
  const { VersionId } = await client.send(
    new PutSecretValueCommand({ SecretId: secretId, VersionStages: [label], ...put }),
  );
  return VersionId;
}
