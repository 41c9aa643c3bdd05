import { describe, expect, it } from 'vitest';
import { startRig } from '../../rig/function/rig.ts';
import { onRotate } from '../../rig/function/rotate-faults.ts';

describe('when GitLab finds the date too far', () => {
  it('takes the date that GitLab names, and warns', async () => {
    await using rig = await startRig({ settings: { lifetimeDays: 400 } });

    await rig.run('createSecret');

    const { expiresAt } = rig.gitlab.tokens.at(-1) ?? {};
    const farthest = new Date(rig.clock.now().getTime() + 365 * 86_400_000);
    expect(expiresAt).toBe(farthest.toISOString().slice(0, 10));
    expect(rig.gitlab.rotateRequests.map(({ status }) => status)).toEqual([400, 200]);
    expect(rig.log).toContainEqual({
      message: 'GitLab allows a shorter lifetime than the configured one',
      details: expect.objectContaining({ allowed: expiresAt }),
    });
  });

  it('takes the earliest of several dates', async () => {
    await using rig = await startRig({ settings: { lifetimeDays: 400 } });
    rig.gitlab.settings.secondMaxDays = 30;

    await rig.run('createSecret');

    const farthest = new Date(rig.clock.now().getTime() + 30 * 86_400_000);
    expect(rig.gitlab.tokens.at(-1)?.expiresAt).toBe(farthest.toISOString().slice(0, 10));
  });

  it('never asks for a token that would be dead at once', async () => {
    await using rig = await startRig();
    const today = rig.clock.now().toISOString().slice(0, 10);
    const body = JSON.stringify({ message: `400 Bad request - must be before ${today}` });
    onRotate(rig, 'before', {
      kind: 'answer',
      answer: { status: 400, headers: { 'content-type': 'application/json' }, body },
    });

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'ROTATION_REFUSED',
      details: { refusal: 'request-invalid' },
    });

    expect(rig.gitlab.rotateRequests).toHaveLength(1);
    expect(rig.gitlab.isActive('first')).toBe(true);
  });

  it('asks once more only', async () => {
    await using rig = await startRig();
    const body = JSON.stringify({ message: '400 Bad request - must be before 2999-01-01' });
    onRotate(
      rig,
      'before',
      {
        kind: 'answer',
        answer: { status: 400, headers: { 'content-type': 'application/json' }, body },
      },
      5,
    );

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'ROTATION_REFUSED',
      details: { expiresAt: '2999-01-01' },
    });

    expect(rig.gitlab.rotateRequests).toHaveLength(2);
  });
});
