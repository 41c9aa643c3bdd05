import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateSecretCommand, RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { Duration } from 'aws-cdk-lib';
import { afterAll, expect, it } from 'vitest';
import { alertsOf, type Cloud, startCloud } from '../../../infra/local/cloud/cloud.ts';
import { createTemporaryFolder } from '../../../infra/local/cloud/temporary-folder.ts';
import { type GitLab, startGitLab } from '../../../infra/local/gitlab/gitlab.ts';
import { SimulatedClock } from '../../rig/clock/simulated-clock.ts';
import { createCertificate, createIssued } from '../../rig/scripted/certificate.ts';
import { deployedFunction, TOPIC_ARN } from './deployed-function.ts';

const folder = createTemporaryFolder('deployed-');
afterAll(() => folder[Symbol.dispose]());

/** A GitLab whose private authority the function trusts: the construct takes no http. */
async function startPrivateGitLab(clock: SimulatedClock) {
  const authority = await createCertificate('authority.example.com');
  const tls = await createIssued(authority, '127.0.0.1');
  const certificateAuthority = join(folder.path, 'ca.pem');
  writeFileSync(certificateAuthority, authority.cert);
  return { gitlab: await startGitLab({ tls, clock }), certificateAuthority };
}

/** Creates a secret with a new token of a project of its own, and rotates it. */
async function rotate(cloud: Cloud, gitlab: GitLab, name: string, field = 'token') {
  const { operator, secretsManager, lambda } = cloud;
  const { id, token } = gitlab.createAccessToken({
    resource: gitlab.addProject({ path: `group/${name}` }),
    name,
    scopes: ['self_rotate'],
    expiresAt: null,
  });
  const SecretString = JSON.stringify({ [field]: token, tokenId: String(id) });
  const { ARN: SecretId = '' } = await operator.send(
    new CreateSecretCommand({ Name: name, SecretString }),
  );
  await operator.send(new RotateSecretCommand({ SecretId, RotationLambdaARN: lambda.functionArn }));
  return await secretsManager.rotationEnded(SecretId);
}

it('starts with the variables of the template, and rotates each secret by its own settings', async () => {
  const clock = new SimulatedClock();
  const { gitlab, certificateAuthority } = await startPrivateGitLab(clock);
  await using _gitlab = gitlab;
  const deployed = deployedFunction({ gitlabUrl: gitlab.url, certificateAuthority }, (rotation) => {
    rotation.addSecret({ secretName: 'default' });
    rotation.addSecret({
      secretName: 'own',
      tokenLifetime: Duration.days(60),
      tokenField: 'value',
    });
    rotation.addSecret({ secretName: 'alternating', alternatingTokens: true });
  });
  await using cloud = await startCloud({ gitlabUrl: '', ...deployed, clock, maxAttempts: 1 });
  const rotateNext = (name: string, field?: string) =>
    clock.during(rotate(cloud, gitlab, name, field));

  await expect(rotateNext('default')).resolves.toMatchObject({ kind: 'succeeded', attempts: 1 });
  await expect(rotateNext('own', 'value')).resolves.toMatchObject({ kind: 'succeeded' });
  expect(alertsOf(cloud)).toEqual([]);
  await expect(rotateNext('alternating')).resolves.toMatchObject({ kind: 'failed' });

  // All that the local cloud sets by itself is in the template too.
  expect(Object.keys(deployed.environment ?? {}).sort()).toEqual([
    'FAILURE_TOPIC_ARN',
    'GITLAB_CA_FILE',
    'GITLAB_URL',
    'SECRET_SETTINGS',
    'TOKEN_LIFETIME_DAYS',
  ]);
  const expiryOf = (name: string) =>
    Date.parse(gitlab.tokens.findLast((token) => token.name === name)?.expiresAt ?? '');
  expect((expiryOf('default') - expiryOf('own')) / 86_400_000).toBe(30);
  expect(cloud.topicArn).toBe(TOPIC_ARN);
  expect(alertsOf(cloud)).toEqual([
    expect.objectContaining({
      subject: '[gitlab-token-rotation] SECRET_MALFORMED: alternating',
      email: expect.stringMatching(/^ *missing +standby$/m),
    }),
  ]);
});
