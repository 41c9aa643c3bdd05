import { describe, expect, it } from 'vitest';
import { rateLimited } from '../../../infra/local/gitlab/api/fault-answers.ts';
import { startRig } from '../../rig/function/rig.ts';
import { beforeRotating, onRotate } from '../../rig/function/rotate-faults.ts';

describe('when nothing happened', () => {
  it('sends the request again as soon as GitLab can be reached', async () => {
    await using rig = await startRig();
    beforeRotating(rig, () => rig.gitlab.pause());
    rig.clock.whileAsleep = async () => {
      rig.clock.whileAsleep = () => undefined;
      await rig.gitlab.resume();
    };

    await rig.run('createSecret');

    expect(rig.clock.pauses).toEqual([250]);
    expect(rig.gitlab.isActive('successor-1')).toBe(true);
  });

  it('uses the last moment in which there is time enough', async () => {
    await using rig = await startRig();
    rig.clock.timeoutMs = 35_250;
    beforeRotating(rig, () => rig.gitlab.pause());
    rig.clock.whileAsleep = () => rig.gitlab.resume();

    await rig.run('createSecret');

    expect(rig.value('AWSPENDING')?.token).toBe('successor-1');
  });

  it('sends nothing when proving the write has taken the time', async () => {
    await using rig = await startRig();
    beforeRotating(rig, () => rig.clock.advance(25_001));

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'NOT_ENOUGH_TIME',
      details: { remainingMs: 34_999 },
    });

    expect(rig.gitlab.rotateRequests).toEqual([]);
  });

  it('gives up while there is still time to tell', async () => {
    await using rig = await startRig();
    beforeRotating(rig, () => rig.gitlab.pause());

    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'GITLAB_UNREACHABLE' });

    expect(rig.gitlab.isActive('first')).toBe(true);
    expect(rig.gitlab.rotateRequests).toEqual([]);
  });

  it('gives up on a request that cannot be sent in the time that is left', async () => {
    await using rig = await startRig();
    rig.clock.timeoutMs = 35_100;
    beforeRotating(rig, () => rig.gitlab.pause());

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'GITLAB_UNREACHABLE',
      details: { reason: 'ECONNREFUSED' },
    });
  });

  it('names the obstacle, not the time, when the time has run down because of it', async () => {
    await using rig = await startRig();
    rig.clock.timeoutMs = 40_000;
    onRotate(rig, 'before', { kind: 'answer', answer: rateLimited(1) }, 5);
    // The probe after the pause takes its time.
    rig.clock.whileAsleep = () =>
      rig.gitlab.faults.add({
        operation: 'probe',
        at: 'after',
        effect: { kind: 'run', run: () => rig.clock.advance(4_500) },
      });

    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'GITLAB_RATE_LIMITED' });

    expect(rig.gitlab.rotateRequests).toHaveLength(1);
  });

  it('waits as long as the rate limiter asks', async () => {
    await using rig = await startRig();
    onRotate(rig, 'before', { kind: 'answer', answer: rateLimited(7) });

    await rig.run('createSecret');

    expect(rig.clock.pauses).toEqual([7_000]);
    expect(rig.value('AWSPENDING')?.token).toBe('successor-1');
  });

  it('leaves it to the next run when the rate limiter asks for more than there is', async () => {
    await using rig = await startRig();
    onRotate(rig, 'before', { kind: 'answer', answer: rateLimited(45) });

    await expect(rig.run('createSecret')).rejects.toMatchObject({
      code: 'GITLAB_RATE_LIMITED',
      details: { retryAfterSeconds: 45, status: 429 },
    });

    expect(rig.clock.pauses).toEqual([]);
    expect(rig.gitlab.isActive('first')).toBe(true);
  });

  it('waits the usual pause when the rate limiter names none', async () => {
    await using rig = await startRig();
    const { Retry: _, ...answer } = { Retry: 0, status: 429, body: 'Retry later\n' };
    onRotate(rig, 'before', { kind: 'answer', answer }, 2);

    await rig.run('createSecret');

    expect(rig.clock.pauses).toEqual([250, 500]);
  });

  it('does not present the token again when it died during the pause', async () => {
    await using rig = await startRig();
    onRotate(rig, 'before', { kind: 'answer', answer: rateLimited(1) });
    rig.clock.whileAsleep = () => rig.gitlab.revoke(rig.firstTokenId);

    await expect(rig.run('createSecret')).rejects.toMatchObject({ code: 'CURRENT_TOKEN_DEAD' });

    expect(rig.gitlab.rotateRequests).toHaveLength(1);
  });
});

describe('how long the answer is waited for', () => {
  it.each([
    ['all that can be spared', 60_000, 53_000],
    ['thirty seconds at least', 36_000, 30_000],
    ['no longer than GitLab works on it', 900_000, 60_000],
  ])('%s', async (_what, timeoutMs, expected) => {
    await using rig = await startRig();
    const { rotate } = rig.services.tokens;
    const waits: number[] = [];
    rig.services.tokens.rotate = (token, owner, expiresAt, waitMs, active) => {
      waits.push(waitMs);
      return rotate.call(rig.services.tokens, token, owner, expiresAt, waitMs, active);
    };
    rig.clock.timeoutMs = timeoutMs;

    await rig.run('createSecret');

    expect(waits).toEqual([expected]);
  });
});
