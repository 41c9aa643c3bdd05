import {
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { type Rig, startRig } from '../../../../rig/local/secrets-manager-rig.ts';
import { createSecret, put, refusal, rotate, rotates, versionId } from '../actions.ts';

const SecretId = 'token';

async function listAll({ client }: Rig) {
  const { Versions = [] } = await client.send(
    new ListSecretVersionIdsCommand({ SecretId, IncludeDeprecated: true }),
  );
  return Versions;
}

function readVersion({ client }: Rig, VersionId: string) {
  return client.send(new GetSecretValueCommand({ SecretId, VersionId }));
}

async function takeOffPending({ client }: Rig, RemoveFromVersionId: string): Promise<void> {
  await client.send(
    new UpdateSecretVersionStageCommand({
      SecretId,
      VersionStage: 'AWSPENDING',
      RemoveFromVersionId,
    }),
  );
}

describe('the list of all versions', () => {
  it('says how old each is, in an order that does not', async () => {
    let now = new Date('2026-11-22T09:00:00.125Z');
    await using rig = await startRig({ now: () => now });
    await createSecret(rig);
    now = new Date('2026-11-22T10:00:00.250Z');
    await put(rig, 'b');
    now = new Date('2026-11-22T11:00:00.500Z');
    await put(rig, 'a');

    const KmsKeyIds = ['DefaultEncryptionKey'];
    expect(await listAll(rig)).toEqual([
      {
        VersionId: versionId('a'),
        VersionStages: ['AWSCURRENT'],
        CreatedDate: new Date('2026-11-22T11:00:00.500Z'),
        KmsKeyIds,
      },
      {
        VersionId: versionId('b'),
        VersionStages: ['AWSPREVIOUS'],
        CreatedDate: new Date('2026-11-22T10:00:00.250Z'),
        KmsKeyIds,
      },
      {
        VersionId: versionId('v1'),
        CreatedDate: new Date('2026-11-22T09:00:00.125Z'),
        KmsKeyIds,
      },
    ]);
  });

  it('leads to the values of deprecated versions', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    await put(rig, 'v2');
    await put(rig, 'v3');

    const read = await readVersion(rig, versionId('v1'));

    expect(read).toMatchObject({ SecretString: 'first', CreatedDate: expect.any(Date) });
    expect(read).not.toHaveProperty('VersionStages');
  });

  it('leads to the value of a rotation that lost its label', async () => {
    await using rig = await startRig({ maxAttempts: 1 });
    await createSecret(rig);
    const rotating = rotates(rig);
    rig.script((event) => {
      if (event.Step === 'testSecret') {
        throw new Error('as the test says');
      }
      return rotating(event);
    });
    const id = await rotate(rig);
    await rig.secretsManager.rotationEnded(SecretId);

    await takeOffPending(rig, id);

    const listed = (await listAll(rig)).find(({ VersionId }) => VersionId === id);
    expect(listed).toMatchObject({ VersionId: id, CreatedDate: expect.any(Date) });
    expect(listed).not.toHaveProperty('VersionStages');
    expect(await readVersion(rig, id)).toMatchObject({ SecretString: 'successor-1' });
  });

  it('has the version of a rotation that stored nothing, and no value is found there', async () => {
    await using rig = await startRig({ maxAttempts: 1 });
    await createSecret(rig);
    rig.script(() => {
      throw new Error('as the test says');
    });
    const id = await rotate(rig);
    await rig.secretsManager.rotationEnded(SecretId);
    const before = await listAll(rig);

    await takeOffPending(rig, id);

    const placeholder = before.find(({ VersionId }) => VersionId === id);
    expect(placeholder).toMatchObject({ VersionStages: ['AWSPENDING'] });
    expect(placeholder).not.toHaveProperty('KmsKeyIds');
    expect((await listAll(rig)).map(({ VersionId }) => VersionId)).toContain(id);
    await expect(readVersion(rig, id)).rejects.toMatchObject(refusal('ResourceNotFoundException'));
  });

  it('can miss the latest versions', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    await put(rig, 'v2');

    rig.secretsManager.staleReads({ operation: 'ListSecretVersionIds' });

    expect(await listAll(rig)).toHaveLength(1);
    expect(await listAll(rig)).toHaveLength(2);
  });
});
