import {
  CancelRotateSecretCommand,
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  RotateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { startSecretsManager } from '../../../../../infra/local/secrets-manager/secrets-manager.ts';
import {
  clientOf,
  FUNCTION_ALIAS_ARN,
  FUNCTION_ARN,
  startRig,
} from '../../../../rig/local/secrets-manager-rig.ts';
import { createSecret, put, refusal, rotate, rotates } from '../actions.ts';

const SecretId = 'token';

describe('RotateSecret', () => {
  it('T1: is refused while no function was ever named', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    const before = await rig.client.send(new DescribeSecretCommand({ SecretId }));

    const call = rig.client.send(
      new RotateSecretCommand({ SecretId, RotationRules: { AutomaticallyAfterDays: 30 } }),
    );

    await expect(call).rejects.toMatchObject(
      refusal(
        'InvalidRequestException',
        'No Lambda rotation function ARN is associated with this secret.',
      ),
    );
    const { $metadata: _, ...after } = await rig.client.send(
      new DescribeSecretCommand({ SecretId }),
    );
    expect(before).toMatchObject(after);
    expect(after).not.toHaveProperty('RotationEnabled');
  });

  it('T2: is refused for a function that does not exist, and keeps nothing of it', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    const before = rig.secretsManager.snapshot(SecretId);

    const call = rotate(rig, { RotationLambdaARN: `${FUNCTION_ARN}-missing` });

    await expect(call).rejects.toMatchObject(
      refusal(
        'AccessDeniedException',
        'Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access to the principal secretsmanager.amazonaws.com.',
      ),
    );
    expect(rig.secretsManager.snapshot(SecretId)).toEqual(before);
    expect(rig.invocations).toEqual([]);
  });

  it('T2: is refused where no Lambda API is named', async () => {
    await using secretsManager = await startSecretsManager();
    const client = clientOf(secretsManager, 'AKIDOPERATOR');
    await client.send(new CreateSecretCommand({ Name: SecretId }));

    const call = client.send(
      new RotateSecretCommand({ SecretId, RotationLambdaARN: FUNCTION_ARN }),
    );

    await expect(call).rejects.toMatchObject(refusal('AccessDeniedException'));
    client.destroy();
  });

  it('asks for the address of Lambda anew each time, where that starts later', async () => {
    let lambdaUrl = 'http://127.0.0.1:1';
    await using rig = await startRig({ lambdaUrl: () => lambdaUrl });
    await createSecret(rig);
    rig.script(rotates(rig));

    await expect(rotate(rig)).rejects.toMatchObject(refusal('AccessDeniedException'));
    lambdaUrl = rig.lambda.url;
    await rotate(rig);

    const outcome = await rig.secretsManager.rotationEnded(SecretId);
    expect(outcome).toMatchObject({ kind: 'succeeded' });
  });

  it('T2: is refused where no Lambda API answers', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    rig.lambda.pause();

    await expect(rotate(rig)).rejects.toMatchObject(refusal('AccessDeniedException'));

    await rig.lambda.resume();
  });

  it.each([
    { RotationRules: { AutomaticallyAfterDays: 0 } },
    { RotationRules: { AutomaticallyAfterDays: 1001 } },
    { RotationRules: { AutomaticallyAfterDays: 30, Duration: 'day' } },
    { RotationRules: { ScheduleExpression: 'rate(30 days)' } },
  ])('T3: is refused with rules out of bounds (%#)', async (options) => {
    await using rig = await startRig();
    await createSecret(rig);
    const before = rig.secretsManager.snapshot(SecretId);

    await expect(rotate(rig, options)).rejects.toMatchObject(refusal('InvalidParameterException'));

    expect(rig.secretsManager.snapshot(SecretId)).toEqual(before);
  });

  it('T9: is refused while AWSPENDING is on another version than the current', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    await put(rig, 'v2', 'AWSPENDING');
    const before = rig.secretsManager.snapshot(SecretId);

    await expect(rotate(rig)).rejects.toMatchObject(
      refusal(
        'InvalidRequestException',
        "A previous rotation isn't complete. That rotation will be reattempted.",
      ),
    );

    expect(rig.secretsManager.snapshot(SecretId)).toEqual(before);
    expect(rig.invocations).toEqual([]);
  });
});

describe('RotateSecret on a secret that rotates already', () => {
  it('takes another function, and keeps the rules', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    rig.script(rotates(rig));
    await rotate(rig);
    await rig.secretsManager.rotationEnded(SecretId);

    await rig.client.send(
      new RotateSecretCommand({ SecretId, RotationLambdaARN: FUNCTION_ALIAS_ARN }),
    );
    await rig.secretsManager.rotationEnded(SecretId);

    const described = await rig.client.send(new DescribeSecretCommand({ SecretId }));
    expect(described).toMatchObject({
      RotationLambdaARN: FUNCTION_ALIAS_ARN,
      RotationRules: { AutomaticallyAfterDays: 30 },
    });
    expect(rig.lambda.calls.at(-1)?.path).toContain(encodeURIComponent(FUNCTION_ALIAS_ARN));
  });

  it('is refused when the secret is deleted while the function is asked for', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    const run = () => rig.client.send(new DeleteSecretCommand({ SecretId }));
    rig.lambda.faults.add({ operation: 'GetFunction', at: 'after', effect: { kind: 'run', run } });

    await expect(rotate(rig)).rejects.toMatchObject(refusal('InvalidRequestException'));

    expect(rig.secretsManager.snapshot(SecretId).rotationEnabled).toBe(false);
  });
});

describe('CancelRotateSecret', () => {
  it('T12: turns rotation off and keeps the function', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    rig.script(rotates(rig));
    await rotate(rig);
    await rig.secretsManager.rotationEnded(SecretId);

    const reply = await rig.client.send(new CancelRotateSecretCommand({ SecretId }));

    const described = await rig.client.send(new DescribeSecretCommand({ SecretId }));
    expect(reply).not.toHaveProperty('VersionId');
    expect(described).toMatchObject({
      RotationEnabled: false,
      RotationLambdaARN: FUNCTION_ARN,
      RotationRules: { AutomaticallyAfterDays: 30 },
    });
    expect(described).not.toHaveProperty('NextRotationDate');
  });

  it('T13: is refused for a secret that is unknown, deleted, or never configured', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    await rig.client.send(new CreateSecretCommand({ Name: 'deleted' }));
    await rig.client.send(new DeleteSecretCommand({ SecretId: 'deleted' }));

    for (const id of ['unknown', 'deleted', SecretId]) {
      const call = rig.client.send(new CancelRotateSecretCommand({ SecretId: id }));

      await expect(call).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
    }
  });
});
