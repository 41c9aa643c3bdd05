import { describe, expect, it } from 'vitest';
import { type RotationError, riskAt } from '../../../../lambda/failure.ts';
import {
  areActive,
  failureOf,
  startAlternatingRig,
} from '../../../rig/function/alternating-rig.ts';
import type { Rig } from '../../../rig/function/rig.ts';
import { beforeRotating, onRotate, refusePuts } from '../../../rig/function/rotate-faults.ts';

async function createSecretOf(rig: Rig) {
  const failure = (await failureOf(rig.run('createSecret'))) as RotationError;
  return { failure, risk: riskAt('createSecret', failure) };
}

describe('when something befalls the standby alone', () => {
  it('tells that it is dead, and presents it to no rotate endpoint', async () => {
    await using rig = await startAlternatingRig();
    rig.gitlab.revoke(rig.standbyTokenId);

    const { failure, risk } = await createSecretOf(rig);

    expect(failure).toMatchObject({
      code: 'STANDBY_DEAD',
      message: 'STANDBY_DEAD: GitLab does not accept the standby token',
      details: { reason: 'revoked', status: 401 },
    });
    expect(risk).toBe('none');
    expect(rig.gitlab.rotateRequests).toEqual([]);
    expect(rig.gitlab.isActive('first')).toBe(true);
  });

  it('tells that it is dead when that happens right before the request', async () => {
    await using rig = await startAlternatingRig();
    const run = () => rig.gitlab.revoke(rig.standbyTokenId);
    const lastProbe = { operation: 'probe', at: 'before', nth: 3 } as const;
    rig.gitlab.faults.add({ ...lastProbe, effect: { kind: 'run', run } });

    const { failure, risk } = await createSecretOf(rig);

    expect(failure).toMatchObject({ code: 'STANDBY_DEAD', details: { currentActive: true } });
    expect(risk).toBe('none');
    expect(rig.gitlab.rotateRequests).toEqual([]);
  });

  it('tells that it is lost when the answer never came; consumers go on', async () => {
    await using rig = await startAlternatingRig();
    onRotate(rig, 'after', { kind: 'reset' });

    const { failure, risk } = await createSecretOf(rig);
    const again = await createSecretOf(rig);

    expect(failure).toMatchObject({ code: 'STANDBY_LOST', details: { reason: 'revoked' } });
    expect(again.failure).toMatchObject({ code: 'STANDBY_DEAD' });
    expect([risk, again.risk]).toEqual(['none', 'none']);
    expect(areActive(rig, 'first', 'successor-1')).toEqual({ first: true, 'successor-1': true });
    expect(rig.gitlab.rotateRequests).toHaveLength(1);
  });

  it('tells the id of a successor that nothing stored, never its value', async () => {
    await using rig = await startAlternatingRig();
    refusePuts(rig);

    const { failure, risk } = await createSecretOf(rig);

    expect(failure).toMatchObject({
      code: 'STANDBY_LOST',
      details: { tokenId: '3', error: 'AccessDeniedException', currentActive: true },
    });
    expect(risk).toBe('none');
    expect(JSON.stringify([failure, rig.log])).not.toContain('successor-1');
    expect(rig.gitlab.isActive('first')).toBe(true);
  });

  it.each([
    ['an unknown outcome', 'ROTATION_OUTCOME_UNKNOWN', { kind: 'reset' }],
    [
      'a refusal',
      'ROTATION_REFUSED',
      { kind: 'answer', answer: { status: 404, body: '{"message":"404 Project Not Found"}' } },
    ],
  ] as const)('says of %s that consumers have an active token', async (_what, code, effect) => {
    await using rig = await startAlternatingRig();
    onRotate(rig, 'before', effect);

    const { failure, risk } = await createSecretOf(rig);

    expect(failure).toMatchObject({ code, details: { currentActive: true } });
    expect(risk).toBe('none');
    expect(areActive(rig, 'first', 'standby')).toEqual({ first: true, standby: true });
    expect(rig.notices).toEqual([]);
  });

  it.each([1, 3])('says of a refusal that it is about the standby: probe %i', async (nth) => {
    await using rig = await startAlternatingRig();
    const answer = { status: 403, headers: {}, body: '{"error":"insufficient_granular_scope"}' };
    const effect = { kind: 'answer', answer } as const;
    rig.gitlab.faults.add({ operation: 'probe', at: 'before', nth, effect });

    const { failure } = await createSecretOf(rig);

    expect(failure).toMatchObject({
      code: 'ROTATION_REFUSED',
      details: { standby: true, refusal: 'permission-missing' },
    });
  });

  it('refuses a standby that cannot rotate itself', async () => {
    await using rig = await startAlternatingRig({ scopes: ['read_api'] });

    const { failure } = await createSecretOf(rig);

    expect(failure).toMatchObject({
      code: 'SCOPE_MISSING',
      details: { tokenId: '2', standby: true, scopes: ['read_api'] },
    });
  });

  it('passes on as it is what nobody foresaw', async () => {
    await using rig = await startAlternatingRig();
    const unforeseen = new TypeError('unforeseen');
    rig.services.secrets.proveWritable = () => Promise.reject(unforeseen);

    expect(await failureOf(rig.run('createSecret'))).toBe(unforeseen);
  });
});

