import { describe, expect, it } from 'vitest';
import { failureOf } from '../../rig/alternating-rig.ts';
import { type RigProps, startRig } from '../../rig/rig.ts';
import { beStoredFirst, onRotate, refusePuts } from '../token/rotate-faults.ts';

describe('when GitLab tells of the successor nothing but its value', () => {
  it('stores it without an id', async () => {
    await using rig = await startRig();
    const answer = { status: 200, body: '{"token":"successor-1"}' };
    onRotate(rig, 'after', { kind: 'answer', answer });

    await rig.run('createSecret');

    expect(rig.value('AWSPENDING')).toEqual({ token: 'successor-1', projectId: rig.project.id });
    expect(rig.log.at(-1)?.details).toStrictEqual({});
  });
});

/** A GitLab that answers the rotation with `other`, the token of another user. */
async function startConfused(props: RigProps = {}) {
  const rig = await startRig(props);
  const { gitlab, project: resource } = rig;
  const other = gitlab.createAccessToken({ resource, scopes: ['self_rotate'], value: 'other' });
  const body = JSON.stringify({ id: other.id, user_id: other.userId, token: 'other' });
  onRotate(rig, 'after', { kind: 'answer', answer: { status: 200, body } });
  return Object.assign(rig, { other });
}

describe("when GitLab answers with another user's token", () => {
  it.each([
    ['JSON', undefined, 'another'],
    ['plain text', () => 'first', 'nobody'],
  ])('stores it in %s and says whose it is', async (_shape, secretString, refusedBy) => {
    await using rig = await startConfused({ ...(secretString && { secretString }) });
    const { gitlab, other } = rig;

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
  it('says so without its id, by which nobody should rotate it', async () => {
    await using rig = await startConfused();
    refusePuts(rig);

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
    beStoredFirst(rig);

    await rig.run('createSecret');

    expect(rig.gitlab.isAlive('other')).toBe(true);
    expect(rig.log).toContainEqual({
      message: "another run stored a successor first; ours is another user's",
      details: { userId: '2', expectedUserId: '1' },
    });
  });
});
