import { CancelRotateSecretCommand, DescribeSecretCommand } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { createSecret, put, refusal, rotate, rotates } from './actions.ts';
import { type Rig, startRig } from './rig.ts';

const SecretId = 'token';

// A Sunday.
const NOW = new Date('2026-03-01T10:20:30Z');

describe('NextRotationDate', () => {
  it.each([
    [{ AutomaticallyAfterDays: 1 }, '2026-03-02T23:59:59Z'],
    [{ AutomaticallyAfterDays: 1000 }, '2028-11-25T23:59:59Z'],
    [{ AutomaticallyAfterDays: 10, Duration: '3h' }, '2026-03-11T02:59:59Z'],
    [{ ScheduleExpression: 'rate(10 days)' }, '2026-03-11T23:59:59Z'],
    [{ ScheduleExpression: 'rate(1 day)' }, '2026-03-02T23:59:59Z'],
    [{ ScheduleExpression: 'rate(4 hours)' }, '2026-03-01T14:59:59Z'],
    [{ ScheduleExpression: 'rate(6 hours)', Duration: '2h' }, '2026-03-01T17:59:59Z'],
    [{ ScheduleExpression: 'rate(13 hours)', Duration: '6h' }, '2026-03-01T23:59:59Z'],
    [{ ScheduleExpression: 'cron(0 8 1 * ? *)' }, '2026-04-01T23:59:59Z'],
    [{ ScheduleExpression: 'cron(0 12 1 * ? *)' }, '2026-03-01T23:59:59Z'],
    [{ ScheduleExpression: 'cron(0 8 1 * ? *)', Duration: '2h' }, '2026-04-01T09:59:59Z'],
    [{ ScheduleExpression: 'cron(0 10 ? * SUN *)', Duration: '1h' }, '2026-03-08T10:59:59Z'],
    [{ ScheduleExpression: 'cron(0 0 ? * MON-FRI *)', Duration: '1h' }, '2026-03-02T00:59:59Z'],
    [{ ScheduleExpression: 'cron(0 1 ? * SUN#1 *)', Duration: '1h' }, '2026-04-05T01:59:59Z'],
    [{ ScheduleExpression: 'cron(0 1 ? * 6L *)', Duration: '1h' }, '2026-03-27T01:59:59Z'],
    [{ ScheduleExpression: 'cron(0 1 L * ? *)', Duration: '1h' }, '2026-03-31T01:59:59Z'],
    [{ ScheduleExpression: 'cron(0 1 29 FEB ? *)', Duration: '1h' }, '2028-02-29T01:59:59Z'],
    [{ ScheduleExpression: 'cron(0 1 1 1/3 ? *)', Duration: '1h' }, '2026-04-01T01:59:59Z'],
    [{ ScheduleExpression: 'cron(0 0/8 * * ? *)' }, '2026-03-01T16:59:59Z'],
    [{ ScheduleExpression: 'cron(0 8,16 * * ? *)' }, '2026-03-01T16:59:59Z'],
  ])('of %o is %s', async (RotationRules, expected) => {
    await using rig = await startRig({ now: () => NOW, maxAttempts: 1 });
    await createSecret(rig);

    await rotate(rig, { RotationRules });
    await rig.secretsManager.rotationEnded(SecretId);

    expect(rig.secretsManager.snapshot(SecretId).nextRotationDate).toEqual(new Date(expected));
  });

  it.each([
    'rate(3 hours)',
    'rate(1000 days)',
    'rate(1 week)',
    'cron(30 8 1 * ? *)',
    'cron(0 8 1 * ? 2027)',
    'cron(0 8 1 * 2 *)',
    'cron(0 8 ? * ? *)',
    'cron(0 8 32 * ? *)',
    'cron(0 24 1 * ? *)',
    'cron(0 8 1 13 ? *)',
    'cron(0 8 ? * SUN#6 *)',
    'cron(0 8-6 1 * ? *)',
    'cron(0 */3 * * ? *)',
    'cron(0 0,22 * * ? *)',
    'cron(0 8 1 * ?)',
  ])('is not planned for %s, which AWS does not allow', async (ScheduleExpression) => {
    await using rig = await startRig();
    await createSecret(rig);

    const call = rotate(rig, { RotationRules: { ScheduleExpression } });

    await expect(call).rejects.toMatchObject(refusal('InvalidParameterException'));
  });

  it.each([
    ['a window without a schedule', { Duration: '3h' }],
    ['a day that never comes', { ScheduleExpression: 'cron(0 8 31 FEB ? *)' }],
  ])('does not exist for %s', async (_, RotationRules) => {
    await using rig = await startRig({ maxAttempts: 1 });
    await createSecret(rig);

    await rotate(rig, { RotationRules });
    await rig.secretsManager.rotationEnded(SecretId);

    expect(rig.secretsManager.snapshot(SecretId)).not.toHaveProperty('nextRotationDate');
  });

  it('is in the next window, not in the one that opens at this moment', async () => {
    const now = new Date('2026-03-01T08:00:00Z');
    await using rig = await startRig({ now: () => now, maxAttempts: 1 });
    await createSecret(rig);

    await rotate(rig, { RotationRules: { ScheduleExpression: 'cron(0 8 * * ? *)' } });
    await rig.secretsManager.rotationEnded(SecretId);

    const { nextRotationDate } = rig.secretsManager.snapshot(SecretId);
    expect(nextRotationDate).toEqual(new Date('2026-03-02T23:59:59Z'));
  });

  it('moves on when somebody puts a value by hand', async () => {
    let now = NOW;
    await using rig = await startRig({ now: () => now });
    await createSecret(rig);
    await rotate(rig, { RotateImmediately: false });
    await rig.secretsManager.rotationEnded(SecretId);

    now = new Date('2026-03-11T00:00:00Z');
    await put(rig, 'v2');

    const { nextRotationDate } = rig.secretsManager.snapshot(SecretId);
    expect(nextRotationDate).toEqual(new Date('2026-04-10T23:59:59Z'));
  });

  it('is gone when the schedule is taken away', async () => {
    await using rig = await startRig({ maxAttempts: 1 });
    await createSecret(rig);
    await rotate(rig, { RotateImmediately: false });
    await rig.secretsManager.rotationEnded(SecretId);

    await rotate(rig, { RotateImmediately: false, RotationRules: { Duration: '3h' } });
    await rig.secretsManager.rotationEnded(SecretId);

    expect(rig.secretsManager.snapshot(SecretId)).not.toHaveProperty('nextRotationDate');
  });

  it('stays when a value is put that is not current', async () => {
    let now = NOW;
    await using rig = await startRig({ now: () => now });
    await createSecret(rig);
    await rotate(rig, { RotateImmediately: false });
    await rig.secretsManager.rotationEnded(SecretId);
    const planned = rig.secretsManager.snapshot(SecretId).nextRotationDate;

    now = new Date('2026-03-11T00:00:00Z');
    await put(rig, 'v2', 'X');

    expect(rig.secretsManager.snapshot(SecretId).nextRotationDate).toEqual(planned);
  });

  it('is planned anew when rotation is turned on again', async () => {
    let now = NOW;
    await using rig = await startRig({ now: () => now });
    await createSecret(rig);
    await rotate(rig, { RotateImmediately: false });
    await rig.secretsManager.rotationEnded(SecretId);
    await rig.client.send(new CancelRotateSecretCommand({ SecretId }));
    await put(rig, 'v2');
    const off = rig.secretsManager.snapshot(SecretId);

    now = new Date('2026-03-11T00:00:00Z');
    await rotate(rig, { RotateImmediately: false });
    await rig.secretsManager.rotationEnded(SecretId);

    expect(off).not.toHaveProperty('nextRotationDate');
    expect(rig.secretsManager.snapshot(SecretId).nextRotationDate).toEqual(
      new Date('2026-04-10T23:59:59Z'),
    );
  });
});

