import { describe, expect, it } from 'vitest';
import { internalError } from '../../../infra/local/secrets-manager/state/errors.ts';
import { areActive, startAlternatingRig } from '../../rig/function/alternating-rig.ts';
import { addRecovery } from '../../rig/function/recovery-rig.ts';
import { type Rig, startRig } from '../../rig/function/rig.ts';
import { beStoredFirst, onRotate, refusePuts, restart } from '../../rig/function/rotate-faults.ts';
import { dropPending } from '../../rig/function/test-secret-rig.ts';
import { beginAnew, putLater } from '../healing/salvage/salvage-rig.ts';

/** Rotates while nothing can be stored; then Secrets Manager is back. */
async function unstored<T extends Rig>(rig: T, code = 'SUCCESSOR_NOT_STORED'): Promise<T> {
  refusePuts(rig);
  await expect(rig.run('createSecret')).rejects.toMatchObject({ code });
  rig.secretsManager.faults.clear();
  return rig;
}

const TOLD = 'this is the successor that an earlier run could not store';

describe('a successor that could not be stored', () => {
  it('is stored by the next attempt in the same process', async () => {
    await using rig = await unstored(await startRig());

    await rig.run('createSecret');

    expect(rig.value('AWSPENDING')).toEqual({
      token: 'successor-1',
      tokenId: '2',
      projectId: rig.project.id,
    });
    expect(rig.gitlab.isActive('successor-1')).toBe(true);
    expect(rig.gitlab.rotateRequests).toHaveLength(1);
    expect(rig.log.at(-1)?.message).toBe(TOLD);
  });

  it('is stored as what it is, the successor of the standby', async () => {
    await using rig = await unstored(await startAlternatingRig(), 'STANDBY_LOST');

    await rig.run('createSecret');

    expect(rig.value('AWSPENDING')).toMatchObject({
      token: 'successor-1',
      standby: { token: 'first', tokenId: '1' },
    });
    expect(areActive(rig, 'first', 'successor-1')).toEqual({ first: true, 'successor-1': true });
  });

  it('is stored in a rotation that somebody began anew', async () => {
    await using rig = await unstored(await startRig());
    await dropPending(rig);
    const request = await beginAnew(rig);

    await rig.run('createSecret', request);

    expect(rig.value('AWSPENDING')?.token).toBe('successor-1');
  });

  it.each([
    ['SUCCESSOR_NOT_STORED', startRig],
    ['STANDBY_LOST', startAlternatingRig],
  ] as const)(
    'is stored beside what somebody changed in the secret meanwhile: %s',
    async (code, start) => {
      await using rig: Rig = await unstored<Rig>(await start(), code);
      const current = rig.value('AWSCURRENT');
      await dropPending(rig);
      await putLater(rig, JSON.stringify({ note: 'edited', ...current }));
      const request = await beginAnew(rig);

      await rig.run('createSecret', request);

      expect(rig.value('AWSPENDING')).toMatchObject({ note: 'edited', token: 'successor-1' });
      expect(rig.gitlab.rotateRequests).toHaveLength(1);
    },
  );

  it('is kept while somebody has left the secret unreadable', async () => {
    await using rig = await unstored(await startRig());
    const current = JSON.stringify(rig.value('AWSCURRENT'));
    await putLater(rig, '{');
    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'SECRET_MALFORMED' });
    await putLater(rig, current);

    await rig.run('createSecret');

    expect(rig.value('AWSPENDING')?.token).toBe('successor-1');
  });

  it('is kept until that succeeds', async () => {
    await using rig = await unstored(await startRig());
    refusePuts(rig, { nth: 1 });
    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'SUCCESSOR_NOT_STORED' });
    rig.secretsManager.faults.clear();

    await rig.run('createSecret');

    expect(rig.value('AWSPENDING')?.token).toBe('successor-1');
  });

  it('is kept while the secret cannot be read', async () => {
    await using rig = await unstored(await startRig());
    const get = { operation: 'GetSecretValue', at: 'before', nth: 2, times: 1000 } as const;
    rig.secretsManager.faults.add({ ...get, effect: { kind: 'answer', answer: internalError() } });
    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'SUCCESSOR_NOT_STORED',
      details: { tokenId: '2', operation: 'GetSecretValue' },
    });
    rig.secretsManager.faults.clear();

    await rig.run('createSecret');

    expect(rig.value('AWSPENDING')?.token).toBe('successor-1');
  });

  it('is stored although GitLab cannot be asked about it', async () => {
    await using rig = await unstored(await startRig());
    const reset = { operation: 'probe', at: 'before', times: 1000 } as const;
    rig.gitlab.faults.add({ ...reset, effect: { kind: 'reset' } });

    await rig.run('createSecret');

    expect(rig.value('AWSPENDING')?.token).toBe('successor-1');
  });

  it('is revoked when another run has stored another one meanwhile', async () => {
    await using rig = await unstored(await startRig());
    beStoredFirst(rig);

    await rig.run('createSecret');

    expect(rig.gitlab.isActive('successor-1')).toBe(false);
    expect(rig.log.map(({ message }) => message)).not.toContain(TOLD);
  });

  it('is forgotten when it is revoked', async () => {
    await using rig = await unstored(await startRig());
    const { storePending } = rig.services.secrets;
    beStoredFirst(rig);
    for (const step of ['createSecret', 'testSecret', 'finishSecret'] as const) {
      await rig.run(step);
    }
    rig.services.secrets.storePending = storePending;

    await rig.run('createSecret', await beginAnew(rig));

    expect(rig.gitlab.isActive(rig.value('AWSPENDING')?.token ?? '')).toBe(true);
    expect(rig.log.map(({ message }) => message).join()).not.toContain('is dropped');
  });

  it('is unknown to another process', async () => {
    await using rig = await unstored(await startRig());
    restart(rig);

    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'CURRENT_TOKEN_DEAD' });
  });
});

