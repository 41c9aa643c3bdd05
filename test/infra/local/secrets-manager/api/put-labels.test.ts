import {
  CreateSecretCommand,
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { startRig } from '../../../../rig/local/secrets-manager-rig.ts';
import { createSecret, labels, promote, put, refusal, versionId } from '../actions.ts';

describe('the labels of a put', () => {
  it('W10: moves AWSCURRENT and AWSPREVIOUS by default; the old value stays readable', async () => {
    await using rig = await startRig();
    await createSecret(rig);

    await put(rig, 'v2');

    const old = await rig.client.send(
      new GetSecretValueCommand({ SecretId: 'token', VersionId: versionId('v1') }),
    );
    expect(await labels(rig)).toEqual({ v1: ['AWSPREVIOUS'], v2: ['AWSCURRENT'] });
    expect(old.SecretString).toBe('first');
  });

  it('W12: makes the first value current, whatever was asked', async () => {
    await using rig = await startRig();
    await rig.client.send(new CreateSecretCommand({ Name: 'token' }));

    const reply = await rig.client.send(
      new PutSecretValueCommand({
        SecretId: 'token',
        SecretString: 'first',
        VersionStages: ['AWSPENDING'],
      }),
    );

    expect(reply.VersionStages).toEqual(['AWSCURRENT', 'AWSPENDING']);
  });

  it('W13: makes the first value of a secret current by default', async () => {
    await using rig = await startRig();
    await rig.client.send(new CreateSecretCommand({ Name: 'token' }));

    await put(rig, 'v1');

    expect(await labels(rig)).toEqual({ v1: ['AWSCURRENT'] });
  });

  it('W14: leaves AWSCURRENT where it is for other labels, and replies with them sorted', async () => {
    await using rig = await startRig();
    await createSecret(rig);

    const reply = await rig.client.send(
      new PutSecretValueCommand({
        SecretId: 'token',
        SecretString: 'second',
        ClientRequestToken: versionId('v2'),
        VersionStages: ['S1', 'S0'],
      }),
    );

    expect(reply.VersionStages).toEqual(['S0', 'S1']);
    expect(await labels(rig)).toEqual({ v1: ['AWSCURRENT'], v2: ['S0', 'S1'] });
  });

  it('W15: takes a label from its holder and leaves it the others', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    await put(rig, 'v2', 'S1', 'S0');

    await put(rig, 'v3', 'S1');

    expect(await labels(rig)).toEqual({ v1: ['AWSCURRENT'], v2: ['S0'], v3: ['S1'] });
  });

  it('W16: a version that lost all its labels is gone from the list', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    await put(rig, 'v2', 'one', 'two', 'three');

    await put(rig, 'v3', 'one', 'two', 'three', 'four');

    const { Versions = [] } = await rig.client.send(
      new ListSecretVersionIdsCommand({ SecretId: 'token' }),
    );
    expect(Versions.map(({ VersionId }) => VersionId)).toEqual([versionId('v1'), versionId('v3')]);
    expect(await labels(rig)).not.toHaveProperty('v2');
  });

  it('W17: a pending value does not change the current one', async () => {
    await using rig = await startRig();
    await createSecret(rig);

    await put(rig, 'v2', 'AWSPENDING');

    const read = await rig.client.send(new GetSecretValueCommand({ SecretId: 'token' }));
    expect(read).toMatchObject({ SecretString: 'first', VersionStages: ['AWSCURRENT'] });
  });

  it('W18: moves AWSPENDING alone; another label of the version stays', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    await put(rig, 'v2', 'AWSPENDING', 'X');

    await put(rig, 'v3', 'AWSPENDING', 'Y');

    expect(await labels(rig)).toEqual({ v1: ['AWSCURRENT'], v2: ['X'], v3: ['AWSPENDING', 'Y'] });
  });

  it('W19: takes AWSPENDING from a version that is current as well', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    await put(rig, 'v2', 'AWSPENDING');
    await promote(rig, 'v2', 'v1');

    await put(rig, 'v3', 'AWSPENDING');

    expect(await labels(rig)).toEqual({
      v1: ['AWSPREVIOUS'],
      v2: ['AWSCURRENT'],
      v3: ['AWSPENDING'],
    });
  });

  it('W20: AWSPENDING vanishes from a version that loses AWSCURRENT to a put', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    await put(rig, 'v2', 'AWSPENDING');
    await promote(rig, 'v2', 'v1');

    await put(rig, 'v3');

    expect(await labels(rig)).toEqual({ v2: ['AWSPREVIOUS'], v3: ['AWSCURRENT'] });
  });

  it('W21: AWSCURRENT beside a label of one’s own moves AWSPREVIOUS too', async () => {
    await using rig = await startRig();
    await createSecret(rig);

    await put(rig, 'v2', 'AWSCURRENT', 'PUT0');

    expect(await labels(rig)).toEqual({ v1: ['AWSPREVIOUS'], v2: ['AWSCURRENT', 'PUT0'] });
  });

  it.each([
    ['no label at all', []],
    ['21 labels', Array.from({ length: 21 }, (_, index) => `L${index}`)],
    ['an empty label', ['']],
    ['a label of 257 characters', ['x'.repeat(257)]],
  ])('refuses %s', async (_, VersionStages) => {
    await using rig = await startRig();
    await createSecret(rig);
    const before = rig.secretsManager.snapshot('token');

    const call = rig.client.send(
      new PutSecretValueCommand({ SecretId: 'token', SecretString: 'second', VersionStages }),
    );

    await expect(call).rejects.toMatchObject(refusal('InvalidParameterException'));
    expect(rig.secretsManager.snapshot('token')).toEqual(before);
  });
});
