import {
  CancelRotateSecretCommand,
  CreateSecretCommand,
  DescribeSecretCommand,
  RotateSecretCommand,
  type RotateSecretCommandInput,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { startGitLab } from '../../../../../infra/local/gitlab/gitlab.ts';
import { FUNCTION_ARN, startRig } from '../../../../rig/local/secrets-manager-rig.ts';
import { eventNames, refusal } from '../actions.ts';

const SecretId = 'token';
const ROLE_ARN = 'arn:aws:iam::111122223333:role/managed';
const MANAGED = {
  SecretId,
  ExternalSecretRotationRoleArn: ROLE_ARN,
  ExternalSecretRotationMetadata: [{ Key: 'daysToExpiry', Value: '90' }],
  RotationRules: { AutomaticallyAfterDays: 30 },
};

type Value = Readonly<Record<string, string>>;

/** A secret with a type, and the GitLab of its token, which belongs to a project. */
async function startManaged({ Type = 'GitLabAccessToken' }: { readonly Type?: string } = {}) {
  await using servers = new AsyncDisposableStack();
  const gitlab = servers.use(await startGitLab());
  const rig = servers.use(await startRig({ maxAttempts: 1 }));
  const project = gitlab.addProject({ path: 'group/app' });
  const { id } = gitlab.createAccessToken({
    resource: project,
    scopes: ['self_rotate'],
    value: 'first',
  });
  const value: Value = {
    token: 'first',
    tokenId: String(id),
    gitlabUrl: gitlab.url,
    projectId: String(project.id),
  };
  const running = servers.move();
  return {
    rig,
    gitlab,
    value,
    create: (members: object) =>
      rig.client.send(
        new CreateSecretCommand({
          Name: SecretId,
          SecretString: JSON.stringify(members),
          ...(Type !== '' && { Type }),
        }),
      ),
    rotate: (input: Partial<RotateSecretCommandInput> = {}) =>
      rig.client.send(new RotateSecretCommand({ ...MANAGED, ...input })),
    current: (): Value => JSON.parse(rig.secretsManager.valueOf(SecretId, 'AWSCURRENT') ?? ''),
    describe: () => rig.client.send(new DescribeSecretCommand({ SecretId })),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

describe('the rotation of a managed external secret', () => {
  it('replaces the token and its id, keeps the rest, and calls no function', async () => {
    await using managed = await startManaged();
    const { rig, gitlab, value } = managed;
    await managed.create({ ...value, mine: 'kept' });

    await managed.rotate();
    const outcome = await rig.secretsManager.rotationEnded(SecretId);

    expect(outcome).toMatchObject({ kind: 'succeeded' });
    const { token = '', tokenId, ...others } = managed.current();
    const active = gitlab.tokens.filter((each) => each.active);
    expect(active.map(({ id }) => String(id))).toEqual([tokenId]);
    expect(gitlab.isActive(token)).toBe(true);
    expect(others).toEqual({ mine: 'kept', gitlabUrl: gitlab.url, projectId: value['projectId'] });
    const expiresAt = new Date(Date.now() + 90 * 86_400_000).toISOString().slice(0, 10);
    expect(active.map((each) => each.expiresAt)).toEqual([expiresAt]);
    expect(rig.invocations).toEqual([]);
    expect(eventNames(rig)).toEqual(['RotationStarted', 'RotationSucceeded']);
  });

  it.each(['group', 'person'])(
    'rotates the token of a %s, which the value names or not',
    async (owner) => {
      await using managed = await startManaged();
      const { rig, gitlab, value } = managed;
      const group = gitlab.addGroup({ path: 'group' });
      const props = { scopes: ['self_rotate'], value: 'theirs' };
      const { id } =
        owner === 'group'
          ? gitlab.createAccessToken({ ...props, resource: group })
          : gitlab.createPersonalToken({ ...props, user: gitlab.addUser() });
      const { projectId: _, ...others } = value;
      const own = { ...others, token: 'theirs', tokenId: String(id) };
      await managed.create(owner === 'group' ? { ...own, groupId: String(group.id) } : own);

      await managed.rotate();
      const outcome = await rig.secretsManager.rotationEnded(SecretId);

      expect(outcome).toMatchObject({ kind: 'succeeded' });
      expect(gitlab.isActive('theirs')).toBe(false);
      expect(gitlab.isActive(managed.current()['token'] ?? '')).toBe(true);
      const rotate = gitlab.calls.find(({ method }) => method === 'POST');
      expect(rotate?.path).toContain(owner === 'group' ? `/groups/${group.id}/` : '/personal_');
    },
  );

  it('is described, and kept when it is cancelled', async () => {
    await using managed = await startManaged();
    await managed.create(managed.value);
    await managed.rotate();
    await managed.rig.secretsManager.rotationEnded(SecretId);

    const { SecretId: _, ...configured } = MANAGED;
    const described = await managed.describe();
    expect(described).toMatchObject({
      ...configured,
      Type: 'GitLabAccessToken',
      RotationEnabled: true,
    });
    expect(described).not.toHaveProperty('RotationLambdaARN');

    await managed.rig.client.send(new CancelRotateSecretCommand({ SecretId }));
    expect(await managed.describe()).toMatchObject({ ...configured, RotationEnabled: false });

    await managed.rig.client.send(new RotateSecretCommand({ SecretId }));
    const outcome = await managed.rig.secretsManager.rotationEnded(SecretId);
    expect(outcome).toMatchObject({ kind: 'succeeded' });
    expect(await managed.describe()).toMatchObject({ ...configured, RotationEnabled: true });
  });

  it.each([
    ['token', undefined],
    ['tokenId', undefined],
    ['gitlabUrl', undefined],
    ['projectId', 'group/app'],
    ['token', 'unknown'],
  ])('fails, and changes nothing, with a %s of %s', async (field, wrong) => {
    await using managed = await startManaged();
    const value = { ...managed.value, [field]: wrong };
    await managed.create(value);

    await managed.rotate();
    const outcome = await managed.rig.secretsManager.rotationEnded(SecretId);

    expect(outcome).toMatchObject({ kind: 'failed' });
    expect(managed.current()).toEqual(JSON.parse(JSON.stringify(value)));
    expect(managed.gitlab.isActive('first')).toBe(true);
  });

  it.each([
    ['InvalidRequestException', { RotationLambdaARN: FUNCTION_ARN }],
    ['InvalidRequestException', { ExternalSecretRotationRoleArn: undefined }],
    ['InvalidParameterException', { RotateImmediately: false }],
    [
      'InvalidParameterException',
      { ExternalSecretRotationMetadata: [{ Key: 'daysToExpiry', Value: '366' }] },
    ],
    [
      'InvalidParameterException',
      { ExternalSecretRotationMetadata: [{ Key: 'adminSecretArn', Value: 'arn' }] },
    ],
  ])('is refused as %s with %j', async (name, wrong) => {
    await using managed = await startManaged();
    await managed.create(managed.value);

    await expect(managed.rotate(wrong)).rejects.toMatchObject(refusal(name));

    expect(await managed.describe()).not.toHaveProperty('RotationEnabled');
    expect(managed.current()['token']).toBe('first');
  });

  it('is refused for a secret without a type', async () => {
    await using managed = await startManaged({ Type: '' });
    await managed.create(managed.value);

    for (const RotationLambdaARN of [undefined, FUNCTION_ARN]) {
      await expect(managed.rotate({ RotationLambdaARN })).rejects.toMatchObject(
        refusal('InvalidRequestException'),
      );
    }

    expect(managed.rig.invocations).toEqual([]);
  });
});