describe('a recovery whose successor could not be stored', () => {
  it('is told by the attempt that stores it, when it was the standby', async () => {
    await using rig = await startAlternatingRig();
    rig.gitlab.revoke(rig.firstTokenId);
    await unstored(rig);
    expect(rig.notices).toEqual([]);

    await rig.run('createSecret');

    expect(rig.value('AWSPENDING')?.token).toBe('successor-1');
    expect(rig.notices).toMatchObject([
      { code: 'HEALED', details: { recoveredBy: 'standby', reason: 'revoked' } },
    ]);
  });

  it('is told by the attempt that stores it, when it was the recovery credential', async () => {
    await using rig = await startRig();
    await addRecovery(rig);
    onRotate(rig, 'after', { kind: 'reset' });
    await unstored(rig);
    expect(rig.notices).toEqual([]);

    await rig.run('createSecret');

    expect(rig.value('AWSPENDING')?.token).toBe('successor-2');
    expect(rig.notices).toMatchObject([{ code: 'HEALED', details: { recoveredBy: 'recovery' } }]);
  });
});

describe('a kept successor that is not wanted any more', () => {
  it('is dropped when it is dead, since somebody rotated it by its id', async () => {
    await using rig = await unstored(await startRig());
    rig.gitlab.revoke(2);

    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'CURRENT_TOKEN_DEAD' });

    expect(rig.value('AWSPENDING')).toBeUndefined();
    expect(rig.log.map(({ message }) => message)).not.toContain(TOLD);
    expect(rig.log).toContainEqual({
      message: 'a successor that an earlier run could not store is dropped',
      details: { tokenId: '2' },
    });
  });

  it('is dropped when somebody put another token for consumers beside the standby', async () => {
    await using rig = await unstored(await startAlternatingRig(), 'STANDBY_LOST');
    const { gitlab, project: resource } = rig;
    gitlab.createAccessToken({ resource, scopes: ['self_rotate'], value: 'second' });
    await putLater(rig, JSON.stringify({ ...rig.value('AWSCURRENT'), token: 'second' }));

    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'STANDBY_DEAD' });

    expect(rig.value('AWSPENDING')).toBeUndefined();
  });

  it('is dropped when somebody put another standby, as the alert says', async () => {
    await using rig = await unstored(await startAlternatingRig(), 'STANDBY_LOST');
    const { gitlab, project: resource } = rig;
    gitlab.createAccessToken({ resource, scopes: ['self_rotate'], value: 'second' });
    await dropPending(rig);
    await putLater(
      rig,
      JSON.stringify({ ...rig.value('AWSCURRENT'), standby: { token: 'second' } }),
    );
    const request = await beginAnew(rig);

    await rig.run('createSecret', request);

    expect(rig.value('AWSPENDING')?.token).toBe('successor-2');
    expect(gitlab.isActive('second')).toBe(false);
  });

  it('is dropped when somebody put another token, which is rotated instead', async () => {
    await using rig = await unstored(await startRig());
    const { gitlab, project: resource } = rig;
    gitlab.createAccessToken({ resource, scopes: ['self_rotate'], value: 'second' });
    await putLater(rig, 'second');

    await rig.run('createSecret');

    expect(rig.secretsManager.valueOf(rig.secretId, 'AWSPENDING')).toBe('successor-2');
    expect(gitlab.rotateRequests).toHaveLength(2);
  });

  it('is not stored again in a later rotation', async () => {
    await using rig = await unstored(await startRig());
    for (const step of ['createSecret', 'testSecret', 'finishSecret'] as const) {
      await rig.run(step);
    }
    const request = await beginAnew(rig);

    await rig.run('createSecret', request);

    expect(rig.value('AWSPENDING')?.token).toBe('successor-2');
  });

  it('is forgotten once it is stored, and then found in the secret only', async () => {
    await using rig = await unstored(await startRig());
    await rig.run('createSecret');
    await dropPending(rig);
    const request = await beginAnew(rig);

    await rig.run('createSecret', request);

    expect(rig.notices).toMatchObject([{ code: 'HEALED', details: { recoveredBy: 'salvage' } }]);
    expect(rig.value('AWSPENDING')?.token).toBe('successor-1');
  });
});
