import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { CreateSecretCommand, RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { expect, it } from 'vitest';
import { startCloud } from '../../../infra/local/cloud/cloud.ts';
import { createDemoTokens } from '../../../infra/local/demo/demo-gitlab.ts';
import { startGitLab } from '../../../infra/local/gitlab/gitlab.ts';
import { sharedBundle } from '../../rig/vitest/shared-bundle.ts';

it('the bundle rotates well behind a box that sends interim answers and compresses the rest', async () => {
  await using gitlab = await startGitLab();
  await using box = await startBox(gitlab.url);
  const { port } = box.address() as AddressInfo;
  await using cloud = await startCloud({
    gitlabUrl: `http://127.0.0.1:${port}`,
    bundle: sharedBundle(),
    maxAttempts: 1,
  });
  const { operator, secretsManager, lambda, sns } = cloud;
  const { secretString: SecretString } = createDemoTokens(gitlab, {});
  const { ARN: secretId = '' } = await operator.send(
    new CreateSecretCommand({ Name: 'app/gitlab-token', SecretString }),
  );

  await operator.send(
    new RotateSecretCommand({ SecretId: secretId, RotationLambdaARN: lambda.functionArn }),
  );

  await expect(secretsManager.rotationEnded(secretId)).resolves.toMatchObject({
    kind: 'succeeded',
    attempts: 1,
  });
  const { token } = JSON.parse(secretsManager.valueOf(secretId, 'AWSCURRENT') ?? '{}');
  expect(gitlab.isActive(token)).toBe(true);
  expect(gitlab.rotateRequests.map(({ status }) => status)).toEqual([200]);
  expect(sns.messages).toEqual([]);
});

/** Passes every request on; whatever the answer, it says 100, 102 and 103 first, and answers in gzip. */
async function startBox(gitlabUrl: string): Promise<Server> {
  const server = createServer(async (request, response) => {
    const { method = 'GET', url = '/', headers } = request;
    response.writeContinue();
    response.writeProcessing();
    response.writeEarlyHints({ link: '</styles.css>; rel=preload' });
    const answer = await fetch(`${gitlabUrl}${url}`, {
      method,
      headers: { authorization: `${headers.authorization}`, 'content-type': 'application/json' },
      ...(method !== 'GET' && { body: Buffer.concat(await request.toArray()) }),
    });
    const body = gzipSync(Buffer.from(await answer.arrayBuffer()));
    response.writeHead(answer.status, { 'content-encoding': 'gzip' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
