import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { createSecret, put, versionId } from './actions.ts';
import { type Rig, startRig } from './rig.ts';

const SecretId = 'token';

async function lastRead({ client }: Rig) {
  const { LastAccessedDate: secret } = await client.send(new DescribeSecretCommand({ SecretId }));
  const { Versions = [] } = await client.send(new ListSecretVersionIdsCommand({ SecretId }));
  const versions = Object.fromEntries(
    Versions.map(({ VersionId = '', LastAccessedDate }) => [
      VersionId.slice(0, 2),
      LastAccessedDate,
    ]),
  );
  return { secret, versions };
}

describe('LastAccessedDate', () => {
  it('is absent before the first read, whatever is described and listed', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    await lastRead(rig);

    expect(await lastRead(rig)).toEqual({ secret: undefined, versions: { v1: undefined } });
  });

  it('is the day of the last read, of the secret and of the version that was read', async () => {
    let now = new Date('2026-11-22T09:00:00Z');
    await using rig = await startRig({ now: () => now });
    await createSecret(rig);
    await put(rig, 'v2');
    await rig.client.send(new GetSecretValueCommand({ SecretId }));
    now = new Date('2026-11-24T23:59:59Z');
    await rig.client.send(new GetSecretValueCommand({ SecretId, VersionId: versionId('v1') }));

    expect(await lastRead(rig)).toEqual({
      secret: new Date('2026-11-24T00:00:00Z'),
      versions: { v1: new Date('2026-11-24T00:00:00Z'), v2: new Date('2026-11-22T00:00:00Z') },
    });
  });

  it('does not come from a read that finds no value', async () => {
    await using rig = await startRig();
    await createSecret(rig);

    const call = rig.client.send(
      new GetSecretValueCommand({ SecretId, VersionStage: 'AWSPENDING' }),
    );

    await expect(call).rejects.toThrow();
    expect(await lastRead(rig)).toMatchObject({ secret: undefined });
  });
});
