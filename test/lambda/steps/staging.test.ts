import { CancelRotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { startRig } from '../../rig/function/rig.ts';

describe('readStaging', () => {
  it('refuses when rotation was switched off', async () => {
    await using rig = await startRig();
    await rig.client.send(new CancelRotateSecretCommand({ SecretId: rig.secretId }));

    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'ROTATION_NOT_ENABLED' });

    expect(rig.gitlab.calls).toEqual([]);
  });

  it('refuses a version that Secrets Manager does not know', async () => {
    await using rig = await startRig();
    const versionId = '22222222-2222-2222-2222-222222222222';

    await expect(rig.run('createSecret', { ...rig.request, versionId })).rejects.toMatchObject({
      code: 'VERSION_NOT_STAGED',
      details: { labels: [] },
    });
  });

  it('refuses a version that carries other labels only', async () => {
    await using rig = await startRig();
    await rig.run('createSecret');
    await rig.run('finishSecret');
    const [previous] = rig.secretsManager.snapshot(rig.secretId).versions;
    const versionId = previous?.versionId ?? '';

    await expect(rig.run('finishSecret', { ...rig.request, versionId })).rejects.toMatchObject({
      code: 'VERSION_NOT_STAGED',
      details: { labels: ['AWSPREVIOUS'] },
    });
  });

  it('waits for a label that is not visible yet', async () => {
    await using rig = await startRig();
    rig.secretsManager.staleReads({ operation: 'DescribeSecret', times: 3, writesBehind: 2 });

    await rig.run('createSecret');

    expect(rig.clock.pauses).toEqual([250, 500, 1000]);
    expect(rig.value('AWSPENDING')?.token).toBe('successor-1');
  });

  it('waits for twelve seconds and no longer', async () => {
    await using rig = await startRig();
    rig.secretsManager.staleReads({ operation: 'DescribeSecret', times: 100, writesBehind: 2 });

    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'ROTATION_NOT_ENABLED' });

    expect(rig.clock.pauses).toEqual([250, 500, 1000, 2000, 4000, 4000, 250]);
  });

  it('fails at once when the secret is unknown', async () => {
    await using rig = await startRig();
    const secretId = `${rig.secretId.slice(0, -6)}zzzzzz`;

    await expect(rig.run('createSecret', { ...rig.request, secretId })).rejects.toMatchObject({
      code: 'SECRET_MISSING',
    });

    expect(rig.clock.pauses).toEqual([]);
  });
});
