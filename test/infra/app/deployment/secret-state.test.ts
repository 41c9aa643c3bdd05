import { CreateSecretCommand, RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { expect, it, onTestFinished, vi } from 'vitest';
import { readSecretStates } from '../../../../infra/app/deployment/secret-state.ts';
import { FUNCTION_ARN, startRig } from '../../../rig/local/secrets-manager-rig.ts';

it('what Secrets Manager says of each secret is read with the credentials of the deployment', async () => {
  await using rig = await startRig();
  const { client, secretsManager } = rig;
  await client.send(new CreateSecretCommand({ Name: 'app/empty' }));
  await client.send(new CreateSecretCommand({ Name: 'app/full', SecretString: '{}' }));
  await client.send(
    new RotateSecretCommand({
      SecretId: 'app/full',
      RotationLambdaARN: FUNCTION_ARN,
      RotationRules: { AutomaticallyAfterDays: 30 },
      RotateImmediately: false,
    }),
  );
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  vi.stubEnv('AWS_ENDPOINT_URL_SECRETS_MANAGER', secretsManager.url);

  const states = await readSecretStates(
    [{ name: 'app/empty' }, { name: 'app/full' }, { name: 'app/none' }],
    {
      region: 'eu-central-1',
      credentials: { accessKeyId: 'AKIDOPERATOR', secretAccessKey: 'unused' },
    },
  );

  expect(states).toMatchObject([
    { name: 'app/empty', isRotated: false, hasValue: false, wasRotated: false },
    { name: 'app/full', isRotated: true, hasValue: true, wasRotated: false },
    { name: 'app/none', isRotated: undefined, error: 'ResourceNotFoundException' },
  ]);
});
