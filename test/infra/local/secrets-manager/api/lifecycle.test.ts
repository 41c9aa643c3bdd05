import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  RestoreSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { startRig } from '../../../../rig/local/secrets-manager-rig.ts';
import { createSecret, labels, refusal, UNKNOWN_SECRET } from '../actions.ts';

const SecretId = 'token';

describe('DeleteSecret', () => {
  it('plans the end of the secret, 30 days away unless told otherwise', async () => {
    await using rig = await startRig({ now: () => new Date('2026-03-01T00:00:00Z') });
    await createSecret(rig);
    await rig.client.send(new CreateSecretCommand({ Name: 'other' }));

    const usual = await rig.client.send(new DeleteSecretCommand({ SecretId }));
    const soon = await rig.client.send(
      new DeleteSecretCommand({ SecretId: 'other', RecoveryWindowInDays: 7 }),
    );

    expect(usual.DeletionDate).toEqual(new Date('2026-03-31T00:00:00Z'));
    expect(soon.DeletionDate).toEqual(new Date('2026-03-08T00:00:00Z'));
  });

  it('W28: keeps the name taken until the secret is gone', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    await rig.client.send(new DeleteSecretCommand({ SecretId }));

    const creation = rig.client.send(new CreateSecretCommand({ Name: 'token' }));

    await expect(creation).rejects.toMatchObject(
      refusal(
        'InvalidRequestException',
        "You can't create this secret because a secret with this name is already scheduled for deletion.",
      ),
    );
  });

  it('W29: by force frees the name at once; the next secret has another ARN', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    const { arn } = rig.secretsManager.snapshot('token');

    await rig.client.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }));
    await createSecret(rig);

    const read = rig.client.send(new GetSecretValueCommand({ SecretId: arn }));
    expect(rig.secretsManager.snapshot('token').arn).not.toBe(arn);
    await expect(read).rejects.toMatchObject(UNKNOWN_SECRET);
  });

  it('does not mind a secret that does not exist only when forced', async () => {
    await using rig = await startRig();

    const forced = rig.client.send(
      new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }),
    );
    const planned = rig.client.send(new DeleteSecretCommand({ SecretId }));

    await expect(forced).resolves.toMatchObject({ Name: 'token' });
    await expect(planned).rejects.toMatchObject(UNKNOWN_SECRET);
  });

  it.each([
    { RecoveryWindowInDays: 6 },
    { RecoveryWindowInDays: 31 },
    { RecoveryWindowInDays: 7, ForceDeleteWithoutRecovery: true },
  ])('refuses %o', async (options) => {
    await using rig = await startRig();
    await createSecret(rig);

    const call = rig.client.send(new DeleteSecretCommand({ SecretId, ...options }));

    await expect(call).rejects.toMatchObject(refusal('InvalidParameterException'));
    expect(rig.secretsManager.snapshot('token')).not.toHaveProperty('deletedDate');
  });
});

describe('RestoreSecret', () => {
  it('takes the deletion back, with value and labels', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    await rig.client.send(new DeleteSecretCommand({ SecretId }));

    await rig.client.send(new RestoreSecretCommand({ SecretId }));

    const described = await rig.client.send(new DescribeSecretCommand({ SecretId }));
    expect(described).not.toHaveProperty('DeletedDate');
    expect(rig.secretsManager.valueOf('token', 'AWSCURRENT')).toBe('first');
    expect(await labels(rig)).toEqual({ v1: ['AWSCURRENT'] });
  });
});
