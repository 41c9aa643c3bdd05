import { describe, expect, it } from 'vitest';
import { badGateway } from '../../../../infra/local/gitlab/api/fault-answers.ts';
import { type RotationError, riskAt, type Step } from '../../../../lambda/failure.ts';
import {
  type AlternatingRigProps,
  failureOf,
  startAlternatingRig,
} from '../../../rig/function/alternating-rig.ts';
import type { Rig } from '../../../rig/function/rig.ts';
import {
  currentVersionId,
  dayIn,
  failToReadCurrent,
  putPending,
} from '../../../rig/function/test-secret-rig.ts';

async function startSwapped(props: AlternatingRigProps = {}) {
  const rig = await startAlternatingRig(props);
  await rig.run('createSecret');
  return rig;
}

async function failing(rig: Rig, step: Step) {
  const failure = (await failureOf(rig.run(step))) as RotationError;
  return { failure, risk: riskAt(step, failure) };
}

describe('a failure of testSecret with alternating tokens', () => {
  it('hurts nobody while GitLab accepts the current token', async () => {
    await using rig = await startSwapped();
    rig.gitlab.revoke(3);

    const { failure, risk } = await failing(rig, 'testSecret');

    expect(failure).toMatchObject({
      code: 'PENDING_TOKEN_REJECTED',
      details: { reason: 'revoked', currentActive: true, currentVersionId: expect.any(String) },
    });
    expect(risk).toBe('none');
  });

  it('hurts consumers when the current token is dead too', async () => {
    await using rig = await startSwapped();
    rig.gitlab.revoke(3);
    rig.gitlab.revoke(rig.firstTokenId);

    const { failure, risk } = await failing(rig, 'testSecret');

    expect(failure.details).not.toHaveProperty('currentActive');
    expect(risk).toBe('consumers');
  });

  it('is unknown where no time is left to ask GitLab about the current token', async () => {
    await using rig = await startSwapped();
    rig.gitlab.revoke(3);
    rig.secretsManager.faults.add({
      operation: 'GetSecretValue',
      at: 'after',
      nth: 4,
      effect: { kind: 'run', run: () => rig.clock.advance(59_000) },
    });
    // Else its answer might be quicker than a time-out of nothing.
    rig.gitlab.faults.add({ operation: 'probe', at: 'before', nth: 2, effect: { kind: 'hang' } });

    const { failure, risk } = await failing(rig, 'testSecret');

    expect(failure).toMatchObject({
      code: 'PENDING_TOKEN_REJECTED',
      details: { currentActive: 'unknown', currentVersionId: expect.any(String) },
    });
    expect(risk).toBe('unknown');
  });

  it('vouches for no current token that is not the standby of the new version', async () => {
    await using rig = await startAlternatingRig();
    await putPending(rig, '{"token":"nobody","standby":{"token":"standby"}}');

    const { failure, risk } = await failing(rig, 'testSecret');

    expect(failure.details).not.toHaveProperty('currentActive');
    expect(risk).toBe('consumers');
  });

  it.each([
    [
      'current',
      '{"token":"first"',
      '{"token":"nobody","standby":{"token":"first"}}',
      'PENDING_TOKEN_REJECTED',
    ],
    [
      'new',
      '{"token":"first"}',
      '{"token":"nobody","standby":{"token":"nobody"}}',
      'SECRET_MALFORMED',
    ],
  ])('tells what it can although the %s value is malformed', async (_, current, pending, code) => {
    await using rig = await startAlternatingRig({ secretString: () => current });
    await putPending(rig, pending);

    const { failure, risk } = await failing(rig, 'testSecret');

    expect(failure).toMatchObject({ code, details: { currentVersionId: currentVersionId(rig) } });
    expect(failure.details).not.toHaveProperty('currentActive');
    expect(risk).toBe('consumers');
  });
});

describe('a failure of testSecret with one token', () => {
  it('asks GitLab about no current token that cannot be read', async () => {
    await using rig = await startAlternatingRig({ secretString: () => '{"token":' });
    await putPending(rig, 'nobody');

    const { failure } = await failing(rig, 'testSecret');

    expect(failure.code).toBe('PENDING_TOKEN_REJECTED');
    expect(rig.gitlab.calls).toHaveLength(1);
  });
});

describe('testSecret with alternating tokens', () => {
  it('asks nothing about the standby, which the watch looks after', async () => {
    await using rig = await startSwapped();
    const before = rig.gitlab.calls.length;

    await rig.run('testSecret');

    expect(rig.gitlab.calls.slice(before).map(({ operation }) => operation)).toEqual(['probe']);
    expect(rig.notices).toEqual([]);
  });

  it('goes on at once where neither the current value nor GitLab answers about the standby', async () => {
    await using rig = await startSwapped();
    failToReadCurrent(rig);
    const effect = { kind: 'answer', answer: badGateway() } as const;
    rig.gitlab.faults.add({ operation: 'probe', at: 'before', nth: 2, times: 1000, effect });

    await rig.run('testSecret');

    expect(rig.clock.pauses).toEqual([]);
    expect(rig.log.at(-1)?.details).toEqual({ code: 'GITLAB_UNREACHABLE' });
  });

  it('asks no more where the current value was not read: consumers may be waiting', async () => {
    await using rig = await startSwapped({ rotationRules: { AutomaticallyAfterDays: 15 } });
    failToReadCurrent(rig);
    const before = rig.gitlab.calls.length;

    await rig.run('testSecret');

    expect(rig.gitlab.calls.slice(before).map(({ operation }) => operation)).toEqual([
      'probe',
      'probe',
    ]);
  });

  it('goes on with a standby that is dead, of which createSecret has told', async () => {
    await using rig = await startAlternatingRig();
    rig.gitlab.revoke(rig.firstTokenId);
    await rig.run('createSecret');

    await rig.run('testSecret');
    await rig.run('finishSecret');

    expect(rig.notices.map(({ code }) => code)).toEqual(['HEALED']);
    expect(rig.value('AWSCURRENT')?.token).toBe('successor-1');
  });
});

