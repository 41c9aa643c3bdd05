import { describe, expect, it } from 'vitest';
import {
  accessDenied,
  internalError,
} from '../../../../infra/local/secrets-manager/state/errors.ts';
import { addRecovery, type RecoveryProps } from '../../../rig/function/recovery-rig.ts';
import { startRig } from '../../../rig/function/rig.ts';
import { dayIn } from '../../../rig/function/test-secret-rig.ts';

const TOLD = 'the recovery credential could not help';

describe('createSecret with a recovery credential', () => {
  it('says nothing of one that could help', async () => {
    await using rig = await startRig();
    await addRecovery(rig, { expiresAt: dayIn(rig, 31) });

    await rig.run('createSecret');

    expect(rig.notices).toEqual([]);
    expect(rig.value('AWSPENDING')?.token).toBe('successor-1');
  });

  it('says nothing of one that never expires', async () => {
    await using rig = await startRig();
    await addRecovery(rig, { expiresAt: null });

    await rig.run('createSecret');

    expect(rig.notices).toEqual([]);
  });

  it('cannot tell whether it lives long enough where nothing is scheduled', async () => {
    await using rig = await startRig();
    await addRecovery(rig, { expiresAt: dayIn(rig, 1) });
    const { describe: read } = rig.services.secrets;
    rig.services.secrets.describe = async (...asked) => {
      const { rotationEnabled, stages } = await read.call(rig.services.secrets, ...asked);
      return { rotationEnabled, stages };
    };

    await rig.run('createSecret');

    expect(rig.notices).toEqual([]);
  });

  it('tells before it rotates that the credential dies by the next rotation, and goes on', async () => {
    await using rig = await startRig();
    const day = dayIn(rig, 30);
    await addRecovery(rig, { expiresAt: day });
    let toldBefore: unknown;
    const run = () => {
      toldBefore = rig.notices.length;
    };
    rig.gitlab.faults.add({ operation: 'rotate', at: 'before', effect: { kind: 'run', run } });

    await rig.run('createSecret');

    const details = { recovery: 'expires-too-soon', recoveryExpiresAt: day, nextRotation: day };
    expect(rig.notices).toStrictEqual([{ code: 'EXPIRES_TOO_SOON', details }]);
    expect(rig.log).toContainEqual({ message: TOLD, details });
    expect(toldBefore).toBe(1);
    expect(rig.value('AWSPENDING')?.token).toBe('successor-1');
  });

  it('tells that it is dead', async () => {
    await using rig = await startRig();
    const { tokenId } = await addRecovery(rig);
    rig.gitlab.revoke(tokenId);

    await rig.run('createSecret');

    expect(rig.notices).toStrictEqual([
      { code: 'EXPIRES_TOO_SOON', details: { recovery: 'dead', recoveryReason: 'revoked' } },
    ]);
    expect(rig.gitlab.rotateRequests.map(({ operation }) => operation)).toEqual(['rotate']);
    expect(rig.value('AWSPENDING')?.token).toBe('successor-1');
  });

  it('tells that GitLab refuses it, since its user is blocked', async () => {
    await using rig = await startRig();
    const { tokenId } = await addRecovery(rig);
    const { userId = 0 } = rig.gitlab.tokens.find(({ id }) => id === tokenId) ?? {};
    rig.gitlab.user(userId).state = 'blocked';

    await rig.run('createSecret');

    const details = { recovery: 'refused', recoveryRefusal: 'user-blocked', status: 403 };
    expect(rig.notices).toMatchObject([{ code: 'EXPIRES_TOO_SOON', details }]);
    expect(rig.value('AWSPENDING')?.token).toBe('successor-1');
  });

  it.each<[string, RecoveryProps, object]>([
    [
      'lacks the scope api',
      { scopes: ['read_api'] },
      { recovery: 'scope-missing', recoveryScopes: ['read_api'] },
    ],
    [
      'is missing',
      { secretString: null },
      { recovery: 'unreadable', recoveryError: 'SECRET_MISSING' },
    ],
    [
      'is malformed',
      { secretString: '{}' },
      { recovery: 'unreadable', recoveryError: 'SECRET_MALFORMED' },
    ],
  ])('tells that it %s', async (_what, recovery, details) => {
    await using rig = await startRig();
    await addRecovery(rig, recovery);

    await rig.run('createSecret');

    expect(rig.notices).toStrictEqual([{ code: 'EXPIRES_TOO_SOON', details }]);
    expect(rig.value('AWSPENDING')?.token).toBe('successor-1');
  });

  it('tells that it may not be read', async () => {
    await using rig = await startRig();
    await addRecovery(rig);
    rig.secretsManager.faults.add({
      operation: 'GetSecretValue',
      at: 'before',
      nth: 3,
      effect: { kind: 'answer', answer: accessDenied('secretsmanager:GetSecretValue') },
    });

    await rig.run('createSecret');

    expect(rig.notices).toMatchObject([{ details: { recovery: 'unreadable' } }]);
  });

  it('says nothing when Secrets Manager is away for a moment', async () => {
    await using rig = await startRig();
    await addRecovery(rig);
    // The SDK tries three times.
    rig.secretsManager.faults.add({
      operation: 'GetSecretValue',
      at: 'before',
      nth: 3,
      times: 3,
      effect: { kind: 'answer', answer: internalError() },
    });

    await rig.run('createSecret');

    expect(rig.notices).toEqual([]);
    expect(rig.value('AWSPENDING')?.token).toBe('successor-1');
  });

  it('says nothing when GitLab gives no answer about it', async () => {
    await using rig = await startRig();
    await addRecovery(rig);
    rig.gitlab.faults.add({ operation: 'probe', at: 'before', nth: 2, effect: { kind: 'reset' } });

    await rig.run('createSecret');

    expect(rig.notices).toEqual([]);
    expect(rig.value('AWSPENDING')?.token).toBe('successor-1');
  });

  it.each([
    [55_000, 1],
    [54_999, 0],
  ])(
    'with %i ms left looks %i times, so that it takes no time from a rotation',
    async (ms, looks) => {
      await using rig = await startRig();
      await addRecovery(rig, { scopes: ['read_api'] });
      rig.clock.timeoutMs = ms;

      await rig.run('createSecret');

      expect(rig.notices).toHaveLength(looks);
      expect(rig.value('AWSPENDING')?.token).toBe('successor-1');
    },
  );

  it('passes on what nobody foresaw, before anything is rotated', async () => {
    await using rig = await startRig();
    await addRecovery(rig);
    const unforeseen = new TypeError('unforeseen');
    const { probe } = rig.services.tokens;
    rig.services.tokens.probe = async (token, timeoutMs) =>
      token === 'recovery'
        ? Promise.reject(unforeseen)
        : probe.call(rig.services.tokens, token, timeoutMs);

    await expect(rig.run('createSecret')).rejects.toBe(unforeseen);

    expect(rig.gitlab.rotateRequests).toEqual([]);
  });
});
