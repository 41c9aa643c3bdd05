import {
  CancelRotateSecretCommand,
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { FUNCTION_ARN, startRig } from '../../../../rig/local/secrets-manager-rig.ts';
import { createSecret, put, refusal, UNKNOWN_SECRET, versionId } from '../actions.ts';

const MARKED_FOR_DELETION = refusal(
  'InvalidRequestException',
  "You can't perform this operation on the secret because it was marked for deletion.",
);

describe('GetSecretValue', () => {
  it('R1: gives value, version and labels, by name and by ARN', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    const { arn } = rig.secretsManager.snapshot('token');

    const byName = await rig.client.send(new GetSecretValueCommand({ SecretId: 'token' }));
    const byArn = await rig.client.send(new GetSecretValueCommand({ SecretId: arn }));

    const expected = {
      ARN: arn,
      Name: 'token',
      VersionId: versionId('v1'),
      SecretString: 'first',
      VersionStages: ['AWSCURRENT'],
      CreatedDate: expect.any(Date),
    };
    expect(byName).toMatchObject(expected);
    expect(byArn).toMatchObject(expected);
  });

  it('R1: gives binary back byte for byte', async () => {
    await using rig = await startRig();
    const bytes = Uint8Array.of(0, 255, 128, 10);
    await rig.client.send(new CreateSecretCommand({ Name: 'token', SecretBinary: bytes }));

    const read = await rig.client.send(new GetSecretValueCommand({ SecretId: 'token' }));

    expect(read.SecretBinary).toEqual(bytes);
    expect(read).not.toHaveProperty('SecretString');
  });

  it('R2: does not find a secret that does not exist', async () => {
    await using rig = await startRig();

    const get = rig.client.send(new GetSecretValueCommand({ SecretId: 'token' }));
    const list = rig.client.send(new ListSecretVersionIdsCommand({ SecretId: 'token' }));

    await expect(get).rejects.toMatchObject(UNKNOWN_SECRET);
    await expect(list).rejects.toMatchObject(UNKNOWN_SECRET);
  });

  it('R3: says that a secret without a value has none under AWSCURRENT', async () => {
    await using rig = await startRig();
    await rig.client.send(new CreateSecretCommand({ Name: 'token' }));

    const get = rig.client.send(new GetSecretValueCommand({ SecretId: 'token' }));

    await expect(get).rejects.toMatchObject(
      refusal(
        'ResourceNotFoundException',
        "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
      ),
    );
  });

  it.each(['AWSPREVIOUS', 'AWSPENDING'])(
    'R4: names the label %s that no version has',
    async (VersionStage) => {
      await using rig = await startRig();
      await createSecret(rig);

      const get = rig.client.send(new GetSecretValueCommand({ SecretId: 'token', VersionStage }));

      await expect(get).rejects.toMatchObject(
        refusal(
          'ResourceNotFoundException',
          `Secrets Manager can't find the specified secret value for staging label: ${VersionStage}`,
        ),
      );
    },
  );

  it('R5: names the version that does not exist', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    const VersionId = versionId('v9');

    const get = rig.client.send(new GetSecretValueCommand({ SecretId: 'token', VersionId }));

    await expect(get).rejects.toMatchObject(
      refusal(
        'ResourceNotFoundException',
        `Secrets Manager can't find the specified secret value for VersionId: ${VersionId}`,
      ),
    );
  });

  it('R6: refuses a version together with a label that it lacks', async () => {
    await using rig = await startRig();
    await createSecret(rig);

    const get = rig.client.send(
      new GetSecretValueCommand({
        SecretId: 'token',
        VersionId: versionId('v1'),
        VersionStage: 'AWSPENDING',
      }),
    );

    await expect(get).rejects.toMatchObject(
      refusal(
        'InvalidRequestException',
        'You provided a VersionStage that is not associated to the provided VersionId.',
      ),
    );
  });

  it('reads a version without labels by its id, and tells no labels', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    await put(rig, 'v2');
    await put(rig, 'v3');

    const read = await rig.client.send(
      new GetSecretValueCommand({ SecretId: 'token', VersionId: versionId('v1') }),
    );

    expect(read.SecretString).toBe('first');
    expect(read).not.toHaveProperty('VersionStages');
  });
});

