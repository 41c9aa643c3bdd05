import { describe, expect, it } from 'vitest';
import { areActive, failureOf } from '../../../rig/function/alternating-rig.ts';
import { activeIds } from '../../../rig/function/recovery-rig.ts';
import { dayIn, putPending } from '../../../rig/function/test-secret-rig.ts';
import { byId, requestsById, startLosing } from './losing-rig.ts';

describe('when somebody else rotates the lost successor first', () => {
  /** After a run in which somebody else got `successor-2`, and stored nothing while it lasted. */
  async function startRaced() {
    const rig = await startLosing();
    const { administered } = rig.credential;
    const run = () =>
      administered.rotateById('recovery', { kind: 'project', id: '1' }, '3', dayIn(rig, 9), 5_000);
    rig.gitlab.faults.add({ ...byId, effect: { kind: 'run', run } });
    const failure = await failureOf(rig.run('createSecret'));
    return Object.assign(rig, { failure });
  }

  it('leaves alone what that one got, and says so', async () => {
    await using rig = await startRaced();

    expect(rig.failure).toMatchObject({
      code: 'SUCCESSOR_LOST',
      details: {
        recovery: 'raced',
        status: 400,
        candidates: [expect.stringMatching(/^4 "publish" 20/)],
      },
    });
    expect(requestsById(rig).map(({ status }) => status)).toEqual([400, 200]);
    expect(areActive(rig, 'successor-2')).toEqual({ 'successor-2': true });
  });

  it('takes what that one stored late in the next attempt', async () => {
    await using rig = await startRaced();
    await putPending(rig, '{"token":"successor-2"}');

    await rig.run('createSecret');

    expect(rig.value('AWSPENDING')?.token).toBe('successor-2');
    expect(areActive(rig, 'successor-2')).toEqual({ 'successor-2': true });
  });

  it('rotates it in the next attempt where nobody has stored it', async () => {
    await using rig = await startRaced();

    await rig.run('createSecret');

    expect(rig.value('AWSPENDING')?.token).toBe('successor-3');
    expect(activeIds(rig, rig.credential).map(String)).toEqual([rig.value('AWSPENDING')?.tokenId]);
  });
});

describe('when another run recovers the successor at the same time', () => {
  it.each([
    ['before the request', byId],
    ['before the look', { operation: 'listTokens', at: 'before' }],
  ] as const)('does not kill what that one stored %s', async (_when, fault) => {
    await using rig = await startLosing();
    rig.gitlab.faults.add({
      ...fault,
      effect: { kind: 'run', run: () => rig.run('createSecret') },
    });

    await rig.run('createSecret');

    expect(rig.gitlab.isActive(rig.value('AWSPENDING')?.token ?? '')).toBe(true);
    expect(activeIds(rig, rig.credential).map(String)).toEqual([rig.value('AWSPENDING')?.tokenId]);
    expect(rig.notices.map(({ code }) => code)).toEqual(['HEALED']);
    expect(rig.log.at(-1)?.message).toBe('another run has stored the successor, and it is active');
  });
});

describe('when another run was first, and stores only after ours has rotated what it got', () => {
  /** Ours sees nothing of the other run, which stores `successor-2` last of all. */
  async function startUnseen(stored: string) {
    const rig = await startLosing();
    const { administered } = rig.credential;
    const { storePending } = rig.services.secrets;
    const resource = { kind: 'project', id: '1' } as const;
    const run = () => administered.rotateById('recovery', resource, '3', dayIn(rig, 9), 5_000);
    rig.gitlab.faults.add({ operation: 'listTokens', at: 'before', effect: { kind: 'run', run } });
    rig.services.secrets.storePending = async (...put) => {
      await putPending(rig, stored);
      return storePending.apply(rig.services.secrets, put);
    };
    return rig;
  }

  it('does not revoke the last token that lives, says that it is not stored, and keeps it', async () => {
    await using rig = await startUnseen('{"token":"successor-2"}');

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'SUCCESSOR_NOT_STORED',
      details: { tokenId: '5' },
    });

    expect(areActive(rig, 'successor-2', 'successor-3')).toEqual({
      'successor-2': false,
      'successor-3': true,
    });
    expect(rig.notices).toEqual([]);
    expect(rig.log.at(-1)).toStrictEqual({
      message: 'another run stored a token first, which was not seen active',
      details: { tokenId: '5', ownSuccessorRevoked: false },
    });
    await expect(rig.run('testSecret')).rejects.toMatchObject({ code: 'PENDING_TOKEN_REJECTED' });
  });

  it('does not revoke ours where what is stored cannot be read', async () => {
    await using rig = await startUnseen('{"token":');

    await rig.run('createSecret');

    expect(rig.gitlab.isActive('successor-3')).toBe(true);
  });
});

describe('when another run was first, and takes its time to store', () => {
  it('waits for its value', async () => {
    await using rig = await startLosing();
    const { administered } = rig.credential;
    const pause = async () => {
      if (rig.clock.pauses.at(-1) === 2_000) {
        await putPending(rig, '{"token":"successor-2"}');
      }
    };
    const run = async () => {
      const resource = { kind: 'project', id: '1' } as const;
      await administered.rotateById('recovery', resource, '3', dayIn(rig, 9), 5_000);
      rig.clock.whileAsleep = pause;
    };
    rig.gitlab.faults.add({ ...byId, effect: { kind: 'run', run } });

    await rig.run('createSecret');

    expect(requestsById(rig).map(({ status }) => status)).toEqual([400, 200]);
    expect(areActive(rig, 'successor-2')).toEqual({ 'successor-2': true });
    expect(rig.value('AWSPENDING')?.token).toBe('successor-2');
  });
});
