import { CancelRotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { startRig } from '../../../../rig/local/secrets-manager-rig.ts';
import { createSecret, put, rotate } from '../actions.ts';

const SecretId = 'token';

// A Sunday.
const NOW = new Date('2026-03-01T10:20:30Z');

describe('NextRotationDate', () => {
  it.each([
    [{ AutomaticallyAfterDays: 1 }, '2026-03-02T23:59:59Z'],
    [{ AutomaticallyAfterDays: 1000 }, '2028-11-25T23:59:59Z'],
    [{ AutomaticallyAfterDays: 10, Duration: '3h' }, '2026-03-11T02:59:59Z'],
  ])('of %o is %s', async (RotationRules, expected) => {
    await using rig = await startRig({ now: () => NOW, maxAttempts: 1 });
    await createSecret(rig);

    await rotate(rig, { RotationRules });
    await rig.secretsManager.rotationEnded(SecretId);

    expect(rig.secretsManager.snapshot(SecretId).nextRotationDate).toEqual(new Date(expected));
  });

  it('does not exist for a window without a schedule', async () => {
    await using rig = await startRig({ maxAttempts: 1 });
    await createSecret(rig);

    await rotate(rig, { RotationRules: { Duration: '3h' } });
    await rig.secretsManager.rotationEnded(SecretId);

    expect(rig.secretsManager.snapshot(SecretId)).not.toHaveProperty('nextRotationDate');
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
