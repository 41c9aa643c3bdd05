import { describe, expect, it } from 'vitest';
import { callRaw, FUNCTION_ARN, startRig } from '../../../../rig/local/secrets-manager-rig.ts';
import { createSecret, versionId } from '../actions.ts';

const SecretId = 'token';
const ClientRequestToken = versionId('v2');

describe('a text that is longer than the API allows', () => {
  it.each([
    ['CreateSecret', { Name: 'x'.repeat(513), ClientRequestToken }, 'name', 512],
    ['DescribeSecret', { SecretId: 'x'.repeat(2049) }, 'secretId', 2048],
    [
      'PutSecretValue',
      { SecretId, SecretString: 'second', ClientRequestToken: 'x'.repeat(65) },
      'clientRequestToken',
      64,
    ],
    [
      'PutSecretValue',
      { SecretId, SecretString: 'x'.repeat(65_537), ClientRequestToken },
      'secretString',
      65_536,
    ],
    [
      'PutSecretValue',
      { SecretId, SecretBinary: Buffer.alloc(65_537).toString('base64'), ClientRequestToken },
      'secretBinary',
      65_536,
    ],
    [
      'RotateSecret',
      { SecretId, RotationLambdaARN: 'x'.repeat(2049), ClientRequestToken },
      'rotationLambdaARN',
      2048,
    ],
    [
      'RotateSecret',
      {
        SecretId,
        RotationLambdaARN: FUNCTION_ARN,
        RotationRules: { ScheduleExpression: `rate(${' '.repeat(256)})` },
        ClientRequestToken,
      },
      'rotationRules.scheduleExpression',
      256,
    ],
  ])('is refused by %s: %#', async (operation, body, member, max) => {
    await using rig = await startRig();
    await createSecret(rig);
    const before = rig.secretsManager.snapshot(SecretId);

    const answer = await callRaw(rig.secretsManager, operation, body);

    const Message = `1 validation error detected: Value at '${member}' failed to satisfy constraint: Member must have length less than or equal to ${max}`;
    expect(answer).toMatchObject({ status: 400, body: { __type: 'ValidationException', Message } });
    expect(rig.secretsManager.snapshot(SecretId)).toEqual(before);
  });
});

describe('what is neither a name nor an ARN', () => {
  it.each([
    ['DescribeSecret', {}],
    ['GetSecretValue', {}],
    ['PutSecretValue', { SecretString: 'second', ClientRequestToken }],
    ['ListSecretVersionIds', {}],
    ['DeleteSecret', {}],
    ['DeleteSecret', { ForceDeleteWithoutRecovery: true }],
  ])('is refused by %s', async (operation, body) => {
    await using rig = await startRig();

    const answer = await callRaw(rig.secretsManager, operation, { SecretId: 'a name', ...body });

    const Message =
      'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!';
    expect(answer).toMatchObject({ status: 400, body: { __type: 'ValidationException', Message } });
  });
});

describe('RotateSecret', () => {
  it('looks at the token before it looks for the secret', async () => {
    await using rig = await startRig();

    const answer = await callRaw(rig.secretsManager, 'RotateSecret', { SecretId: 'unknown' });

    const Message = 'You must provide a ClientRequestToken value. We recommend a UUID-type value.';
    expect(answer).toMatchObject({
      status: 400,
      body: { __type: 'InvalidParameterException', Message },
    });
  });
});
