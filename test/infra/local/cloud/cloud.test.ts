import { writeFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateSecretCommand, RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { expect, it } from 'vitest';
import { type CloudProps, startCloud } from '../../../../infra/local/cloud/cloud.ts';

/** A function that does nothing but tell what it knows of a recovery secret. */
const TELLS = `export const handler = () => {
  console.log('recovery secret: ' + process.env.RECOVERY_SECRET_ARN);
};`;

async function startTelling(props: Partial<CloudProps> = {}) {
  await using resources = new AsyncDisposableStack();
  const folder = resources.use(await mkdtempDisposable(join(tmpdir(), 'cloud-')));
  const bundle = join(folder.path, 'index.mjs');
  writeFileSync(bundle, TELLS);
  const gitlabUrl = 'http://127.0.0.1:1';
  const cloud = resources.use(await startCloud({ gitlabUrl, bundle, maxAttempts: 1, ...props }));
  const { operator, lambda, secretsManager } = cloud;
  await operator.send(new CreateSecretCommand({ Name: 'token', SecretString: 'first' }));
  await operator.send(
    new RotateSecretCommand({ SecretId: 'token', RotationLambdaARN: lambda.functionArn }),
  );
  await secretsManager.rotationEnded('token');
  const running = resources.move();
  return { cloud, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

it('gives the function a recovery secret, of which it knows from its start', async () => {
  await using started = await startTelling({ recoverySecretString: 'recovery credential' });
  const { secretsManager, lambda, recoverySecretId = '' } = started.cloud;

  expect(recoverySecretId).toMatch(/:secret:recovery-\w{6}$/);
  expect(secretsManager.valueOf(recoverySecretId, 'AWSCURRENT')).toBe('recovery credential');
  expect(JSON.stringify(lambda.logs)).toContain(`recovery secret: ${recoverySecretId}`);
});

it('gives it none unless there is something to put into it', async () => {
  await using started = await startTelling();
  const { lambda, recoverySecretId } = started.cloud;

  expect(recoverySecretId).toBeUndefined();
  expect(JSON.stringify(lambda.logs)).toContain('recovery secret: undefined');
});
