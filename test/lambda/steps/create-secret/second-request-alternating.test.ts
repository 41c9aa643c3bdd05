import { describe, expect, it } from 'vitest';
import {
  accessDenied,
  internalError,
} from '../../../../infra/local/secrets-manager/state/errors.ts';
import { type RotationError, riskAt } from '../../../../lambda/failure.ts';
import {
  areActive,
  failureOf,
  startAlternatingRig,
} from '../../../rig/function/alternating-rig.ts';
import { putSecond } from '../../../rig/function/rig.ts';
import { onRotate } from '../../../rig/function/rotate-faults.ts';
import { currentVersionId } from '../../../rig/function/test-secret-rig.ts';
import { createLate, STEPS, upTo } from '../late-request.ts';

describe('with two tokens, a rotate request that GitLab reads after another run has rotated', () => {
  const TOKENS = ['first', 'standby', 'successor-1'] as const;

  it.each(['createSecret', 'testSecret'] as const)(
    'leaves consumers the token that they have, and says so: after %s',
    async (step) => {
      await using rig = await startAlternatingRig();

      const failure = await createLate(rig, upTo(step));

      expect(areActive(rig, ...TOKENS)).toEqual({
        first: true,
        standby: false,
        'successor-1': false,
      });
      expect(failure).toMatchObject({
        code: 'STANDBY_DEAD',
        details: { reason: 'revoked', reuseDetected: true, currentActive: true },
      });
      expect(riskAt('createSecret', failure as RotationError)).toBe('none');
      await expect(rig.run('finishSecret')).rejects.toMatchObject({
        code: 'PENDING_TOKEN_REJECTED',
        details: { reason: 'revoked', currentActive: true },
      });
      expect(rig.value('AWSCURRENT')?.token).toBe('first');
    },
  );

  it('is made good where the revoked token is current already: consumers get theirs back', async () => {
    await using rig = await startAlternatingRig();
    const previousVersionId = currentVersionId(rig);

    const failure = await createLate(rig, STEPS);

    expect(failure).toBeUndefined();
    expect(rig.value('AWSCURRENT')).toMatchObject({ token: 'first', tokenId: '1' });
    expect(rig.gitlab.isActive('first')).toBe(true);
    expect(rig.notices).toStrictEqual([
      {
        code: 'HEALED',
        details: {
          recoveredBy: 'given-back',
          reason: 'revoked',
          status: 401,
          gitlabRequestId: expect.any(String),
          reuseDetected: true,
          previousVersionId,
        },
      },
    ]);
  });

  it('is made good by finishSecret where that had asked GitLab already, and moves the label', async () => {
    await using rig = await startAlternatingRig();
    const { secrets } = rig.services;
    const { promote } = secrets;
    const asked = Promise.withResolvers<void>();
    const move = Promise.withResolvers<void>();
    secrets.promote = async (...args) => {
      secrets.promote = promote;
      asked.resolve();
      await move.promise;
      return promote.apply(secrets, args);
    };
    let finishing: Promise<unknown> | undefined;
    onRotate(rig, 'before', {
      kind: 'run',
      run: async () => {
        await rig.run('createSecret');
        await rig.run('testSecret');
        finishing = failureOf(rig.run('finishSecret'));
        await asked.promise;
      },
    });

    const failure = await failureOf(rig.run('createSecret'));
    move.resolve();

    expect(failure).toMatchObject({ code: 'STANDBY_DEAD', details: { currentActive: true } });
    expect(await finishing).toMatchObject({
      code: 'PENDING_TOKEN_REJECTED',
      details: { currentActive: true },
    });
    expect(rig.value('AWSCURRENT')?.token).toBe('first');
  });

  it('is made good where the current version is that of another rotation', async () => {
    await using rig = await startAlternatingRig();
    const versionId = '33333333-3333-3333-3333-333333333333';
    // Both rotations began with the same value; this one sees its own version as pending.
    const { describe: read } = rig.services.secrets;
    rig.services.secrets.describe = async (...args) => {
      const description = await read.apply(rig.services.secrets, args);
      return { ...description, stages: { ...description.stages, [versionId]: ['AWSPENDING'] } };
    };
    const failure = await createLate(rig, STEPS, { request: { ...rig.request, versionId } });

    expect(failure).toMatchObject({ code: 'STANDBY_DEAD', details: { currentActive: true } });
    expect(rig.value('AWSCURRENT')?.token).toBe('first');
    expect(rig.notices).toMatchObject([{ code: 'HEALED', details: { recoveredBy: 'given-back' } }]);
  });

  it.each([
    ['GitLab answers no probe', 'probe', 502],
    ['Secrets Manager shows no labels', 'DescribeSecret', 500],
  ] as const)(
    'leaves it unknown what consumers have where %s',
    async (_when, operation, status) => {
      await using rig = await startAlternatingRig();
      const { faults } = operation === 'probe' ? rig.gitlab : rig.secretsManager;
      const answer = operation === 'probe' ? { status, headers: {}, body: '' } : internalError();
      const afterwards = () =>
        faults.add({ operation, at: 'before', times: 1000, effect: { kind: 'answer', answer } });

      const failure = (await createLate(rig, STEPS, { afterwards })) as RotationError;

      expect(failure).toMatchObject({
        code: 'STANDBY_DEAD',
        details: { currentActive: 'unknown' },
      });
      expect(riskAt('createSecret', failure)).toBe('unknown');
    },
  );

  it('leaves it unknown too where no value can be seen any more', async () => {
    await using rig = await startAlternatingRig();
    const { secrets } = rig.services;
    const { readVersion } = secrets;
    const afterwards = () => {
      secrets.readVersion = async (...args) => {
        secrets.readVersion = async () => undefined;
        return readVersion.apply(secrets, args);
      };
    };

    const failure = (await createLate(rig, STEPS, { afterwards })) as RotationError;

    expect(failure).toMatchObject({ code: 'STANDBY_DEAD', details: { currentActive: 'unknown' } });
    expect(riskAt('createSecret', failure)).toBe('unknown');
  });

  it('is made good where the answer to the move is lost', async () => {
    await using rig = await startAlternatingRig();
    rig.secretsManager.faults.add({
      operation: 'UpdateSecretVersionStage',
      at: 'after',
      nth: 2,
      // As often as the SDK tries: AWS refuses what was done already.
      times: 3,
      effect: { kind: 'answer', answer: internalError() },
    });

    expect(await createLate(rig, STEPS)).toBeUndefined();

    expect(rig.value('AWSCURRENT')?.token).toBe('first');
    expect(rig.notices.map(({ code }) => code)).toEqual(['HEALED']);
  });

  it('is told as a risk to consumers where the label cannot be moved', async () => {
    await using rig = await startAlternatingRig();
    const previousVersionId = currentVersionId(rig);
    rig.secretsManager.faults.add({
      operation: 'UpdateSecretVersionStage',
      at: 'before',
      nth: 2,
      times: Number.POSITIVE_INFINITY,
      effect: {
        kind: 'answer',
        answer: accessDenied('secretsmanager:UpdateSecretVersionStage'),
      },
    });

    const failure = await createLate(rig, STEPS);

    expect(failure).toMatchObject({
      code: 'CURRENT_TOKEN_DEAD',
      details: { reason: 'revoked', reuseDetected: true, previousVersionId },
    });
    expect(riskAt('createSecret', failure as RotationError)).toBe('consumers');
    expect(rig.notices).toEqual([]);
  });

  it('gives consumers no token back that has died as well', async () => {
    await using rig = await startAlternatingRig();
    const afterwards = () => rig.gitlab.revoke(rig.firstTokenId);

    const failure = await createLate(rig, STEPS, { afterwards });

    expect(failure).toMatchObject({ code: 'CURRENT_TOKEN_DEAD', details: { reuseDetected: true } });
    expect(failure).not.toHaveProperty('details.previousVersionId');
    expect(rig.value('AWSCURRENT')?.token).toBe('successor-1');
  });

  it('leaves what somebody put meanwhile', async () => {
    await using rig = await startAlternatingRig();
    const failure = await createLate(rig, STEPS, { afterwards: () => putSecond(rig) });

    expect(failure).toMatchObject({ code: 'STANDBY_DEAD', details: { reuseDetected: true } });
    expect(rig.secretsManager.valueOf(rig.secretId, 'AWSCURRENT')).toBe('second');
    expect(rig.notices).toEqual([]);
  });

  it('tells that no token is active where the other one has died as well', async () => {
    await using rig = await startAlternatingRig();
    onRotate(rig, 'before', {
      kind: 'run',
      run: async () => {
        await rig.run('createSecret');
        rig.gitlab.revoke(rig.firstTokenId);
      },
    });

    const failure = await failureOf(rig.run('createSecret'));

    expect(failure).toMatchObject({ code: 'CURRENT_TOKEN_DEAD', details: { reuseDetected: true } });
    expect(riskAt('createSecret', failure as RotationError)).toBe('consumers');
  });
});
