import { describe, expect, it } from 'vitest';
import { failureOf, startAlternatingRig } from '../../../rig/function/alternating-rig.ts';
import { addRecovery } from '../../../rig/function/recovery-rig.ts';
import { startRig } from '../../../rig/function/rig.ts';
import { beStoredFirst, onRotate, refusePuts } from '../../../rig/function/rotate-faults.ts';
import { dayIn, planNextRotation } from '../../../rig/function/test-secret-rig.ts';

describe('createSecret, of a successor that dies before it is rotated', () => {
  it('tells at once, and goes on', async () => {
    await using rig = await startRig({ settings: { lifetimeDays: 20 } });

    await rig.run('createSecret');

    const details = { tokenId: '2', expiresAt: dayIn(rig, 20), nextRotation: dayIn(rig, 30) };
    expect(rig.notices).toStrictEqual([{ code: 'EXPIRES_TOO_SOON', details }]);
    expect(rig.log).toContainEqual({
      message: 'the successor expires before its next rotation',
      details,
    });
    expect(rig.value('AWSPENDING')?.token).toBe('successor-1');
  });

  it('tells once the successor is stored, and not before', async () => {
    await using rig = await startRig({ settings: { lifetimeDays: 20 } });
    let stored: unknown;
    const newRun = rig.newRun.bind(rig);
    rig.newRun = (request) => ({
      ...newRun(request),
      notify: async () => {
        stored = rig.value('AWSPENDING')?.token;
      },
    });

    await rig.steps.createSecret(rig.newRun());

    expect(stored).toBe('successor-1');
  });

  it('counts the day of the next rotation as too soon', async () => {
    await using rig = await startRig({ settings: { lifetimeDays: 30 } });

    await rig.run('createSecret');

    expect(rig.notices).toMatchObject([{ code: 'EXPIRES_TOO_SOON' }]);
  });

  it('counts from this rotation, not from a date that was planned before it', async () => {
    await using rig = await startRig({ settings: { lifetimeDays: 20 } });
    planNextRotation(rig, 1);

    await rig.run('createSecret');

    expect(rig.notices).toMatchObject([{ details: { nextRotation: dayIn(rig, 30) } }]);
  });

  it.each([
    ['lives long enough', '{"id":2,"token":"successor-1","expires_at":"2100-01-01"}'],
    ['never expires', '{"id":2,"token":"successor-1","expires_at":null}'],
    ['is not known to expire', '{"id":2,"token":"successor-1"}'],
  ])('says nothing where it %s', async (_, body) => {
    await using rig = await startRig();
    onRotate(rig, 'after', { kind: 'answer', answer: { status: 200, body } });

    await rig.run('createSecret');

    expect(rig.notices).toEqual([]);
  });

  it('says nothing of one that is not stored, since another run was first', async () => {
    await using rig = await startRig({ settings: { lifetimeDays: 20 } });
    beStoredFirst(rig);

    await rig.run('createSecret');

    expect(rig.notices).toEqual([]);
  });

  it('says nothing where no rotation is scheduled', async () => {
    await using rig = await startRig({ settings: { lifetimeDays: 2 } });
    const { describe: read } = rig.services.secrets;
    rig.services.secrets.describe = async (...asked) => {
      const { rotationEnabled, stages } = await read.call(rig.services.secrets, ...asked);
      return { rotationEnabled, stages };
    };

    await rig.run('createSecret');

    expect(rig.notices).toEqual([]);
  });

  it.each([
    [60, ['EXPIRES_TOO_SOON']],
    [61, []],
  ])('counts two intervals for each of two tokens: %i days', async (lifetimeDays, codes) => {
    await using rig = await startAlternatingRig({ settings: { lifetimeDays } });

    await rig.run('createSecret');

    expect(rig.notices.map(({ code }) => code)).toEqual(codes);
  });

  it('tells also where an earlier run could not store it', async () => {
    await using rig = await startRig({ settings: { lifetimeDays: 20 } });
    refusePuts(rig);
    expect(await failureOf(rig.run('createSecret'))).toMatchObject({
      code: 'SUCCESSOR_NOT_STORED',
    });
    expect(rig.notices).toEqual([]);
    rig.secretsManager.faults.clear();

    await rig.run('createSecret');

    expect(rig.notices).toMatchObject([{ code: 'EXPIRES_TOO_SOON', details: { tokenId: '2' } }]);
  });

  it('tells also of one that the recovery credential has brought back', async () => {
    await using rig = await startRig({ settings: { lifetimeDays: 20 } });
    await addRecovery(rig);
    onRotate(rig, 'after', { kind: 'reset' });

    await rig.run('createSecret');

    expect(rig.notices.map(({ code }) => code)).toEqual(['HEALED', 'EXPIRES_TOO_SOON']);
  });
});
