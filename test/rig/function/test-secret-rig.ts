import {
  PutSecretValueCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { type Rig, startRig } from './rig.ts';

/** A rotation that has come as far as testSecret. */
export async function startRotated(props: Parameters<typeof startRig>[0] = {}): Promise<Rig> {
  const rig = await startRig(props);
  await rig.run('createSecret');
  return rig;
}

/** Brings a rotation as far as finishSecret. */
export async function upToFinish<T extends Rig>(rig: T): Promise<T> {
  await rig.run('createSecret');
  await rig.run('testSecret');
  return rig;
}

/** As AWS does when a rotation is through; as people do when it is not. */
export async function dropPending({ client, secretId, request }: Rig): Promise<void> {
  await client.send(
    new UpdateSecretVersionStageCommand({
      SecretId: secretId,
      VersionStage: 'AWSPENDING',
      RemoveFromVersionId: request.versionId,
    }),
  );
}

/** A value for the open version, put by hand. */
export async function putPending({ client, secretId, request }: Rig, value: string): Promise<void> {
  await client.send(
    new PutSecretValueCommand({
      SecretId: secretId,
      ClientRequestToken: request.versionId,
      SecretString: value,
      VersionStages: ['AWSPENDING'],
    }),
  );
}

/** `YYYY-MM-DD`, so many days from now. */
export function dayIn({ clock }: Rig, days: number): string {
  return new Date(clock.now().getTime() + days * 86_400_000).toISOString().slice(0, 10);
}

/** Lets AWS have planned the next rotation for another day than the interval says. */
export function planNextRotation({ clock, services: { secrets } }: Rig, days: number): void {
  const { describe: read } = secrets;
  secrets.describe = async (...asked) => ({
    ...(await read.call(secrets, ...asked)),
    nextRotationDate: new Date(clock.now().getTime() + days * 86_400_000),
  });
}

/** Of the version that consumers read. */
export function currentVersionId({ secretsManager, secretId }: Rig): string | undefined {
  const { versions } = secretsManager.snapshot(secretId);
  return versions.find(({ labels }) => labels.includes('AWSCURRENT'))?.versionId;
}

/** Lets the next read of the current value fail. */
export function failToReadCurrent({ services: { secrets } }: Rig): void {
  const { readCurrent } = secrets;
  secrets.readCurrent = () => {
    secrets.readCurrent = readCurrent;
    return Promise.reject(new TypeError('once'));
  };
}
