import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { callRaw, FUNCTION_ARN, startRig } from '../../../../rig/local/secrets-manager-rig.ts';
import { createSecret, labels, refusal, tokenInUse, versionId } from '../actions.ts';

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
