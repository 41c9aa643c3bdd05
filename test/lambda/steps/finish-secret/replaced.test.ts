import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { accessDenied } from '../../../../infra/local/secrets-manager/state/errors.ts';
import { RotationError, riskAt } from '../../../../lambda/failure.ts';
import { failureOf, startAlternatingRig } from '../../../rig/function/alternating-rig.ts';
import { putSecond, type Rig, startRig } from '../../../rig/function/rig.ts';
import { currentVersionId, upToFinish } from '../../../rig/function/test-secret-rig.ts';

const move = { operation: 'UpdateSecretVersionStage', at: 'before' } as const;

/** Does something after the first look at the labels, right before they move. */
function beforeMoving(rig: Rig, run: () => unknown): void {
  rig.secretsManager.faults.add({ ...move, effect: { kind: 'run', run } });
}

async function putByHand({ client, secretId }: Rig, value: string): Promise<void> {
  await client.send(new PutSecretValueCommand({ SecretId: secretId, SecretString: value }));
}

async function failing(rig: Rig) {
  const failure = (await failureOf(rig.run('finishSecret'))) as RotationError;
  return { failure, risk: riskAt('finishSecret', failure) };
}

describe('finishSecret, when somebody puts another value meanwhile', () => {
  it('leaves an active token to consumers, and says so', async () => {
    await using rig = await upToFinish(await startRig());
    beforeMoving(rig, () => putSecond(rig));

    const { failure, risk } = await failing(rig);

    expect(failure).toMatchObject({
      message: 'NOT_PROMOTED: somebody put another active token meanwhile',
      details: {
        currentVersionId: currentVersionId(rig),
        currentActive: true,
        replacedByHand: true,
      },
    });
    expect(risk).toBe('none');
    expect(rig.secretsManager.valueOf(rig.secretId, 'AWSCURRENT')).toBe('second');
    expect(rig.value('AWSPENDING')?.token).toBe('successor-1');
  });

  it('moves past a token that GitLab does not accept', async () => {
    await using rig = await upToFinish(await startRig());
    beforeMoving(rig, () => putByHand(rig, 'mistyped'));

    await rig.run('finishSecret');

    expect(rig.value('AWSCURRENT')?.token).toBe('successor-1');
    expect(rig.secretsManager.valueOf(rig.secretId, 'AWSPREVIOUS')).toBe('mistyped');
  });

  it('moves past the new token itself, put without its project', async () => {
    await using rig = await upToFinish(await startRig());
    beforeMoving(rig, () => putByHand(rig, 'successor-1'));

    await rig.run('finishSecret');

    expect(rig.value('AWSCURRENT')).toMatchObject({ projectId: rig.project.id });
  });

  it('moves past what it cannot read', async () => {
    await using rig = await upToFinish(await startRig());
    beforeMoving(rig, () => putSecond(rig));
    rig.secretsManager.faults.add({
      operation: 'GetSecretValue',
      at: 'before',
      effect: { kind: 'answer', answer: accessDenied('secretsmanager:GetSecretValue') },
      times: 2,
    });

    await rig.run('finishSecret');

    expect(rig.value('AWSCURRENT')?.token).toBe('successor-1');
  });
});

describe('finishSecret, when the label is gone altogether', () => {
  it('has nothing to move from', async () => {
    await using rig = await upToFinish(await startRig());
    const { secrets } = rig.services;
    const { describe: read } = secrets;
    secrets.promote = async () => {
      secrets.describe = async (...asked) => ({
        ...(await read.call(secrets, ...asked)),
        stages: { [rig.request.versionId]: ['AWSPENDING'] },
      });
      throw new RotationError('STORE_DENIED', 'no');
    };

    await expect(rig.run('finishSecret')).rejects.toMatchObject({
      message: 'NOT_PROMOTED: no version has AWSCURRENT',
    });
  });
});

describe('finishSecret with alternating tokens', () => {
  it('does not take the previous current token for one that somebody put', async () => {
    await using rig = await upToFinish(await startAlternatingRig());
    beforeMoving(rig, () => putByHand(rig, 'first'));

    await rig.run('finishSecret');

    expect(rig.value('AWSCURRENT')).toMatchObject({
      token: 'successor-1',
      standby: { token: 'first' },
    });
    expect(rig.gitlab.isActive('first')).toBe(true);
  });

  it('hurts nobody when it cannot move the label', async () => {
    await using rig = await upToFinish(await startAlternatingRig());
    rig.secretsManager.faults.add({
      ...move,
      times: 1000,
      effect: { kind: 'answer', answer: accessDenied('secretsmanager:UpdateSecretVersionStage') },
    });

    const { failure, risk } = await failing(rig);

    expect(failure).toMatchObject({
      code: 'NOT_PROMOTED',
      details: { currentVersionId: currentVersionId(rig), currentActive: true },
    });
    expect(failure.details).not.toHaveProperty('replacedByHand');
    expect(risk).toBe('none');
    expect(rig.value('AWSCURRENT')?.token).toBe('first');
  });

  it('cannot vouch for the current token when GitLab gives no answer', async () => {
    await using rig = await upToFinish(await startAlternatingRig());
    const denied = accessDenied('secretsmanager:UpdateSecretVersionStage');
    rig.secretsManager.faults.add({
      ...move,
      times: 1000,
      effect: { kind: 'answer', answer: denied },
    });
    const reset = { operation: 'probe', at: 'before', times: 1000 } as const;
    rig.gitlab.faults.add({ ...reset, effect: { kind: 'reset' } });

    const { failure, risk } = await failing(rig);

    expect(failure.details).toHaveProperty('currentActive', 'unknown');
    expect(risk).toBe('unknown');
  });
});

describe('finishSecret, when nobody foresaw what happens', () => {
  it('passes it on as it is', async () => {
    await using rig = await startRig();
    const unforeseen = new TypeError('unforeseen');
    rig.services.secrets.describe = () => Promise.reject(unforeseen);

    expect(await failureOf(rig.run('finishSecret'))).toBe(unforeseen);
  });
});
