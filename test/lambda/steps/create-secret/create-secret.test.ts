import { UpdateSecretVersionStageCommand } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { type Rig, startRig } from '../../../rig/function/rig.ts';
import { restart } from '../../../rig/function/rotate-faults.ts';

function activeTokenIds({ gitlab }: Rig): number[] {
  return gitlab.tokens.filter(({ active }) => active).map(({ id }) => id);
}

describe('createSecret', () => {
  it('lets the token rotate itself and stores the successor as AWSPENDING', async () => {
    await using rig = await startRig();

    await rig.run('createSecret');

    const [successorId] = activeTokenIds(rig);
    expect(rig.gitlab.isActive('first')).toBe(false);
    expect(rig.gitlab.isActive('successor-1')).toBe(true);
    expect(rig.value('AWSPENDING')).toEqual({
      token: 'successor-1',
      tokenId: String(successorId),
      projectId: rig.project.id,
    });
    expect(rig.value('AWSCURRENT')?.token).toBe('first');
  });

  it.each([
    ['without an id', () => '{"token":"first"}'],
    ['with its id', undefined],
  ])('has nothing to remark on a token %s', async (_what, secretString) => {
    await using rig = await startRig({ ...(secretString && { secretString }) });

    await rig.run('createSecret');

    const messages = rig.log.map(({ message }) => message);
    expect(messages).not.toContain('the tokenId of the secret is not the id of its token');
  });

  it('asks for a token that lives as long as it is told, counted in UTC days', async () => {
    await using rig = await startRig({ settings: { lifetimeDays: 100 } });

    await rig.run('createSecret');

    const expected = new Date(rig.clock.now().getTime() + 100 * 86_400_000);
    expect(rig.gitlab.tokens.at(-1)?.expiresAt).toBe(expected.toISOString().slice(0, 10));
  });

  it('probes and proves the write before it rotates', async () => {
    await using rig = await startRig();
    let before: unknown;
    rig.gitlab.faults.add({
      operation: 'rotate',
      at: 'before',
      effect: {
        kind: 'run',
        run: () => {
          before = {
            probes: rig.gitlab.calls.filter(({ operation }) => operation === 'probe').length,
            puts: rig.secretsManager.calls.filter(({ operation }) => operation === 'PutSecretValue')
              .length,
          };
        },
      },
    });

    await rig.run('createSecret');

    expect(before).toEqual({ probes: 2, puts: 1 });
  });

  it.each([
    ['the same', () => undefined],
    ['another', restart],
  ])('rotates once when Secrets Manager repeats the step in %s process', async (_which, goOn) => {
    await using rig = await startRig();

    await rig.run('createSecret');
    const calls = rig.gitlab.calls.length;
    goOn(rig);
    await rig.run('createSecret');

    expect(rig.gitlab.rotateRequests).toHaveLength(1);
    expect(rig.gitlab.calls).toHaveLength(calls);
    expect(rig.value('AWSPENDING')?.token).toBe('successor-1');
    expect(rig.log.at(-1)?.message).toBe('the version has a value already');
  });

  it('does nothing when the version is current already', async () => {
    await using rig = await startRig();
    await rig.run('createSecret');
    await rig.run('finishSecret');
    // As AWS does when a rotation is through.
    await rig.client.send(
      new UpdateSecretVersionStageCommand({
        SecretId: rig.secretId,
        VersionStage: 'AWSPENDING',
        RemoveFromVersionId: rig.request.versionId,
      }),
    );
    const calls = rig.gitlab.calls.length;

    await rig.run('createSecret');

    expect(rig.gitlab.calls).toHaveLength(calls);
    expect(rig.value('AWSCURRENT')?.token).toBe('successor-1');
    expect(rig.log.at(-1)?.message).toBe('the version is current already');
  });

  it.each([
    ['a group token', 'groupId', 'group', '/groups/1/access_tokens/self/rotate'],
    ['a token without owner', 'note', 'project', '/personal_access_tokens/self/rotate'],
  ])('rotates %s at its own endpoint', async (_kind, member, resource, path) => {
    await using rig = await startRig({
      secretString: () => JSON.stringify({ token: 'other', [member]: 1 }),
    });
    rig.gitlab.createAccessToken({
      resource: resource === 'group' ? rig.gitlab.addGroup({ path: 'group' }) : rig.project,
      scopes: ['self_rotate'],
      value: 'other',
    });

    await rig.run('createSecret');

    const request = rig.gitlab.calls.find(({ operation }) => operation === 'rotate');
    expect(request?.path).toBe(`/api/v4${path}`);
    expect(rig.gitlab.isActive(rig.value('AWSPENDING')?.token ?? '')).toBe(true);
  });

  it('corrects a tokenId that somebody put by hand, and says so', async () => {
    await using rig = await startRig({
      secretString: () => JSON.stringify({ token: 'first', tokenId: '999' }),
    });

    await rig.run('createSecret');

    expect(rig.value('AWSPENDING')?.tokenId).toBe(String(activeTokenIds(rig)[0]));
    expect(rig.log).toContainEqual({
      message: 'the tokenId of the secret is not the id of its token',
      details: { tokenId: String(rig.firstTokenId), statedTokenId: '999' },
    });
  });
});

describe('when two runs rotate at once', () => {
  it('keeps the successor that was stored first and revokes the orphan', async () => {
    await using rig = await startRig();
    const hold = rig.gitlab.hold('before-commit', 2);

    const runs = [rig.run('createSecret'), rig.run('createSecret')];
    await hold.arrived;
    hold.release();
    await Promise.all(runs);

    const stored = rig.value('AWSPENDING');
    expect(activeTokenIds(rig).map(String)).toEqual([stored?.tokenId]);
    expect(rig.gitlab.isActive(stored?.token ?? '')).toBe(true);
  });

  it('leaves the successor to the run that GitLab served first', async () => {
    await using rig = await startRig();
    const hold = rig.gitlab.hold('after-authentication', 1);
    const late = rig.run('createSecret');
    await hold.arrived;
    await rig.run('createSecret');

    hold.release();
    await late;

    expect(rig.gitlab.rotateRequests.map(({ status }) => status)).toEqual([400, 200]);
    expect(rig.gitlab.isActive(rig.value('AWSPENDING')?.token ?? '')).toBe(true);
  });
});
