import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateSecretCommand, RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alertsOf, startCloud } from '../../../infra/local/cloud/cloud.ts';
import { createTemporaryFolder } from '../../../infra/local/cloud/temporary-folder.ts';
import { createDemoTokens } from '../../../infra/local/demo/demo-gitlab.ts';
import { startGitLab } from '../../../infra/local/gitlab/gitlab.ts';
import { SimulatedClock } from '../../rig/clock/simulated-clock.ts';
import {
  type Certificate,
  createCertificate,
  createExpired,
  createIssued,
} from '../../rig/scripted/certificate.ts';
import { startTunnelProxy } from '../../rig/scripted/tunnel-proxy.ts';
import { deployedFunction } from './deployed-function.ts';

/** Reached through the proxy only: the name does not resolve. */
const HOST = 'gitlab.invalid';
const NAME = 'app/gitlab-token';

const folder = createTemporaryFolder('private-tls-');
let authority: Certificate;
let other: Certificate;

beforeAll(async () => {
  [authority, other] = await Promise.all([
    createCertificate('authority.example.com'),
    createCertificate('other-authority.example.com'),
  ]);
});
afterAll(() => folder[Symbol.dispose]());

interface Way {
  /** What GitLab shows. @default - issued for its name by the private authority */
  readonly certificate?: Certificate;
  /** As certificateAuthority. @default - the private authority */
  readonly trusted?: Certificate;
  /** What the proxy answers to CONNECT. @default 200 */
  readonly proxyStatus?: number;
}

/** A GitLab with a private certificate behind a proxy, and a function deployed with props for both. */
async function startWorld({ certificate, trusted = authority, proxyStatus = 200 }: Way = {}) {
  await using servers = new AsyncDisposableStack();
  const clock = new SimulatedClock();
  const tls = certificate ?? (await createIssued(authority, HOST));
  const gitlab = servers.use(await startGitLab({ tls, clock }));
  const to = Number(new URL(gitlab.url).port);
  const proxy = servers.use(await startTunnelProxy({ to, status: proxyStatus }));
  const caFile = join(folder.path, 'gitlab-ca.pem');
  writeFileSync(caFile, trusted.cert);
  const settings = deployedFunction(
    {
      gitlabUrl: `https://${HOST}`,
      certificateAuthority: caFile,
      httpsProxy: `http://127.0.0.1:${proxy.port}`,
      noProxy: 'localhost,.example.com',
    },
    (rotation) => rotation.addSecret({ secretName: NAME }),
  );
  const cloud = servers.use(
    await startCloud({
      gitlabUrl: `https://${HOST}`,
      ...settings,
      clock,
      maxAttempts: 1,
    }),
  );
  const { operator, secretsManager, lambda } = cloud;
  const { secretString: SecretString, tokenId } = createDemoTokens(gitlab, {});
  const { ARN: SecretId = '' } = await operator.send(
    new CreateSecretCommand({ Name: NAME, SecretString }),
  );
  const rotate = async () => {
    await operator.send(
      new RotateSecretCommand({ SecretId, RotationLambdaARN: lambda.functionArn }),
    );
    return await secretsManager.rotationEnded(SecretId);
  };
  const running = servers.move();
  return {
    gitlab,
    proxy,
    cloud,
    isFirstActive: () => gitlab.tokens.find(({ id }) => id === tokenId)?.active,
    rotate: () => clock.during(rotate()),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

describe('the bundle, with a private authority behind a proxy', () => {
  it("rotates, and sends nothing but GitLab's requests through the proxy", async () => {
    await using world = await startWorld();

    await expect(world.rotate()).resolves.toMatchObject({ kind: 'succeeded', attempts: 1 });

    const { gitlab, proxy, cloud } = world;
    expect(gitlab.rotateRequests.map(({ status }) => status)).toEqual([200]);
    expect(world.isFirstActive()).toBe(false);
    expect(new Set(proxy.tunnels.map(({ target }) => target))).toEqual(new Set([`${HOST}:443`]));
    expect(proxy.tunnels).toHaveLength(gitlab.calls.length);
    expect(alertsOf(cloud)).toEqual([]);
  });

  it.each<[string, string, () => Way | Promise<Way>]>([
    ['another authority', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', () => ({ trusted: other })],
    [
      'an expired certificate',
      'CERT_HAS_EXPIRED',
      async () => ({ certificate: await createExpired(authority, HOST) }),
    ],
    [
      'a certificate for another host',
      'ERR_TLS_CERT_ALTNAME_INVALID',
      async () => ({ certificate: await createIssued(authority, 'gitlab.example.com') }),
    ],
    ['a proxy that refuses', 'PROXY_REFUSED', () => ({ proxyStatus: 403 })],
  ])('rotates nothing with %s, and names the reason: %s', async (_name, reason, wayOf) => {
    await using world = await startWorld(await wayOf());

    await expect(world.rotate()).resolves.toMatchObject({ kind: 'failed' });

    const [alert, ...more] = alertsOf(world.cloud);
    expect(alert?.subject).toContain('GITLAB_UNREACHABLE');
    expect(alert?.email).toContain(`The function got no usable answer from GitLab: ${reason}.`);
    expect(alert?.chat).toContain(reason);
    expect(more).toEqual([]);
    expect(world.proxy.tunnels.length).toBeGreaterThan(0);
    expect(world.gitlab.calls).toEqual([]);
    expect(world.isFirstActive()).toBe(true);
  });
});
