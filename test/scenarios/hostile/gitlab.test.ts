import { describe, expect, it } from 'vitest';
import { type Rig, startRig } from '../../rig/function/rig.ts';
import { json } from '../../rig/scripted/scripted-gitlab.ts';
import { bothSides, ROTATED, runAllSteps, UNTOUCHED } from '../both-sides.ts';
import { answerTo, LOST } from './hostile-gitlab.ts';

describe('a GitLab that answers the rotation with 200 and the wrong shape', () => {
  it.each([
    ['nothing', ''],
    ['null', 'null'],
    ['a list', '[{"token":"successor-1"}]'],
    ['the bare token', '"successor-1"'],
    ['an envelope', '{"data":{"id":2,"token":"successor-1"}}'],
    ['another name', '{"id":2,"access_token":"successor-1"}'],
    ['a token in a list', '{"id":2,"token":["successor-1"]}'],
    ['a token with a line break', '{"id":2,"token":"successor-1\\r\\nX-Second: 1"}'],
    ['a token longer than any', `{"id":2,"token":"${'x'.repeat(513)}"}`],
    ['an empty token', '{"id":2,"token":""}'],
    ['a script before it', ')]}\',\n{"token":"successor-1"}'],
  ])('has lost the successor, which is left active: %s', async (_what, body) => {
    await using rig = await startRig();
    answerTo(rig, 'rotate', { status: 200, body });

    await expect(runAllSteps(rig)).rejects.toMatchObject({ code: 'SUCCESSOR_LOST' });
    await expect(runAllSteps(rig)).rejects.toMatchObject({ code: 'CURRENT_TOKEN_DEAD' });

    expect(bothSides(rig)).toEqual(LOST);
    expect(rig.gitlab.isActive('successor-1')).toBe(true);
  });

  it('keeps a token that can be used, whatever stands around it', async () => {
    await using rig = await startRig();
    const body = { token: 'successor-1', id: {}, user_id: [], expires_at: 'x', scopes: { a: 1 } };
    answerTo(rig, 'rotate', json(200, body));

    await runAllSteps(rig);

    expect(bothSides(rig)).toEqual(ROTATED);
  });
});

describe('a GitLab that answers the probe with 200 and the wrong shape', () => {
  it.each(['', '[]', '{}', '{"id":"1","scopes":["api"]}', '{"id":1,"scopes":"api"}', '"active"'])(
    'is asked for no rotation: %j',
    async (body) => {
      await using rig = await startRig();
      answerTo(rig, 'probe', { status: 200, body });

      await expect(runAllSteps(rig)).rejects.toMatchObject({ code: 'GITLAB_UNREACHABLE' });

      expect(bothSides(rig)).toEqual(UNTOUCHED);
    },
  );
});

describe('a GitLab that calls a dead token active', () => {
  it('and in the same breath revoked, is asked for no rotation: its successor lives', async () => {
    await using rig = await startRig();
    answerTo(rig, 'probe', json(200, { id: 1, scopes: ['self_rotate'], revoked: true }), 'before');
    await rotateByHand(rig);

    await expect(runAllSteps(rig)).rejects.toMatchObject({
      code: 'ROTATION_REFUSED',
      details: { refusal: 'not-active' },
    });

    expect(bothSides(rig)).toEqual(LOST);
    expect(rig.gitlab.isActive('successor-1')).toBe(true);
  });
});

describe("a GitLab that answers with another user's token", () => {
  async function startConfused(told: (other: { id: number; userId: number }) => object) {
    const rig = await startRig();
    const { gitlab, project: resource } = rig;
    const other = gitlab.createAccessToken({ resource, scopes: ['self_rotate'], value: 'other' });
    answerTo(rig, 'rotate', json(200, { ...told(other), token: 'other' }));
    return rig;
  }
  it('and says so: it is a lost answer, and nothing of it is stored', async () => {
    await using rig = await startConfused(({ id, userId }) => ({ id, user_id: userId }));

    await expect(runAllSteps(rig)).rejects.toMatchObject({
      code: 'SUCCESSOR_LOST',
      details: { expectedUserId: '1', userId: '2' },
    });

    expect(bothSides(rig)).toEqual(LOST);
    expect(rig.gitlab.isActive('successor-1')).toBe(true);
  });

  it('under the id of ours: it is stored, and testSecret refuses it', async () => {
    await using rig = await startConfused(() => ({ id: 3, user_id: 1 }));

    await expect(runAllSteps(rig)).rejects.toMatchObject({
      code: 'PENDING_TOKEN_REJECTED',
      details: { expectedTokenId: '3', tokenId: '2' },
    });

    expect(bothSides(rig)).toEqual({ ...LOST, pending: { token: 'other', active: true } });
  });
});

describe('a GitLab that answers with a token that is expired', () => {
  it('has it stored, since it may be wrong about it, and refused since it is not', async () => {
    await using rig = await startRig();
    const { gitlab, project: resource } = rig;
    const [expiresAt = ''] = new Date(rig.clock.now().getTime()).toISOString().split('T');
    const { id } = gitlab.createAccessToken({ resource, scopes: ['api'], value: 'old', expiresAt });
    const body = { id, user_id: 1, token: 'old', expires_at: expiresAt, active: false };
    answerTo(rig, 'rotate', json(200, body));

    await expect(runAllSteps(rig)).rejects.toMatchObject({
      code: 'PENDING_TOKEN_REJECTED',
      details: { reason: 'expired' },
    });

    expect(bothSides(rig)).toEqual({ ...LOST, pending: { token: 'old', active: false } });
  });
});

describe('a GitLab that answers with the old token', () => {
  const body = { id: 1, user_id: 1, token: 'first', expires_at: '2099-01-01' };

  it('and has rotated: the successor is lost, and the dead token not stored again', async () => {
    await using rig = await startRig();
    answerTo(rig, 'rotate', json(200, body));

    await expect(runAllSteps(rig)).rejects.toMatchObject({ code: 'SUCCESSOR_LOST' });

    expect(bothSides(rig)).toEqual(LOST);
    expect(rig.gitlab.isActive('successor-1')).toBe(true);
  });

  it('and has not: nothing is stored, and nobody is told that it was rotated', async () => {
    await using rig = await startRig();
    answerTo(rig, 'rotate', json(200, body), 'before');

    await expect(runAllSteps(rig)).rejects.toMatchObject({ code: 'ROTATION_OUTCOME_UNKNOWN' });

    expect(bothSides(rig)).toEqual({ ...UNTOUCHED, rotateRequests: [200] });
  });
});

/** Somebody else rotates the token that the secret holds, at GitLab. */
async function rotateByHand({ gitlab }: Rig): Promise<void> {
  await fetch(`${gitlab.url}/api/v4/personal_access_tokens/self/rotate`, {
    method: 'POST',
    headers: { authorization: 'Bearer first' },
  });
}
