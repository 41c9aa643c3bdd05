import { describe, expect, it } from 'vitest';
import { failureOf, startAlternatingRig } from '../../../rig/function/alternating-rig.ts';
import { activeIds, addRecovery } from '../../../rig/function/recovery-rig.ts';
import { type Rig, startRig } from '../../../rig/function/rig.ts';
import {
  beStoredFirst,
  onRotate,
  refusePuts,
  restart,
} from '../../../rig/function/rotate-faults.ts';
import { dayIn } from '../../../rig/function/test-secret-rig.ts';

function loseAnswer(rig: Rig): void {
  onRotate(rig, 'after', { kind: 'reset' });
}

describe('with a recovery credential, a successor whose answer was lost', () => {
  it('is found by its bot user in the same run, and rotated by its id', async () => {
    await using rig = await startRig();
    const credential = await addRecovery(rig, { expiresAt: dayIn(rig, 200) });
    loseAnswer(rig);

    await rig.run('createSecret');

    const [active] = activeIds(rig, credential);
    expect(rig.value('AWSPENDING')).toEqual({
      token: 'successor-2',
      tokenId: String(active),
      projectId: rig.project.id,
    });
    expect(activeIds(rig, credential)).toEqual([4]);
    expect(rig.gitlab.isActive('successor-2')).toBe(true);
    expect(rig.gitlab.tokens.at(-1)).toMatchObject({ userId: 1, expiresAt: dayIn(rig, 90) });
    expect(rig.notices).toStrictEqual([
      {
        code: 'HEALED',
        details: { recoveredBy: 'recovery', recoveryExpiresAt: dayIn(rig, 200), tokenId: '4' },
      },
    ]);
  });

  it('is in use as if the answer had come, after the rest of the rotation', async () => {
    await using rig = await startRig();
    await addRecovery(rig);
    loseAnswer(rig);

    for (const step of ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const) {
      await rig.run(step);
    }

    expect(rig.value('AWSCURRENT')?.token).toBe('successor-2');
    expect(rig.notices).toMatchObject([{ details: { recoveryExpiresAt: 'never' } }]);
  });

  it('is found in a later run by the tokenId of the secret', async () => {
    await using rig = await startRig();
    loseAnswer(rig);
    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'SUCCESSOR_LOST' });
    const credential = await addRecovery(rig);

    await rig.run('createSecret');

    expect(activeIds(rig, credential).map(String)).toEqual([rig.value('AWSPENDING')?.tokenId]);
    expect(rig.gitlab.isActive(rig.value('AWSPENDING')?.token ?? '')).toBe(true);
    expect(rig.notices).toMatchObject([{ code: 'HEALED', details: { recoveredBy: 'recovery' } }]);
  });

  it('is found for a plain-text secret by the run that lost it, and by no other', async () => {
    await using rig = await startRig({
      secretString: () => 'first',
      settings: { projectId: 'group/app' },
    });
    await addRecovery(rig);
    loseAnswer(rig);

    await rig.run('createSecret');

    expect(rig.secretsManager.valueOf(rig.secretId, 'AWSPENDING')).toBe('successor-2');
    await using other = await startRig({
      secretString: () => 'first',
      settings: { projectId: 'group/app' },
    });
    loseAnswer(other);
    await failureOf(other.run('createSecret'));
    await addRecovery(other);
    await expect(other.run('createSecret')).rejects.toMatchObject({
      code: 'CURRENT_TOKEN_DEAD',
      details: { recovery: 'unknown-bot' },
    });
  });

  it('is found where GitLab does not tell the user of a token, by the tokenId', async () => {
    await using rig = await startRig();
    const { tokens } = rig.services;
    const { probe } = tokens;
    tokens.probe = async (token, timeoutMs) => {
      const answer = await probe.call(tokens, token, timeoutMs);
      if (answer.kind !== 'active') {
        return answer;
      }
      const { userId: _, ...rest } = answer.token;
      return { ...answer, token: rest };
    };
    await addRecovery(rig);
    loseAnswer(rig);

    await rig.run('createSecret');

    expect(rig.value('AWSPENDING')?.token).toBe('successor-2');
  });

  it('is found among the tokens of a group, by a service account that owns it', async () => {
    await using rig = await startRig({
      secretString: () => '{"token":"ours","tokenId":2,"groupId":"group"}',
    });
    const resource = rig.gitlab.addGroup({ path: 'group' });
    rig.gitlab.createAccessToken({ resource, scopes: ['self_rotate'], value: 'ours' });
    await addRecovery(rig, { resource, level: 50, kind: 'service_account' });
    loseAnswer(rig);

    await rig.run('createSecret');

    expect(rig.value('AWSPENDING')).toEqual({
      token: 'successor-2',
      tokenId: '5',
      groupId: 'group',
    });
  });
});

