import { describe, expect, it } from 'vitest';
import { failureOf, startAlternatingRig } from '../../../rig/function/alternating-rig.ts';
import { addRecovery } from '../../../rig/function/recovery-rig.ts';
import { type Rig, startRig } from '../../../rig/function/rig.ts';
import { onRotate } from '../../../rig/function/rotate-faults.ts';
import { putLater } from '../../healing/salvage/salvage-rig.ts';

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

/** GitLab answers the rotation with `other`, the token of another user, or does not rotate at all. */
function confuse(rig: Rig, at: 'before' | 'after' = 'after') {
  const { gitlab, project: resource } = rig;
  const other = gitlab.createAccessToken({ resource, scopes: ['self_rotate'], value: 'other' });
  const body = JSON.stringify({ id: other.id, user_id: other.userId, token: 'other' });
  onRotate(rig, at, { kind: 'answer', answer: { status: 200, body } });
  return other;
}

describe("when GitLab answers with another user's token", () => {
  it.each([
    ['after', startRig, 'SUCCESSOR_LOST', { reason: 'revoked' }],
    ['before', startRig, 'ROTATION_OUTCOME_UNKNOWN', {}],
    ['after', startAlternatingRig, 'STANDBY_LOST', { reason: 'revoked', currentActive: true }],
  ] as const)('%s it rotated, %o stores nothing of it: %s', async (at, start, code, details) => {
    await using rig: Rig = await start();
    const other = confuse(rig, at);
    const { userId } = rig.gitlab.tokens.at(-2) ?? {};

    expect(await failureOf(rig.run('createSecret'))).toMatchObject({
      code,
      details: { userId: String(other.userId), expectedUserId: String(userId), ...details },
    });

    expect(rig.gitlab.rotateRequests).toHaveLength(1);
    expect(rig.value('AWSPENDING')).toBeUndefined();
    expect(rig.gitlab.isActive('other')).toBe(true);
  });

  it('heals the rotation as after any other lost answer, and tells of the confusion', async () => {
    await using rig = await startRig();
    await addRecovery(rig);
    const other = confuse(rig);
    const { userId } = rig.gitlab.tokens.at(0) ?? {};
    const users = { userId: String(other.userId), expectedUserId: String(userId) };

    await rig.run('createSecret');

    expect(rig.value('AWSPENDING')?.token).toBe('successor-2');
    expect(rig.gitlab.isActive('successor-2')).toBe(true);
    expect(rig.notices).toMatchObject([
      { code: 'HEALED', details: { recoveredBy: 'recovery', ...users } },
    ]);
  });

  it('tells of the confusion also where the secret still has an active token', async () => {
    await using rig = await startRig();
    const { gitlab, project: resource } = rig;
    const kept = gitlab.createAccessToken({ resource, scopes: ['self_rotate'], value: 'kept' });
    await putLater(rig, 'kept', 'KEPT');
    const other = confuse(rig);

    await rig.run('createSecret');

    expect(rig.value('AWSPENDING')?.token).toBe('kept');
    expect(rig.notices).toMatchObject([
      {
        details: { recoveredBy: 'salvage', tokenId: String(kept.id), userId: String(other.userId) },
      },
    ]);
  });

  it('stores it where the user of one of the two is unknown', async () => {
    await using rig = await startRig();
    const { probe } = rig.services.tokens;
    rig.services.tokens.probe = async (...args) => {
      const answer = await probe.apply(rig.services.tokens, args);
      if (answer.kind !== 'active') {
        return answer;
      }
      const { userId: _, ...token } = answer.token;
      return { ...answer, token };
    };
    confuse(rig);

    await rig.run('createSecret');

    expect(rig.value('AWSPENDING')?.token).toBe('other');
  });
});