describe('when the current token is dead and the standby lives', () => {
  it('goes on, which recovers, and sends a notice', async () => {
    await using rig = await startAlternatingRig();
    rig.gitlab.revoke(rig.firstTokenId);

    await rig.run('createSecret');

    expect(rig.value('AWSPENDING')).toMatchObject({
      token: 'successor-1',
      standby: { token: 'first', tokenId: '1' },
    });
    expect(rig.gitlab.isActive('successor-1')).toBe(true);
    expect(rig.notices).toEqual([
      {
        code: 'HEALED',
        details: expect.objectContaining({
          recoveredBy: 'standby',
          reason: 'revoked',
          status: 401,
        }),
      },
    ]);
    expect(rig.log).toContainEqual({
      message: 'the rotation is healed',
      details: rig.notices[0]?.details,
    });
  });

  it.each([
    ['SUCCESSOR_LOST', (rig: Rig) => onRotate(rig, 'after', { kind: 'reset' })],
    ['SUCCESSOR_NOT_STORED', (rig: Rig) => refusePuts(rig)],
    ['CURRENT_TOKEN_DEAD', (rig: Rig) => beforeRotating(rig, () => rig.gitlab.revoke(2))],
  ])('fails with %s, which hurts consumers, when the standby is lost too', async (code, lose) => {
    await using rig = await startAlternatingRig();
    rig.gitlab.revoke(rig.firstTokenId);
    lose(rig);

    const { failure, risk } = await createSecretOf(rig);

    expect(failure.code).toBe(code);
    expect(failure.details).not.toHaveProperty('currentActive');
    expect(risk).toBe('consumers');
    expect(rig.notices).toEqual([]);
  });
});

describe('when both tokens are dead', () => {
  it('says so, and why consumers are refused', async () => {
    await using rig = await startAlternatingRig({ standbyLifetimeDays: 1 });
    rig.clock.advance(2 * 86_400_000);
    rig.gitlab.revoke(rig.firstTokenId);

    const { failure, risk } = await createSecretOf(rig);

    expect(failure).toMatchObject({
      message: 'CURRENT_TOKEN_DEAD: GitLab does not accept the current token',
      details: { reason: 'revoked', standbyReason: 'expired' },
    });
    expect(risk).toBe('consumers');
    expect(rig.gitlab.rotateRequests).toEqual([]);
  });
});

describe('when GitLab cannot be asked about the current token', () => {
  it('rotates nothing', async () => {
    await using rig = await startAlternatingRig();
    rig.gitlab.faults.add({
      operation: 'probe',
      at: 'before',
      nth: 2,
      times: 1000,
      effect: { kind: 'reset' },
    });

    const { failure, risk } = await createSecretOf(rig);

    expect(failure.code).toBe('GITLAB_UNREACHABLE');
    expect(risk).toBe('none');
    expect(areActive(rig, 'first', 'standby')).toEqual({ first: true, standby: true });
  });
});
