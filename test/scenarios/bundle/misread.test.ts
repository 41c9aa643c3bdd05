import {
  CreateSecretCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { startCloud } from '../../../infra/local/cloud/cloud.ts';
import { startGitLab } from '../../../infra/local/gitlab/gitlab.ts';
import { SimulatedClock } from '../../rig/clock/simulated-clock.ts';
import { invocationsOf } from '../../rig/local/lambda-rig.ts';
import { json } from '../../rig/scripted/scripted-aws.ts';
import { sharedBundle } from '../../rig/vitest/shared-bundle.ts';

/** The bundle in a process of its own, and a secret with this value; `first` is a token of a project. */
async function startWorld(secretString: string) {
  await using servers = new AsyncDisposableStack();
  const clock = new SimulatedClock();
  const gitlab = servers.use(await startGitLab({ clock }));
  const project = gitlab.addProject({ path: 'group/app' });
  const create = (value: string) =>
    gitlab.createAccessToken({ resource: project, scopes: ['self_rotate'], value });
  const { id } = create('first');
  const cloud = servers.use(
    await startCloud({ gitlabUrl: gitlab.url, bundle: sharedBundle(), clock, maxAttempts: 1 }),
  );
  const { secretsManager, operator, lambda, sns } = cloud;
  const { ARN: secretId = '' } = await operator.send(
    new CreateSecretCommand({ Name: 'app/gitlab-token', SecretString: secretString }),
  );
  const rotate = async () => {
    const RotationLambdaARN = lambda.functionArn;
    await operator.send(new RotateSecretCommand({ SecretId: secretId, RotationLambdaARN }));
    return secretsManager.rotationEnded(secretId);
  };
  const invoke = (event: object) =>
    fetch(`${lambda.url}${invocationsOf(lambda.functionArn)}`, {
      method: 'POST',
      body: JSON.stringify(event),
    });
  const running = servers.move();
  return {
    gitlab,
    operator,
    secretsManager,
    secretId,
    create,
    kill: () => gitlab.revoke(id),
    startedAt: clock.now().getTime(),
    now: () => clock.now().getTime(),
    rotate: () => clock.during(rotate()),
    invoke: (event: object) => clock.during(invoke(event)),
    /** What people are told: the attributes of each alert, and its text. */
    told: () =>
      sns.messages.map(({ attributes, textFor }) => ({
        code: attributes['code']?.value,
        risk: attributes['risk']?.value,
        step: attributes['step']?.value,
        email: textFor('email'),
      })),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

describe('the bundle', () => {
  it('finds an active token in a version that only a later page of the list shows', async () => {
    await using world = await startWorld('first');
    const { operator, secretsManager, secretId } = world;
    world.create('active');
    await operator.send(
      new PutSecretValueCommand({
        SecretId: secretId,
        SecretString: 'active',
        VersionStages: ['LOST'],
      }),
    );
    world.kill();
    const { Versions = [] } = await operator.send(
      new ListSecretVersionIdsCommand({ SecretId: secretId, IncludeDeprecated: true }),
    );
    const listed = Versions.map(({ CreatedDate, ...version }) => ({
      ...version,
      CreatedDate: Number(CreatedDate) / 1_000,
    }));
    const pages = [
      { Versions: [], NextToken: 'more' },
      { Versions: listed.slice(0, 1), NextToken: 'yet more' },
      { Versions: listed.slice(1) },
    ];
    for (const [index, page] of pages.entries()) {
      const list = { operation: 'ListSecretVersionIds', at: 'before', nth: index + 1 } as const;
      secretsManager.faults.add({ ...list, effect: { kind: 'answer', answer: json(page) } });
    }

    await expect(world.rotate()).resolves.toMatchObject({ kind: 'succeeded' });

    expect(secretsManager.valueOf(secretId, 'AWSCURRENT')).toBe('active');
    expect(world.gitlab.isActive('active')).toBe(true);
    const lists = secretsManager.calls.filter(
      ({ operation }) => operation === 'ListSecretVersionIds',
    );
    // One of them is the test's own.
    expect(lists).toHaveLength(4);
    expect(world.gitlab.rotateRequests).toEqual([]);
    expect(world.told()).toMatchObject([{ code: 'HEALED' }]);
  });

  it('sends nothing of a token that was stored with its quotes, and says so at once', async () => {
    await using world = await startWorld('"first"');

    await expect(world.rotate()).resolves.toMatchObject({ kind: 'failed' });

    expect(world.gitlab.calls).toEqual([]);
    expect(world.now() - world.startedAt).toBeLessThan(12_000);
    expect(world.told()).toMatchObject([
      { code: 'SECRET_MALFORMED', risk: 'none', step: 'createSecret' },
    ]);
    expect(world.told()[0]?.email).toContain('store the bare token without quotes');
  });

  it('names the step and the secret of an event in which something else is wrong', async () => {
    await using world = await startWorld('first');
    const { secretId } = world;

    await world.invoke({ Step: 'testSecret', SecretId: secretId, ClientRequestToken: 'none' });

    expect(world.told()).toMatchObject([
      { code: 'EVENT_INVALID', risk: 'unknown', step: 'testSecret' },
    ]);
    expect(world.told()[0]?.email).toContain(secretId);
  });
});