describe('a recovery secret', () => {
  it('has its token in the field token, whatever TOKEN_FIELD says', async () => {
    await using rig = await startRig({
      settings: { tokenField: 'password' },
      secretString: ({ projectId }) => JSON.stringify({ password: 'first', projectId }),
    });
    await addRecovery(rig, { secretString: '{"password":"another","token":"recovery"}' });
    loseAnswer(rig);

    await rig.run('createSecret');

    expect(rig.value('AWSPENDING')).toMatchObject({ password: 'successor-2' });
    expect(rig.notices).toMatchObject([{ code: 'HEALED', details: { recoveredBy: 'recovery' } }]);
  });
});

describe('with a recovery credential, a successor that was never stored', () => {
  it('is found by another process, rotated once more, and stored', async () => {
    await using rig = await startRig();
    const credential = await addRecovery(rig);
    refusePuts(rig);
    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'SUCCESSOR_NOT_STORED' });
    rig.secretsManager.faults.clear();

    restart(rig);
    await rig.run('createSecret');

    expect(rig.value('AWSPENDING')?.token).toBe('successor-2');
    expect(activeIds(rig, credential).map(String)).toEqual([rig.value('AWSPENDING')?.tokenId]);
  });
});

describe('with a recovery credential, a successor that another run finds and stores first', () => {
  it('is not told as healed, and ours is revoked', async () => {
    await using rig = await startRig();
    await addRecovery(rig);
    loseAnswer(rig);
    beStoredFirst(rig);

    await rig.run('createSecret');

    expect(rig.gitlab.isActive('successor-2')).toBe(false);
    expect(rig.notices).toEqual([]);
  });
});

describe('with a recovery credential, a lost standby', () => {
  it('is healed like any other, while the current token stays as it is', async () => {
    await using rig = await startAlternatingRig();
    await addRecovery(rig);
    loseAnswer(rig);

    await rig.run('createSecret');

    expect(rig.value('AWSPENDING')).toMatchObject({
      token: 'successor-2',
      standby: { token: 'first', tokenId: '1' },
    });
    expect(rig.gitlab.isActive('first')).toBe(true);
    expect(rig.notices).toMatchObject([{ code: 'HEALED', details: { recoveredBy: 'recovery' } }]);
  });

  it('is not taken for the current token, even where both are of one bot', async () => {
    await using rig = await startRig({
      secretString: ({ projectId }) =>
        JSON.stringify({ token: 'first', projectId, standby: { token: 'two', tokenId: '2' } }),
    });
    const user = rig.gitlab.user(1);
    rig.gitlab.createPersonalToken({ user, scopes: ['self_rotate'], value: 'two' });
    await addRecovery(rig);
    loseAnswer(rig);

    await rig.run('createSecret');

    expect(rig.value('AWSPENDING')).toMatchObject({
      token: 'successor-2',
      standby: { token: 'first' },
    });
    expect(rig.gitlab.isActive('first')).toBe(true);
  });
});
