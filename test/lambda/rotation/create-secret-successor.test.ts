import { describe, expect, it } from 'vitest';
import { accessDenied } from '../../../infra/local/secrets-manager/errors.ts';
import { failureOf } from '../../alternating-rig.ts';
import { type Rig, startRig } from '../../rig.ts';
import { onRotate } from './rotate-faults.ts';

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

describe("when another user's token cannot be stored", () => {
  /** Answers the rotation with the token of another user. */
  async function startConfused(): Promise<Rig> {
    const rig = await startRig();
    const { gitlab, project: resource } = rig;
    const other = gitlab.createAccessToken({ resource, scopes: ['self_rotate'], value: 'other' });
    const body = JSON.stringify({ id: other.id, user_id: other.userId, token: 'other' });
    onRotate(rig, 'after', { kind: 'answer', answer: { status: 200, body } });
    return rig;
  }

  it('says so without its id, by which nobody should rotate it', async () => {
    await using rig = await startConfused();
    rig.secretsManager.faults.add({
      operation: 'PutSecretValue',
      at: 'before',
      nth: 2,
      times: 1000,
      effect: { kind: 'answer', answer: accessDenied('secretsmanager:PutSecretValue') },
    });

    const failure = await failureOf(rig.run('createSecret'));

    expect(failure).toMatchObject({
      code: 'SUCCESSOR_NOT_STORED',
      details: { userId: '2', expectedUserId: '1', error: 'AccessDeniedException' },
    });
    expect(failure).not.toHaveProperty('details.tokenId');
    expect(rig.gitlab.isAlive('other')).toBe(true);
  });

  it('ends well when another run stored the right one, and leaves the other to its user', async () => {
    await using rig = await startConfused();
    rig.deps.secrets.storePending = async () => 'taken';

    await rig.run('createSecret');

    expect(rig.gitlab.isAlive('other')).toBe(true);
    expect(rig.log.at(-1)).toEqual({
      message: "another run stored a successor first; ours is another user's",
      details: { userId: '2', expectedUserId: '1' },
    });
  });
});
