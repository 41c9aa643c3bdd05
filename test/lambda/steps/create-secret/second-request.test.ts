import { describe, expect, it } from 'vitest';
import { type RotationError, riskAt } from '../../../../lambda/failure.ts';
import { areActive, failureOf } from '../../../rig/function/alternating-rig.ts';
import { PROBED } from '../../../rig/function/probed-token.ts';
import { putSecond, startRig } from '../../../rig/function/rig.ts';
import { onRotate } from '../../../rig/function/rotate-faults.ts';
import { dayIn, putPending } from '../../../rig/function/test-secret-rig.ts';
import { createLate, STEPS, upTo } from '../late-request.ts';

describe('a rotate request that GitLab reads after another run has rotated the token', () => {
  it.each(STEPS)('tells that both tokens are revoked: after %s', async (step) => {
    await using rig = await startRig();

    const failure = await createLate(rig, upTo(step));

    expect(areActive(rig, 'first', 'successor-1')).toEqual({ first: false, 'successor-1': false });
    expect(failure).toMatchObject({
      code: 'CURRENT_TOKEN_DEAD',
      details: { reason: 'revoked', status: 401, reuseDetected: true },
    });
    expect(riskAt('createSecret', failure as RotationError)).toBe('consumers');
    // Nothing is left to wait for.
    expect(rig.clock.pauses).toEqual([]);
  });

  it('tells it where the answer to that request is lost, too', async () => {
    await using rig = await startRig();
    rig.gitlab.faults.add({ operation: 'rotate', at: 'after', effect: { kind: 'reset' } });

    const failure = await createLate(rig, ['createSecret']);

    expect(failure).toMatchObject({
      code: 'CURRENT_TOKEN_DEAD',
      details: { reuseDetected: true },
    });
  });

  it('tells it where the other run has not stored its successor yet', async () => {
    await using rig = await startRig();
    const run = () =>
      rig.services.tokens.rotate('first', { kind: 'token' }, dayIn(rig, 9), 5_000, PROBED);
    onRotate(rig, 'before', { kind: 'run', run });
    rig.clock.whileAsleep = () => putPending(rig, '{"token":"successor-1"}');

    const failure = await failureOf(rig.run('createSecret'));

    expect(failure).toMatchObject({ code: 'CURRENT_TOKEN_DEAD', details: { reuseDetected: true } });
  });

  it('ends well where the stored token is active all the same: the old one had expired', async () => {
    await using rig = await startRig();
    const { tokens } = rig.services;
    const { rotate } = tokens;
    tokens.rotate = async () => {
      tokens.rotate = rotate;
      await rig.run('createSecret');
      return { kind: 'dead', reason: 'expired', status: 401 };
    };

    await rig.run('createSecret');

    expect(rig.gitlab.isActive(rig.value('AWSPENDING')?.token ?? '')).toBe(true);
    expect(rig.log.at(-1)).toMatchObject({
      message: 'another run has stored the successor, and it is active',
    });
  });

  it('ends well where consumers have another token by now, which is active', async () => {
    await using rig = await startRig();
    expect(await createLate(rig, STEPS, { afterwards: () => putSecond(rig) })).toBeUndefined();

    expect(rig.log.at(-1)?.message).toBe('the token that consumers have is active');
    expect(rig.notices).toEqual([]);
  });

  it('is told where its answer was lost, and GitLab reads it when the stored token was seen active', async () => {
    await using rig = await startRig();
    const { tokens } = rig.services;
    const { rotate } = tokens;
    tokens.rotate = async (...args) => {
      tokens.rotate = rotate;
      await rig.run('createSecret');
      rig.clock.whileAsleep = async () => {
        rig.clock.whileAsleep = () => undefined;
        await rotate.apply(tokens, args);
      };
      return { kind: 'unknown' };
    };

    const failure = await failureOf(rig.run('createSecret'));

    expect(failure).toMatchObject({ code: 'CURRENT_TOKEN_DEAD', details: { reuseDetected: true } });
  });

  it('does not end well where GitLab does not say whether the stored token is active', async () => {
    await using rig = await startRig();
    const answer = { status: 502, headers: {}, body: '' };
    rig.gitlab.faults.add({
      operation: 'probe',
      at: 'before',
      nth: 5,
      times: Number.POSITIVE_INFINITY,
      effect: { kind: 'answer', answer },
    });

    const failure = await createLate(rig, ['createSecret']);

    expect(
      rig.gitlab.calls.filter(({ operation }) => operation === 'probe').length,
    ).toBeGreaterThan(5);
    expect(failure).toMatchObject({ code: 'CURRENT_TOKEN_DEAD', details: { status: 401 } });
    expect(riskAt('createSecret', failure as RotationError)).toBe('consumers');
  });
});