async function rulesOf({ client }: Rig) {
  const { RotationRules } = await client.send(new DescribeSecretCommand({ SecretId }));
  return RotationRules;
}

describe('AutomaticallyAfterDays', () => {
  it.each([
    ['rate(10 days)', 10],
    ['rate(4 hours)', 1],
    ['rate(36 hours)', 1],
    ['cron(0 8 1 * ? *)', 31],
    ['cron(0 0 ? * MON-FRI *)', 1],
    ['cron(0 8,16 * * ? *)', 1],
    ['cron(0 1 29 FEB ? *)', 730],
  ])('is calculated from %s after a rotation: %i', async (ScheduleExpression, days) => {
    await using rig = await startRig({ now: () => NOW });
    await createSecret(rig);
    rig.script(rotates(rig));

    await rotate(rig, { RotationRules: { ScheduleExpression } });
    const before = await rulesOf(rig);
    await rig.secretsManager.rotationEnded(SecretId);

    expect(before).toEqual({ ScheduleExpression });
    expect(await rulesOf(rig)).toEqual({ ScheduleExpression, AutomaticallyAfterDays: days });
  });

  it('is calculated anew after each rotation', async () => {
    let now = NOW;
    await using rig = await startRig({ now: () => now });
    await createSecret(rig);
    rig.script(rotates(rig));
    await rotate(rig, { RotationRules: { ScheduleExpression: 'cron(0 8 1,15 * ? *)' } });
    await rig.secretsManager.rotationEnded(SecretId);
    const first = await rulesOf(rig);

    now = new Date('2026-03-15T23:59:59Z');
    rig.secretsManager.runDueRotations();
    await rig.secretsManager.rotationEnded(SecretId);

    expect(first).toMatchObject({ AutomaticallyAfterDays: 14 });
    expect(await rulesOf(rig)).toMatchObject({ AutomaticallyAfterDays: 17 });
  });

  it('is what was given, where days were given', async () => {
    await using rig = await startRig({ now: () => NOW });
    await createSecret(rig);
    rig.script(rotates(rig));

    await rotate(rig);
    await rig.secretsManager.rotationEnded(SecretId);

    expect(await rulesOf(rig)).toEqual({ AutomaticallyAfterDays: 30 });
  });

  it('changes nothing about the schedule for a call that gives the same expression', async () => {
    await using rig = await startRig({ now: () => NOW });
    await createSecret(rig);
    rig.script(rotates(rig));
    const RotationRules = { ScheduleExpression: 'rate(10 days)' };
    await rotate(rig, { RotationRules });
    await rig.secretsManager.rotationEnded(SecretId);

    await rotate(rig, { RotationRules, RotateImmediately: false });
    await rig.secretsManager.rotationEnded(SecretId);

    expect(await rulesOf(rig)).toEqual({ ...RotationRules, AutomaticallyAfterDays: 10 });
  });

  it('is gone when another expression is given, until the next rotation', async () => {
    await using rig = await startRig({ now: () => NOW });
    await createSecret(rig);
    rig.script(rotates(rig));
    await rotate(rig, { RotationRules: { ScheduleExpression: 'rate(10 days)' } });
    await rig.secretsManager.rotationEnded(SecretId);

    const RotationRules = { ScheduleExpression: 'rate(20 days)' };
    await rotate(rig, { RotationRules, RotateImmediately: false });
    await rig.secretsManager.rotationEnded(SecretId);

    expect(await rulesOf(rig)).toEqual(RotationRules);
  });
});
