import { describe, expect, it } from 'vitest';
import { tokenExpiry } from '../../../lambda/time/token-expiry.ts';
import { startRig } from '../../rig/rig.ts';
import { onRotate } from './rotate-faults.ts';

describe('when GitLab finds the date too far', () => {
  it('takes the date that GitLab names, and warns', async () => {
    await using rig = await startRig({ settings: { lifetimeDays: 400 } });

    await rig.run('createSecret');

    const { expiresAt } = rig.gitlab.tokens.at(-1) ?? {};
    const farthest = new Date(rig.clock.now().getTime() + 365 * 86_400_000);
    expect(expiresAt).toBe(farthest.toISOString().slice(0, 10));
    expect(rig.gitlab.rotateRequests.map(({ status }) => status)).toEqual([400, 200]);
    expect(rig.log).toContainEqual({
      message: 'GitLab allows a shorter lifetime than TOKEN_LIFETIME_DAYS',
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
    expect(rig.gitlab.isAlive('first')).toBe(true);
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

describe('when the successor would be born dead by GitLab’s clock', () => {
  it('does not ask for it', async () => {
    await using rig = await startRig();
    const ahead = new Date(rig.clock.now().getTime() + 91 * 86_400_000);
    const body = JSON.stringify({ id: 1, scopes: ['self_rotate'] });
    const answer = { status: 200, headers: { date: ahead.toUTCString() }, body };
    const effect = { kind: 'answer', answer } as const;
    rig.gitlab.faults.add({ operation: 'probe', at: 'before', times: 2, effect });

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'ROTATION_REFUSED',
      details: { refusal: 'clocks-differ', expiresAt: tokenExpiry(rig.clock.now(), 90) },
    });

    expect(rig.gitlab.rotateRequests).toEqual([]);
    expect(rig.gitlab.isAlive('first')).toBe(true);
  });
});
