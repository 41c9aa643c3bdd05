import { describe, expect, it } from 'vitest';
import {
  accessDenied,
  internalError,
  serviceError,
} from '../../../../infra/local/secrets-manager/state/errors.ts';
import { type RotationError, riskAt } from '../../../../lambda/failure.ts';
import { failureOf, startAlternatingRig } from '../../../rig/function/alternating-rig.ts';
import { type Rig, startRig } from '../../../rig/function/rig.ts';
import { currentVersionId, upToFinish } from '../../../rig/function/test-secret-rig.ts';

const move = { operation: 'UpdateSecretVersionStage' } as const;

/** A rotation whose testSecret is through; what is asked from now on is counted. */
async function tested<T extends Rig>(rig: T) {
  await upToFinish(rig);
  const already = rig.gitlab.calls.length;
  return Object.assign(rig, {
    probes: () =>
      rig.gitlab.calls.slice(already).filter(({ operation }) => operation === 'probe').length,
  });
}

function moves({ secretsManager }: Rig): number {
  return secretsManager.calls.filter(({ operation }) => operation === move.operation).length;
}

function revokePending({ gitlab, value }: Rig): void {
  gitlab.revoke(Number(value('AWSPENDING')?.tokenId));
}

describe('finishSecret with two tokens, of which consumers have an active one', () => {
  it('asks GitLab once more before it moves the label, and after', async () => {
    await using rig = await tested(await startAlternatingRig());

    await rig.run('finishSecret');

    expect(rig.probes()).toBe(2);
    expect(rig.value('AWSCURRENT')?.token).toBe('successor-1');
    expect(JSON.stringify(rig.log)).not.toContain('cannot be read again');
  });

  it('gives consumers no token that has died since testSecret', async () => {
    await using rig = await tested(await startAlternatingRig());
    revokePending(rig);

    const failure = (await failureOf(rig.run('finishSecret'))) as RotationError;

    expect(failure).toMatchObject({
      message: 'PENDING_TOKEN_REJECTED: GitLab has ceased to accept the pending token',
      details: { reason: 'revoked', status: 401, currentActive: true },
    });
    expect(riskAt('finishSecret', failure)).toBe('none');
    expect(rig.value('AWSCURRENT')?.token).toBe('first');
    // Not even for a moment.
    expect(moves(rig)).toBe(0);
  });

  it('asks before every try, also the second', async () => {
    await using rig = await tested(await startAlternatingRig());
    rig.secretsManager.faults.add({
      operation: 'UpdateSecretVersionStage',
      at: 'before',
      effect: { kind: 'run', run: () => revokePending(rig) },
    });
    rig.secretsManager.faults.add({
      operation: 'UpdateSecretVersionStage',
      at: 'before',
      effect: { kind: 'answer', answer: accessDenied('secretsmanager:UpdateSecretVersionStage') },
    });

    await expect(rig.run('finishSecret')).rejects.toMatchObject({ code: 'PENDING_TOKEN_REJECTED' });

    expect(rig.value('AWSCURRENT')?.token).toBe('first');
    expect(moves(rig)).toBe(1);
  });

  it('moves nothing while GitLab does not answer', async () => {
    await using rig = await tested(await startAlternatingRig());
    await rig.gitlab.pause();

    const failure = (await failureOf(rig.run('finishSecret'))) as RotationError;

    expect(failure).toMatchObject({
      code: 'GITLAB_UNREACHABLE',
      details: { currentActive: 'unknown' },
    });
    expect(riskAt('finishSecret', failure)).toBe('unknown');
    expect(rig.value('AWSCURRENT')?.token).toBe('first');
  });

  it('asks for nothing where the version is current already', async () => {
    await using rig = await tested(await startAlternatingRig());
    await rig.run('finishSecret');

    await rig.run('finishSecret');

    expect(rig.probes()).toBe(2);
  });

  it.each([1, 2])(
    'takes the label back where the token dies while it moves: the move is asked for %i times',
    async (times) => {
      await using rig = await tested(await startAlternatingRig());
      const run = () => revokePending(rig);
      rig.secretsManager.faults.add({
        ...move,
        at: 'after',
        nth: times,
        effect: { kind: 'run', run },
      });
      if (times > 1) {
        const effect = { kind: 'answer', answer: internalError() } as const;
        rig.secretsManager.faults.add({ ...move, at: 'before', effect });
      }

      const failure = (await failureOf(rig.run('finishSecret'))) as RotationError;

      expect(failure).toMatchObject({
        code: 'PENDING_TOKEN_REJECTED',
        details: { reason: 'revoked', currentActive: true },
      });
      expect(rig.value('AWSCURRENT')?.token).toBe('first');
    },
  );

  it('takes it back also where Secrets Manager fails for longer than the SDK tries', async () => {
    await using rig = await tested(await startAlternatingRig());
    const run = () => revokePending(rig);
    rig.secretsManager.faults.add({ ...move, at: 'after', effect: { kind: 'run', run } });
    const effect = { kind: 'answer', answer: internalError() } as const;
    rig.secretsManager.faults.add({ ...move, at: 'before', nth: 2, times: 5, effect });

    await expect(rig.run('finishSecret')).rejects.toMatchObject({ code: 'PENDING_TOKEN_REJECTED' });

    expect(rig.value('AWSCURRENT')?.token).toBe('first');
    expect(moves(rig)).toBe(7);
  });

  it('is content where another run has taken the label back before', async () => {
    await using rig = await tested(await startAlternatingRig());
    const run = () => revokePending(rig);
    rig.secretsManager.faults.add({ ...move, at: 'after', effect: { kind: 'run', run } });
    // It is done, and its answer is lost, as often as the SDK tries: then AWS refuses it.
    const effect = { kind: 'answer', answer: internalError() } as const;
    rig.secretsManager.faults.add({ ...move, at: 'after', nth: 2, effect });

    await expect(rig.run('finishSecret')).rejects.toMatchObject({
      code: 'PENDING_TOKEN_REJECTED',
      details: { currentActive: true },
    });

    expect(rig.value('AWSCURRENT')?.token).toBe('first');
  });

  it('tells consumers at risk where the label cannot be taken back', async () => {
    await using rig = await tested(await startAlternatingRig());
    const previousVersionId = currentVersionId(rig);
    const run = () => revokePending(rig);
    rig.secretsManager.faults.add({ ...move, at: 'after', effect: { kind: 'run', run } });
    const answer = accessDenied('secretsmanager:UpdateSecretVersionStage');
    const effect = { kind: 'answer', answer } as const;
    rig.secretsManager.faults.add({ ...move, at: 'before', nth: 2, times: 100, effect });

    const failure = (await failureOf(rig.run('finishSecret'))) as RotationError;

    expect(failure).toMatchObject({
      code: 'CURRENT_TOKEN_DEAD',
      details: { reason: 'revoked', previousVersionId },
    });
    expect(riskAt('finishSecret', failure)).toBe('consumers');
  });

  it('tells consumers at risk where nobody can say whether the label was taken back', async () => {
    await using rig = await tested(await startAlternatingRig());
    const previousVersionId = currentVersionId(rig);
    const run = () => revokePending(rig);
    rig.secretsManager.faults.add({ ...move, at: 'after', effect: { kind: 'run', run } });
    const effect = { kind: 'answer', answer: internalError() } as const;
    rig.secretsManager.faults.add({ ...move, at: 'before', nth: 2, times: 100, effect });
    const look = { operation: 'DescribeSecret', at: 'before', nth: 2, times: 100 } as const;
    rig.secretsManager.faults.add({ ...look, effect });

    expect(await failureOf(rig.run('finishSecret'))).toMatchObject({
      code: 'CURRENT_TOKEN_DEAD',
      details: { reason: 'revoked', previousVersionId },
    });
  });

  it('does not keep consumers waiting whose token is dead, where GitLab does not say', async () => {
    await using rig = await tested(await startAlternatingRig());
    rig.gitlab.revoke(rig.firstTokenId);
    const { probe } = rig.services.tokens;
    rig.services.tokens.probe = (token, timeoutMs) =>
      token === 'successor-1'
        ? Promise.resolve({ kind: 'unreachable', reason: 'UNEXPECTED_ANSWER', status: 502 })
        : probe.call(rig.services.tokens, token, timeoutMs);

    await rig.run('finishSecret');

    expect(rig.value('AWSCURRENT')?.token).toBe('successor-1');
  });

  it.each([
    ['is denied', accessDenied('secretsmanager:GetSecretValue')],
    [
      'does not show it yet',
      serviceError('ResourceNotFoundException', 'the value is not visible yet'),
    ],
  ])(
    'moves the label where a read of the value %s, and says so in the log',
    async (_why, answer) => {
      await using rig = await tested(await startAlternatingRig());
      const effect = { kind: 'answer', answer } as const;
      rig.secretsManager.faults.add({ operation: 'GetSecretValue', at: 'before', effect });

      await rig.run('finishSecret');

      expect(rig.log.map(({ message }) => message)).toContain(
        'the pending value cannot be read again: its token is not probed once more',
      );
      expect(rig.value('AWSCURRENT')?.token).toBe('successor-1');
    },
  );
});

describe('finishSecret with one token, while consumers wait', () => {
  it('asks GitLab for nothing, and reads beside its look at the labels', async () => {
    await using rig = await tested(await startRig());
    const already = rig.secretsManager.calls.length;

    await rig.run('finishSecret');

    expect(rig.probes()).toBe(0);
    const operations = rig.secretsManager.calls.slice(already).map(({ operation }) => operation);
    expect(operations.toSorted()).toEqual([
      'DescribeSecret',
      'GetSecretValue',
      'UpdateSecretVersionStage',
    ]);
  });
});
