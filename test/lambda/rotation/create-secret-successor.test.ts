import { describe, expect, it } from 'vitest';
import { startRig } from '../../rig.ts';

describe('when GitLab tells of the successor nothing but its value', () => {
  it('stores it without an id', async () => {
    await using rig = await startRig();
    rig.gitlab.faults.add({
      operation: 'rotate',
      at: 'after',
      effect: { kind: 'answer', answer: { status: 200, body: '{"token":"successor-1"}' } },
    });

    await rig.run('createSecret');

    expect(rig.value('AWSPENDING')).toEqual({ token: 'successor-1', projectId: rig.project.id });
    expect(rig.log.at(-1)?.details).toStrictEqual({});
  });
});

describe("when GitLab answers with another user's token", () => {
  it.each([
    ['JSON', undefined, 'another'],
    ['plain text', () => 'first', 'nobody'],
  ])('stores it in %s and says whose it is', async (_shape, secretString, refusedBy) => {
    await using rig = await startRig({ ...(secretString && { secretString }) });
    const { gitlab, project: resource } = rig;
    const other = gitlab.createAccessToken({ resource, scopes: ['self_rotate'], value: 'other' });
    gitlab.faults.add({
      operation: 'rotate',
      at: 'after',
      effect: {
        kind: 'answer',
        answer: {
          status: 200,
          body: JSON.stringify({ id: other.id, user_id: other.userId, token: 'other' }),
        },
      },
    });

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'PENDING_TOKEN_REJECTED',
      details: { userId: String(other.userId), expectedUserId: '1' },
    });

    expect(gitlab.rotateRequests).toHaveLength(1);
    expect(rig.secretsManager.valueOf(rig.secretId, 'AWSPENDING')).toContain('other');
    await rig.run('createSecret');
    const tested = await rig.run('testSecret').catch((error: unknown) => error);
    expect(tested).toEqual(
      refusedBy === 'nobody'
        ? undefined
        : expect.objectContaining({
            code: 'PENDING_TOKEN_REJECTED',
            details: expect.objectContaining({ tokenId: String(other.id), expectedTokenId: '1' }),
          }),
    );
  });
});
