import { describe, expect, it } from 'vitest';
import {
  accessDenied,
  internalError,
} from '../../../../infra/local/secrets-manager/state/errors.ts';
import { startRig } from '../../../rig/function/rig.ts';
import { dayIn, planNextRotation } from '../../../rig/function/test-secret-rig.ts';

describe('testSecret alone, the dry run', () => {
  it('accepts the current token and changes nothing', async () => {
    await using rig = await startRig();

    await rig.dryRun();

    expect(rig.gitlab.isActive('first')).toBe(true);
    expect(rig.gitlab.rotateRequests).toEqual([]);
    expect(rig.value('AWSCURRENT')?.token).toBe('first');
  });

  it('fails for a dead token', async () => {
    await using rig = await startRig();
    rig.gitlab.revoke(rig.firstTokenId);

    await expect(rig.dryRun()).rejects.toMatchObject({
      code: 'PENDING_TOKEN_REJECTED',
      details: { dryRun: true, reason: 'revoked' },
    });
  });

  it('fails for a token that cannot rotate itself', async () => {
    await using rig = await startRig({ scopes: ['read_api'] });

    await expect(rig.dryRun()).rejects.toMatchObject({
      code: 'SCOPE_MISSING',
      details: { dryRun: true, scopes: ['read_api'] },
    });
  });

  it('fails for a token that will be dead by its next rotation', async () => {
    await using rig = await startRig({ rotationRules: { AutomaticallyAfterDays: 60 } });

    await expect(rig.dryRun()).rejects.toMatchObject({
      code: 'PENDING_TOKEN_REJECTED',
      details: { dryRun: true, reason: 'expires-too-soon' },
      statedRisk: 'none',
    });
  });

  it('accepts a token that lives until the date that AWS has planned', async () => {
    await using rig = await startRig({ rotationRules: { AutomaticallyAfterDays: 30 } });
    rig.clock.advance(15 * 86_400_000);

    await rig.dryRun();

    expect(rig.notices).toEqual([]);
  });

  it('fails for a token that lives for an interval, but not until the date that AWS has planned', async () => {
    await using rig = await startRig();
    planNextRotation(rig, 50);

    await expect(rig.dryRun()).rejects.toMatchObject({
      code: 'PENDING_TOKEN_REJECTED',
      details: { reason: 'expires-too-soon', nextRotation: dayIn(rig, 50) },
    });
  });

  it('says of a secret without a value that it has none, and that nothing was rotated', async () => {
    await using rig = await startRig({ secretString: null });

    await expect(rig.run('testSecret')).rejects.toMatchObject({
      code: 'SECRET_MISSING',
      details: { dryRun: true },
    });
  });

  it('asks again where it cannot find out that it is the dry run', async () => {
    await using rig = await startRig({ scopes: ['read_api'] });
    // The first read is that of the version itself.
    const get = { operation: 'GetSecretValue', at: 'before', nth: 2, times: 2 } as const;
    rig.secretsManager.faults.add({
      ...get,
      effect: { kind: 'answer', answer: accessDenied('secretsmanager:GetSecretValue') },
    });

    await expect(rig.dryRun()).rejects.toMatchObject({ code: 'SCOPE_MISSING' });

    expect(rig.notices).toEqual([]);
  });

  it('does not pass when the schedule cannot be read', async () => {
    await using rig = await startRig();
    rig.secretsManager.faults.add({
      operation: 'DescribeSecret',
      at: 'before',
      effect: { kind: 'answer', answer: accessDenied('secretsmanager:DescribeSecret') },
    });

    await expect(rig.dryRun()).rejects.toMatchObject({ code: 'STORE_DENIED' });
  });

  it('waits for a schedule that cannot be read just now', async () => {
    await using rig = await startRig();
    rig.secretsManager.faults.add({
      operation: 'DescribeSecret',
      at: 'before',
      times: 4,
      effect: { kind: 'answer', answer: internalError() },
    });

    await rig.dryRun();

    expect(rig.clock.pauses).toEqual([250]);
  });

  it('does not pass when the first read of the current value shows an older one', async () => {
    await using rig = await startRig({ scopes: ['read_api'] });
    const { readCurrent } = rig.services.secrets;
    let times = 2;
    rig.services.secrets.readCurrent = async (...asked) => {
      const version = await readCurrent.call(rig.services.secrets, ...asked);
      times -= 1;
      return times >= 0 ? { ...version, versionId: 'older', secretString: 'older' } : version;
    };

    await expect(rig.dryRun()).rejects.toMatchObject({ code: 'SCOPE_MISSING' });
  });

  it('does not pass when the first read shows an older value with the same token', async () => {
    await using rig = await startRig({ rotationRules: { AutomaticallyAfterDays: 60 } });
    const { readCurrent } = rig.services.secrets;
    rig.services.secrets.readCurrent = async (...asked) => {
      rig.services.secrets.readCurrent = readCurrent;
      const version = await readCurrent.call(rig.services.secrets, ...asked);
      return { ...version, versionId: 'older', secretString: 'first' };
    };

    await expect(rig.dryRun()).rejects.toMatchObject({ code: 'PENDING_TOKEN_REJECTED' });
  });

  it('does not pass when that cannot be found out', async () => {
    await using rig = await startRig({ scopes: ['read_api'] });
    const get = { operation: 'GetSecretValue', at: 'before', nth: 2, times: 1000 } as const;
    rig.secretsManager.faults.add({
      ...get,
      effect: { kind: 'answer', answer: accessDenied('secretsmanager:GetSecretValue') },
    });

    await expect(rig.dryRun()).rejects.toMatchObject({ code: 'STORE_DENIED' });
  });
});