describe('the dry run with alternating tokens', () => {
  const often = { rotationRules: { AutomaticallyAfterDays: 15 } };

  it('asks GitLab again about the standby, also where the current value was not read at first', async () => {
    await using rig = await startAlternatingRig(often);
    failToReadCurrent(rig);
    const effect = { kind: 'answer', answer: badGateway() } as const;
    rig.gitlab.faults.add({ operation: 'probe', at: 'before', nth: 2, times: 2, effect });

    await rig.dryRun();

    expect(rig.clock.pauses).not.toEqual([]);
    expect(rig.log.map(({ message }) => message)).not.toContain(
      'not judged, or not ready for its next rotation',
    );
  });

  it('compares the scopes, also where the current value was not read at first', async () => {
    await using rig = await startAlternatingRig({
      ...often,
      standbyScopes: ['self_rotate', 'read_api'],
    });
    failToReadCurrent(rig);

    await expect(rig.dryRun()).rejects.toMatchObject({
      code: 'ROTATION_REFUSED',
      details: { refusal: 'standby-differs' },
    });
  });

  it('accepts two tokens that live and reach the same, and rotates none', async () => {
    await using rig = await startAlternatingRig(often);
    rig.services.tokens.memberships = async () => ({
      kind: 'told',
      pages: [{ 'project 1': '40' }],
      isWhole: true,
    });

    await rig.dryRun();

    expect(rig.gitlab.rotateRequests).toEqual([]);
    expect(rig.notices).toEqual([]);
  });

  it('fails for a standby that is dead', async () => {
    await using rig = await startAlternatingRig(often);
    rig.gitlab.revoke(rig.standbyTokenId);

    const failure = (await failureOf(rig.dryRun())) as RotationError;

    expect(failure).toMatchObject({
      code: 'STANDBY_DEAD',
      message: 'STANDBY_DEAD: GitLab does not accept the standby token',
      details: { dryRun: true, reason: 'revoked', status: 401 },
    });
    expect(riskAt('testSecret', failure)).toBe('none');
  });

  it('fails for a standby that consumers could not use', async () => {
    await using rig = await startAlternatingRig({
      ...often,
      standbyScopes: ['self_rotate', 'read_api'],
    });

    await expect(rig.dryRun()).rejects.toMatchObject({
      code: 'ROTATION_REFUSED',
      details: { dryRun: true, refusal: 'standby-differs', difference: 'scopes' },
    });
  });

  it('fails for a standby that does not reach what the current token reaches', async () => {
    await using rig = await startAlternatingRig(often);
    rig.services.tokens.memberships = async (token) => ({
      kind: 'told',
      pages: [token === 'standby' ? {} : { 'project 1': '40' }],
      isWhole: true,
    });

    await expect(rig.dryRun()).rejects.toMatchObject({
      code: 'ROTATION_REFUSED',
      details: { dryRun: true, refusal: 'standby-differs', difference: 'projects' },
    });
  });

  it('says of a GitLab that refuses the probe that it is about the standby', async () => {
    await using rig = await startAlternatingRig(often);
    const answer = { status: 403, headers: {}, body: '{"error":"insufficient_granular_scope"}' };
    const effect = { kind: 'answer', answer } as const;
    rig.gitlab.faults.add({ operation: 'probe', at: 'before', nth: 2, effect });

    await expect(rig.dryRun()).rejects.toMatchObject({
      code: 'ROTATION_REFUSED',
      details: { standby: true, refusal: 'permission-missing' },
    });
  });

  it('fails for a standby that cannot rotate itself', async () => {
    await using rig = await startAlternatingRig({ ...often, standbyScopes: ['read_api'] });

    await expect(rig.dryRun()).rejects.toMatchObject({
      code: 'SCOPE_MISSING',
      details: { dryRun: true, standby: true, scopes: ['read_api'] },
    });
  });

  it('fails for a standby that dies before the next rotation', async () => {
    await using rig = await startAlternatingRig({ ...often, standbyLifetimeDays: 15 });

    await expect(rig.dryRun()).rejects.toMatchObject({
      code: 'PENDING_TOKEN_REJECTED',
      details: { reason: 'expires-too-soon', standby: true, nextRotation: dayIn(rig, 15) },
    });
  });

  it('fails for a current token that dies before the rotation after the next', async () => {
    await using rig = await startAlternatingRig({ rotationRules: { AutomaticallyAfterDays: 20 } });

    await expect(rig.dryRun()).rejects.toMatchObject({
      code: 'PENDING_TOKEN_REJECTED',
      details: { reason: 'expires-too-soon', tokenId: '1', nextRotation: dayIn(rig, 40) },
    });
  });
});
