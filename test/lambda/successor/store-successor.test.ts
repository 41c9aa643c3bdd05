import { describe, expect, it } from 'vitest';
import { type Rig, startRig } from '../../rig/function/rig.ts';
import { beStoredFirst, refusePuts } from '../../rig/function/rotate-faults.ts';
import { dayIn, dropPending, putPending } from '../../rig/function/test-secret-rig.ts';
import { beginAnew } from '../healing/salvage/salvage-rig.ts';

/** What GitLab takes to rotate, of the 60 s of an invocation. */
function rotatingTakes(rig: Rig, ms: number): void {
  const run = () => rig.clock.advance(ms);
  rig.gitlab.faults.add({ operation: 'rotate', at: 'after', effect: { kind: 'run', run } });
}

describe('storeSuccessor', () => {
  it('says in the log which token it has stored, and until when that is active', async () => {
    await using rig = await startRig({ settings: { lifetimeDays: 100 } });

    await rig.run('createSecret');

    expect(rig.log.at(-1)).toStrictEqual({
      message: 'GitLab has rotated the token, and its successor is stored',
      details: { tokenId: '2', expiresAt: dayIn(rig, 100) },
    });
  });

  it('stores the successor although Secrets Manager refuses for a while', async () => {
    await using rig = await startRig();
    refusePuts(rig, { times: 5 });

    await rig.run('createSecret');

    expect(rig.value('AWSPENDING')?.token).toBe('successor-1');
    expect(
      rig.log.filter(({ message }) => message === 'the successor is not stored yet'),
    ).toHaveLength(5);
  });

  it('is content with a put whose answer was lost', async () => {
    await using rig = await startRig();
    const put = { operation: 'PutSecretValue', at: 'after', nth: 2, times: 3 } as const;
    rig.secretsManager.faults.add({ ...put, effect: { kind: 'reset' } });

    await rig.run('createSecret');

    expect(rig.value('AWSPENDING')?.token).toBe('successor-1');
    expect(rig.gitlab.isActive('successor-1')).toBe(true);
  });

  it('does not take an empty answer for a success', async () => {
    await using rig = await startRig();
    const put = { operation: 'PutSecretValue', at: 'before', nth: 2 } as const;
    const answer = { status: 200, body: '' };
    rig.secretsManager.faults.add({ ...put, effect: { kind: 'answer', answer } });

    await rig.run('createSecret');

    expect(rig.value('AWSPENDING')?.token).toBe('successor-1');
  });

  it('tells the id of a successor that it could not store, never its value', async () => {
    await using rig = await startRig();
    refusePuts(rig);

    const failure: unknown = await rig.run('createSecret').catch((error: unknown) => error);

    const successor = rig.gitlab.tokens.find(({ active }) => active);
    expect(failure).toMatchObject({
      code: 'SUCCESSOR_NOT_STORED',
      details: { tokenId: String(successor?.id), error: 'AccessDeniedException' },
    });
    expect(JSON.stringify([failure, rig.log])).not.toContain('successor-1');
    expect(rig.clock.pauses.reduce((sum, ms) => sum + ms)).toBeGreaterThan(53_000);
  });

  it.each([
    [0, 10_000],
    [51_000, 7_000],
    [59_000, 0],
  ])('after %i ms gives a try to store %i ms, the rest is for the alert', async (ms, allowed) => {
    await using rig = await startRig();
    rotatingTakes(rig, ms);
    const timeouts: number[] = [];
    rig.services.secrets.storePending = async (_request, _secretString, timeoutMs) => {
      timeouts.push(timeoutMs);
      return 'stored';
    };

    await rig.run('createSecret');

    expect(timeouts).toEqual([allowed]);
  });

  it.each([
    [0, 0, 2_000],
    [57_000, 0, 1_000],
    [56_000, 3_000, 0],
  ])(
    'after %i ms, and a probe of %i ms, gives a try to revoke an orphan %i ms',
    async (ms, probe, allowed) => {
      await using rig = await startRig();
      rotatingTakes(rig, ms);
      beStoredFirst(rig);
      const run = () => rig.clock.advance(probe);
      rig.gitlab.faults.add({
        operation: 'probe',
        at: 'after',
        nth: 3,
        effect: { kind: 'run', run },
      });
      const timeouts: number[] = [];
      rig.services.tokens.revoke = async (_token, timeoutMs) => {
        timeouts.push(timeoutMs);
        return true;
      };

      await rig.run('createSecret');

      expect(timeouts).toEqual([allowed]);
      expect(rig.log.at(-1)).toStrictEqual({
        message: 'another run stored a successor first',
        details: { tokenId: expect.stringMatching(/^\d+$/), ownSuccessorRevoked: true },
      });
    },
  );

  it('revokes the orphan although GitLab fails for a while', async () => {
    await using rig = await startRig();
    const hold = rig.gitlab.hold('before-commit', 2);
    const revoke = { operation: 'revoke', at: 'before', times: 3 } as const;
    rig.gitlab.faults.add({ ...revoke, effect: { kind: 'reset' } });

    const runs = [rig.run('createSecret'), rig.run('createSecret')];
    await hold.arrived;
    hold.release();
    await Promise.all(runs);

    expect(rig.gitlab.tokens.filter(({ active }) => active)).toHaveLength(1);
    expect(rig.log).toContainEqual({
      message: 'another run stored a successor first',
      details: expect.objectContaining({ ownSuccessorRevoked: true }),
    });
  });

  it('does not revoke what may be the last active token, where the stored one does not show', async () => {
    await using rig = await startRig();
    rig.services.secrets.storePending = async () => 'taken';

    await rig.run('createSecret');

    expect(rig.gitlab.isActive('successor-1')).toBe(true);
    expect(rig.log.at(-1)).toStrictEqual({
      message: 'another run stored a token first, which was not seen active',
      details: { tokenId: '2', ownSuccessorRevoked: false },
    });
  });

  it('keeps it for the next rotation where GitLab does not accept the stored one', async () => {
    await using rig = await startRig();
    const { secrets } = rig.services;
    const { storePending } = secrets;
    secrets.storePending = async (...put) => {
      secrets.storePending = storePending;
      await putPending(rig, '{"token":"dead"}');
      return storePending.apply(secrets, put);
    };

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'SUCCESSOR_NOT_STORED',
      details: { tokenId: '2', takenByDead: true },
    });
    // As the alert says.
    await dropPending(rig);
    await rig.run('createSecret', await beginAnew(rig));

    expect(rig.value('AWSPENDING')?.token).toBe('successor-1');
    expect(rig.gitlab.isActive('successor-1')).toBe(true);
  });

  it('asks once more about the token that was stored first', async () => {
    await using rig = await startRig();
    beStoredFirst(rig);
    rig.gitlab.faults.add({ operation: 'probe', at: 'before', nth: 3, effect: { kind: 'reset' } });

    await rig.run('createSecret');

    expect(rig.gitlab.isActive('successor-1')).toBe(false);
  });

  it('looks no longer than the rotation can wait', async () => {
    await using rig = await startRig();
    rig.services.secrets.storePending = async () => 'taken';
    rig.services.secrets.readPending = async () => undefined;

    await rig.run('createSecret');

    expect(rig.clock.pauses).toEqual([250, 500, 1_000, 2_000, 1_250]);
  });

  it('waits until the token that was stored first can be seen', async () => {
    await using rig = await startRig();
    beStoredFirst(rig);
    const { readPending } = rig.services.secrets;
    rig.services.secrets.readPending = async (...read) =>
      rig.clock.pauses.length < 3 ? undefined : readPending.apply(rig.services.secrets, read);

    await rig.run('createSecret');

    expect(rig.gitlab.isActive('successor-1')).toBe(false);
    expect(rig.gitlab.isActive('another')).toBe(true);
  });

  it('says so when the orphan could not be revoked, and ends well all the same', async () => {
    await using rig = await startRig();
    const hold = rig.gitlab.hold('before-commit', 2);
    const revoke = { operation: 'revoke', at: 'before', times: 1000 } as const;
    rig.gitlab.faults.add({ ...revoke, effect: { kind: 'reset' } });

    const runs = [rig.run('createSecret'), rig.run('createSecret')];
    await hold.arrived;
    hold.release();
    await Promise.all(runs);

    expect(rig.log).toContainEqual({
      message: 'another run stored a successor first',
      details: expect.objectContaining({ ownSuccessorRevoked: false }),
    });
    // No longer, for the rotation may go on.
    expect(rig.clock.pauses).toEqual([250, 500, 1_000, 2_000, 1_250]);
  });
});
