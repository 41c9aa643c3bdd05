import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { startRig } from '../../../../rig/local/secrets-manager-rig.ts';
import { createSecret, labels, put, refusal, rotate, versionId } from '../actions.ts';

const SecretId = 'token';

describe('stale reads', () => {
  it('answer what was true before the last write, as often as planned', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    await put(rig, 'v2', 'AWSPENDING');

    rig.secretsManager.staleReads({ operation: 'DescribeSecret', times: 2 });

    expect(await labels(rig)).toEqual({ v1: ['AWSCURRENT'] });
    expect(await labels(rig)).toEqual({ v1: ['AWSCURRENT'] });
    expect(await labels(rig)).toEqual({ v1: ['AWSCURRENT'], v2: ['AWSPENDING'] });
  });

  it('miss as many writes as planned; a put that is ignored is none', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    await put(rig, 'v2');
    await put(rig, 'v3');
    await put(rig, 'v3');

    rig.secretsManager.staleReads({ operation: 'GetSecretValue', writesBehind: 2 });

    const stale = await rig.client.send(new GetSecretValueCommand({ SecretId }));
    const fresh = await rig.client.send(new GetSecretValueCommand({ SecretId }));
    expect([stale.SecretString, fresh.SecretString]).toEqual(['first', 'v3']);
  });

  it('are of one secret, where it is named', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    const { ARN: secretId = '' } = await rig.client.send(new DescribeSecretCommand({ SecretId }));
    await put(rig, 'v2');
    await rig.client.send(new CreateSecretCommand({ Name: 'other', SecretString: 'its value' }));

    rig.secretsManager.staleReads({ operation: 'GetSecretValue', secretId, times: 2 });

    const other = await rig.client.send(new GetSecretValueCommand({ SecretId: 'other' }));
    const stale = await rig.client.send(new GetSecretValueCommand({ SecretId: secretId }));
    expect([other.SecretString, stale.SecretString]).toEqual(['its value', 'first']);
  });

  it('can show rotation configured, and its version not yet', async () => {
    await using rig = await startRig({ maxAttempts: 1 });
    await createSecret(rig);
    const seen: unknown[] = [];
    rig.script(async () => {
      rig.secretsManager.staleReads({ operation: 'DescribeSecret' });
      const { RotationEnabled, VersionIdsToStages } = await rig.functionClient.send(
        new DescribeSecretCommand({ SecretId }),
      );
      seen.push({ RotationEnabled, VersionIdsToStages });
      throw new Error('seen enough');
    });

    await rotate(rig);
    await rig.secretsManager.rotationEnded(SecretId);

    expect(seen).toEqual([
      { RotationEnabled: true, VersionIdsToStages: { [versionId('v1')]: ['AWSCURRENT'] } },
    ]);
  });

  it('do not find a secret that was only just made', async () => {
    await using rig = await startRig();
    await createSecret(rig);

    rig.secretsManager.staleReads({ operation: 'GetSecretValue' });

    const read = rig.client.send(new GetSecretValueCommand({ SecretId }));
    await expect(read).rejects.toMatchObject(refusal('ResourceNotFoundException'));
  });

  it('touch no other operation, and no look from outside', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    await put(rig, 'v2');

    rig.secretsManager.staleReads({ operation: 'ListSecretVersionIds' });

    const read = await rig.client.send(new GetSecretValueCommand({ SecretId }));
    const listed = await rig.client.send(new ListSecretVersionIdsCommand({ SecretId }));
    const described = await rig.client.send(new DescribeSecretCommand({ SecretId }));
    expect(read.SecretString).toBe('v2');
    expect(listed.Versions).toHaveLength(1);
    expect(Object.keys(described.VersionIdsToStages ?? {})).toHaveLength(2);
    expect(rig.secretsManager.valueOf('token', 'AWSCURRENT')).toBe('v2');
  });
});

describe('a look from outside', () => {
  it('shows every version, deprecated ones and placeholders included, and is no call', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    await put(rig, 'v2');
    await put(rig, 'v3');
    const calls = rig.secretsManager.calls.length;

    const { versions, rotationEnabled } = rig.secretsManager.snapshot('token');

    expect(versions).toEqual([
      { versionId: versionId('v1'), labels: [], value: 'first' },
      { versionId: versionId('v2'), labels: ['AWSPREVIOUS'], value: 'v2' },
      { versionId: versionId('v3'), labels: ['AWSCURRENT'], value: 'v3' },
    ]);
    expect(rotationEnabled).toBe(false);
    expect(rig.secretsManager.valueOf('token', 'AWSPENDING')).toBeUndefined();
    expect(rig.secretsManager.calls).toHaveLength(calls);
  });
});
