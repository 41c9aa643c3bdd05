import { describe, expect, it } from 'vitest';
import { areActive, startAlternatingRig } from '../../../rig/function/alternating-rig.ts';
import { startRig } from '../../../rig/function/rig.ts';

describe('createSecret of a secret with a standby', () => {
  it('rotates the standby and stores the two swapped, so that consumers keep an active token', async () => {
    await using rig = await startAlternatingRig();

    await rig.run('createSecret');

    expect(areActive(rig, 'first', 'standby', 'successor-1')).toEqual({
      first: true,
      standby: false,
      'successor-1': true,
    });
    expect(rig.value('AWSCURRENT')?.token).toBe('first');
    expect(rig.value('AWSPENDING')).toEqual({
      token: 'successor-1',
      tokenId: String(rig.gitlab.tokens.at(-1)?.id),
      projectId: rig.project.id,
      standby: { token: 'first', tokenId: String(rig.firstTokenId) },
    });
    expect(rig.gitlab.rotateRequests).toMatchObject([
      { operation: 'rotate', tokenId: rig.standbyTokenId, deadToken: false },
    ]);
    expect(rig.notices).toEqual([]);
  });

  it('leaves an active token under AWSPREVIOUS, to which one can roll back', async () => {
    await using rig = await startAlternatingRig();

    for (const step of ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const) {
      await rig.run(step);
    }

    expect(rig.value('AWSCURRENT')?.token).toBe('successor-1');
    expect(rig.value('AWSPREVIOUS')?.token).toBe('first');
    expect(areActive(rig, 'first', 'successor-1')).toEqual({ first: true, 'successor-1': true });
    expect(rig.notices).toEqual([]);
  });

  it('keeps every other byte of the secret', async () => {
    const secret = (token: string, tokenId: string, standby: string, standbyId: string) =>
      [
        `{ "10": 1.0e3 , "standby":{"since" : 12345678901234567890,"tokenId":"${standbyId}",`,
        `\t"token":"${standby}", "note":"\\u00e4 {\\"token\\"}"},`,
        ` "token": "${token}","tokenId":"${tokenId}", "other": {"token":"kept"} }\n`,
      ].join('\n');
    await using rig = await startAlternatingRig({
      secretString: () => secret('first', '1', 'standby', '2'),
    });

    await rig.run('createSecret');

    const pending = rig.secretsManager.valueOf(rig.secretId, 'AWSPENDING');
    expect(pending).toBe(secret('successor-1', '3', 'first', '1'));
  });

  it('knows the standby by the field token, whatever TOKEN_FIELD says', async () => {
    await using rig = await startAlternatingRig({
      settings: { tokenField: 'password' },
      secretString: () => '{"password":"first","standby":{"token":"standby"}}',
    });

    await rig.run('createSecret');

    expect(rig.value('AWSPENDING')).toEqual({
      password: 'successor-1',
      tokenId: '3',
      standby: { token: 'first', tokenId: '1' },
    });
  });

  it('puts the ids that GitLab tells in the place of wrong ones', async () => {
    await using rig = await startAlternatingRig({
      secretString: () =>
        '{"token":"first","tokenId":"98","standby":{"token":"standby","tokenId":"99"}}',
    });

    await rig.run('createSecret');

    expect(rig.value('AWSPENDING')).toEqual({
      token: 'successor-1',
      tokenId: '3',
      standby: { token: 'first', tokenId: '1' },
    });
    expect(rig.log).toContainEqual({
      message: 'the tokenId of the secret is not the id of its token',
      details: { tokenId: '2', statedTokenId: '99' },
    });
  });

  it('takes a standby of null for none', async () => {
    await using rig = await startRig({ secretString: () => '{"token":"first","standby":null}' });

    await rig.run('createSecret');

    expect(rig.value('AWSPENDING')).toEqual({ token: 'successor-1', tokenId: '2', standby: null });
    expect(rig.gitlab.isActive('first')).toBe(false);
  });
});

describe('the kinds of alternating tokens', () => {
  it.each([
    ['project', { projectId: 'group/app' }, '/projects/group%2Fapp/access_tokens/self/rotate'],
    ['group', { groupId: 1 }, '/groups/1/access_tokens/self/rotate'],
    ['personal', {}, '/personal_access_tokens/self/rotate'],
  ])('rotates the standby of two %s tokens at their own endpoint', async (kind, owner, path) => {
    await using rig = await startRig({
      secretString: () =>
        JSON.stringify({ token: 'one', ...owner, standby: { token: 'two', tokenId: '3' } }),
    });
    const { gitlab, project } = rig;
    const scopes = ['self_rotate', 'read_api'];
    const group = gitlab.addGroup({ path: 'group' });
    const user = gitlab.addUser();
    for (const value of ['one', 'two']) {
      if (kind === 'personal') {
        gitlab.createPersonalToken({ user, scopes, value });
      } else {
        const resource = kind === 'group' ? group : project;
        gitlab.createAccessToken({ resource, scopes, value });
      }
    }

    await rig.run('createSecret');

    expect(gitlab.calls.filter(({ operation }) => operation === 'rotate')).toMatchObject([
      { path: `/api/v4${path}` },
    ]);
    expect(areActive(rig, 'one', 'two')).toEqual({ one: true, two: false });
    expect(rig.value('AWSPENDING')).toEqual({
      token: 'successor-1',
      tokenId: '4',
      ...owner,
      standby: { token: 'one', tokenId: '2' },
    });
  });
});

describe('when createSecret with a standby runs more than once', () => {
  it('keeps the stored successor of two and revokes the orphan', async () => {
    await using rig = await startAlternatingRig();
    const hold = rig.gitlab.hold('before-commit', 2);

    const runs = [rig.run('createSecret'), rig.run('createSecret')];
    await hold.arrived;
    hold.release();
    await Promise.all(runs);

    const active = rig.gitlab.tokens.filter(({ active }) => active).map(({ id }) => String(id));
    expect(active).toEqual([String(rig.firstTokenId), rig.value('AWSPENDING')?.tokenId]);
    expect(rig.gitlab.isActive(rig.value('AWSPENDING')?.token ?? '')).toBe(true);
  });
});
