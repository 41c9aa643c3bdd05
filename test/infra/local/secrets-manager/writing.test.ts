import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  UpdateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { createSecret, labels, put, refusal, tokenInUse, versionId } from './actions.ts';
import { callRaw, FUNCTION_ARN, startRig } from './rig.ts';

const v1 = versionId('v1');
const SecretId = 'token';

describe('CreateSecret', () => {
  const creation = { Name: 'token', SecretString: 'Hello', ClientRequestToken: v1 };

  it('W1: makes the token the id of the first version', async () => {
    await using rig = await startRig();

    const reply = await rig.client.send(new CreateSecretCommand(creation));

    expect(reply.VersionId).toBe(v1);
    expect(reply.ARN).toMatch(
      /^arn:aws:secretsmanager:eu-central-1:111122223333:secret:token-[A-Za-z0-9]{6}$/,
    );
  });

  it('W2: refuses a second secret of the same name', async () => {
    await using rig = await startRig();
    await createSecret(rig);

    const again = rig.client.send(new CreateSecretCommand({ Name: 'token', SecretString: 'x' }));

    await expect(again).rejects.toMatchObject(
      refusal(
        'ResourceExistsException',
        'The operation failed because the secret token already exists.',
      ),
    );
    expect(rig.secretsManager.valueOf('token', 'AWSCURRENT')).toBe('first');
  });

  it('W3: answers the same call again as it did the first time', async () => {
    await using rig = await startRig();
    const { $metadata: _, ...first } = await rig.client.send(new CreateSecretCommand(creation));

    const { $metadata: __, ...second } = await rig.client.send(new CreateSecretCommand(creation));

    expect(second).toEqual(first);
  });

  it('W4: refuses the same token with another value', async () => {
    await using rig = await startRig();
    const { ARN = '' } = await rig.client.send(new CreateSecretCommand(creation));

    const again = rig.client.send(new CreateSecretCommand({ ...creation, SecretString: 'Hi' }));

    await expect(again).rejects.toMatchObject(tokenInUse(v1, ARN));
    expect(rig.secretsManager.valueOf('token', 'AWSCURRENT')).toBe('Hello');
  });

  it.each(['with space', 'token?', 'töken'])('W27: refuses the name "%s"', async (Name) => {
    await using rig = await startRig();

    const call = rig.client.send(new CreateSecretCommand({ Name }));

    await expect(call).rejects.toMatchObject(
      refusal(
        'ValidationException',
        'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
      ),
    );
  });

  it('W27: accepts every special character that it names', async () => {
    await using rig = await startRig();

    const reply = await rig.client.send(new CreateSecretCommand({ Name: 'a-/_+=.@!' }));

    expect(reply.Name).toBe('a-/_+=.@!');
  });
});

describe('UpdateSecret', () => {
  it('W7: ignores the same value under the same token, and refuses another', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    const { arn } = rig.secretsManager.snapshot('token');
    const given = { SecretId, ClientRequestToken: v1 };

    const same = await rig.client.send(
      new UpdateSecretCommand({ ...given, SecretString: 'first' }),
    );
    const other = rig.client.send(new UpdateSecretCommand({ ...given, SecretString: 'Hi' }));

    expect(same.VersionId).toBe(v1);
    await expect(other).rejects.toMatchObject(tokenInUse(v1, arn));
  });

  it('W22: keeps description and tags when a value is put or updated', async () => {
    await using rig = await startRig();
    const kept = { Description: 'for CI', Tags: [{ Key: 'team', Value: 'platform' }] };
    await rig.client.send(
      new CreateSecretCommand({ Name: 'token', SecretString: 'first', ...kept }),
    );

    await put(rig, 'v2');
    await rig.client.send(new UpdateSecretCommand({ SecretId, SecretString: 'third' }));

    const described = await rig.client.send(new DescribeSecretCommand({ SecretId }));
    const read = await rig.client.send(new GetSecretValueCommand({ SecretId }));
    expect(described).toMatchObject(kept);
    expect(read.SecretString).toBe('third');
  });

  it('W22: makes no version where no value is given', async () => {
    await using rig = await startRig();
    await createSecret(rig);

    const reply = await rig.client.send(
      new UpdateSecretCommand({ SecretId, Description: 'for CI' }),
    );

    const described = await rig.client.send(new DescribeSecretCommand({ SecretId }));
    expect(reply).not.toHaveProperty('VersionId');
    expect(described.Description).toBe('for CI');
    expect(await labels(rig)).toEqual({ v1: ['AWSCURRENT'] });
  });
});

describe('a raw call without ClientRequestToken', () => {
  it.each([
    ['PutSecretValue', { SecretId, SecretString: 'second' }, 'InvalidRequestException'],
    ['CreateSecret', { Name: 'other', SecretString: 'second' }, 'InvalidRequestException'],
    ['UpdateSecret', { SecretId, SecretString: 'second' }, 'InvalidRequestException'],
    ['RotateSecret', { SecretId, RotationLambdaARN: FUNCTION_ARN }, 'InvalidParameterException'],
  ])('W24: %s is refused', async (operation, body, __type) => {
    await using rig = await startRig();
    await createSecret(rig);

    const answer = await callRaw(rig.secretsManager, operation, body);

    const Message = 'You must provide a ClientRequestToken value. We recommend a UUID-type value.';
    expect(answer).toMatchObject({ status: 400, body: { __type, Message } });
    expect(await labels(rig)).toEqual({ v1: ['AWSCURRENT'] });
  });
});