describe('a secret that is marked for deletion', () => {
  const SecretId = 'token';
  const value = { SecretId, SecretString: 'second' };

  it.each([
    new GetSecretValueCommand({ SecretId }),
    new RotateSecretCommand({ SecretId, RotationLambdaARN: FUNCTION_ARN }),
    new CancelRotateSecretCommand({ SecretId }),
    new PutSecretValueCommand(value),
    new UpdateSecretVersionStageCommand({
      SecretId,
      VersionStage: 'X',
      MoveToVersionId: versionId('v1'),
    }),
  ])('R7: refuses $constructor.name and stays as it is', async (command) => {
    await using rig = await startRig();
    await createSecret(rig);
    await rig.client.send(new DeleteSecretCommand({ SecretId }));
    const before = rig.secretsManager.snapshot(SecretId);

    // The commands have no common type that `send` accepts.
    const call = rig.client.send(command as GetSecretValueCommand);

    await expect(call).rejects.toMatchObject(MARKED_FOR_DELETION);
    expect(rig.secretsManager.snapshot(SecretId)).toEqual(before);
  });

  it('R11: is still described, with its date and labels', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    const deletion = await rig.client.send(new DeleteSecretCommand({ SecretId }));

    const description = await rig.client.send(new DescribeSecretCommand({ SecretId }));

    expect(description.DeletedDate).toEqual(deletion.DeletionDate);
    expect(description.VersionIdsToStages).toEqual({ [versionId('v1')]: ['AWSCURRENT'] });
  });
});

describe('DescribeSecret', () => {
  it('R8: tells the same by name and ARN, and nothing of rotation before it is configured', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    const { arn } = rig.secretsManager.snapshot('token');

    const byName = await rig.client.send(new DescribeSecretCommand({ SecretId: 'token' }));
    const byArn = await rig.client.send(new DescribeSecretCommand({ SecretId: arn }));

    const { $metadata: _, ...described } = byName;
    expect(byArn).toMatchObject(described);
    expect(described.ARN).toBe(arn);
    expect(Object.keys(described)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^Rotation/)]),
    );
  });

  it('R9: tells no versions of a secret that was created without a value', async () => {
    await using rig = await startRig();

    const created = await rig.client.send(new CreateSecretCommand({ Name: 'token' }));
    const described = await rig.client.send(new DescribeSecretCommand({ SecretId: 'token' }));

    expect(created).toMatchObject({ Name: 'token', ARN: described.ARN });
    expect(created).not.toHaveProperty('VersionId');
    expect(described).not.toHaveProperty('VersionIdsToStages');
  });

  it('tells times that are neither milliseconds nor text', async () => {
    const now = new Date('2026-03-04T05:06:07.500Z');
    await using rig = await startRig({ now: () => now });
    await createSecret(rig);

    const described = await rig.client.send(new DescribeSecretCommand({ SecretId: 'token' }));

    expect(described.CreatedDate).toEqual(now);
    expect(described.LastChangedDate).toEqual(now);
  });
});

describe('a secret looked up by its ARN without the suffix', () => {
  it('R10: is found', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    const { arn } = rig.secretsManager.snapshot('token');

    const read = await rig.client.send(new GetSecretValueCommand({ SecretId: arn.slice(0, -7) }));

    expect(read).toMatchObject({ ARN: arn, SecretString: 'first' });
  });

  it('R10: is not found where its name ends like a suffix', async () => {
    await using rig = await startRig();
    const Name = 'token-a1b2c3';
    const { ARN = '' } = await rig.client.send(new CreateSecretCommand({ Name }));

    const byName = await rig.client.send(new DescribeSecretCommand({ SecretId: Name }));
    const byShortArn = rig.client.send(new DescribeSecretCommand({ SecretId: ARN.slice(0, -7) }));

    expect(byName.ARN).toBe(ARN);
    await expect(byShortArn).rejects.toMatchObject(UNKNOWN_SECRET);
  });
});
