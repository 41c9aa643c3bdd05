import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { FUNCTION_ARN, type Rig, startRig } from '../../../../rig/local/secrets-manager-rig.ts';
import {
  createSecret,
  eventNames,
  labels,
  promote,
  refusal,
  rotate,
  rotates,
  versionId,
} from '../actions.ts';

const SecretId = 'token';
const pending = { ClientRequestToken: versionId('v2') };

function steps({ invocations }: Rig): readonly string[] {
  return invocations.map(({ Step }) => Step);
}

describe('a rotation that fails in every attempt', () => {
  it('ends after the last with one event, and leaves AWSPENDING and the next date', async () => {
    await using rig = await startRig({ maxAttempts: 2, now: () => new Date('2026-03-01') });
    await createSecret(rig);
    rig.script(({ Step }) => {
      if (Step === 'setSecret') {
        throw new Error('no');
      }
    });

    await rotate(rig, pending);
    const outcome = await rig.secretsManager.rotationEnded(SecretId);

    const { arn, nextRotationDate } = rig.secretsManager.snapshot(SecretId);
    const errorMessage = `Error when executing lambda ${FUNCTION_ARN} during setSecret step`;
    expect(steps(rig)).toEqual(['createSecret', 'setSecret', 'createSecret', 'setSecret']);
    expect(outcome).toMatchObject({ kind: 'failed', attempts: 2, errorMessage });
    expect(nextRotationDate).toEqual(new Date('2026-03-31T23:59:59Z'));
    expect(await labels(rig)).toEqual({ v1: ['AWSCURRENT'], v2: ['AWSPENDING'] });
    expect(eventNames(rig)).toEqual(['RotationStarted', 'RotationFailed']);
    expect(rig.secretsManager.events[1]).toMatchObject({
      eventType: 'AwsServiceEvent',
      eventSource: 'secretsmanager.amazonaws.com',
      eventTime: '2026-03-01T00:00:00Z',
      userIdentity: { invokedBy: 'secretsmanager.amazonaws.com' },
      requestParameters: null,
      responseElements: null,
      additionalEventData: { SecretId: arn },
      requestID: expect.stringContaining(`Rotation-${arn}-`),
      errorMessage,
    });
    await expect(rotate(rig)).rejects.toMatchObject(refusal('InvalidRequestException'));
  });

  it('is taken up again with the same version, and then succeeds', async () => {
    await using rig = await startRig({ maxAttempts: 1 });
    await createSecret(rig);
    const act = rotates(rig);
    rig.script(async (event) => {
      await act(event);
      throw new Error('after the put');
    });
    await rotate(rig, pending);
    await rig.secretsManager.rotationEnded(SecretId);
    rig.script(act);

    const isTakenUp = rig.secretsManager.reattemptRotation(SecretId);
    const isTakenUpTwice = rig.secretsManager.reattemptRotation(SecretId);
    const outcome = await rig.secretsManager.rotationEnded(SecretId);

    expect([isTakenUp, isTakenUpTwice]).toEqual([true, false]);
    expect(outcome).toMatchObject({ kind: 'succeeded', versionId: versionId('v2') });
    expect(await labels(rig)).toEqual({ v1: ['AWSPREVIOUS'], v2: ['AWSCURRENT'] });
    expect(rig.secretsManager.reattemptRotation(SecretId)).toBe(false);
  });

  it('fails in finishSecret where that step does not promote the version', async () => {
    await using rig = await startRig({ maxAttempts: 1 });
    await createSecret(rig);

    await rotate(rig);
    const outcome = await rig.secretsManager.rotationEnded(SecretId);

    expect(outcome).toMatchObject({
      kind: 'failed',
      errorMessage: `Error when executing lambda ${FUNCTION_ARN} during finishSecret step`,
    });
  });

  it.each(['reset', 'cut'] as const)(
    'goes on after an invocation without an answer: %s',
    async (kind) => {
      await using rig = await startRig();
      await createSecret(rig);
      rig.script(rotates(rig));
      rig.lambda.faults.add({ operation: 'Invoke', at: 'after', nth: 2, effect: { kind } });

      await rotate(rig);
      const outcome = await rig.secretsManager.rotationEnded(SecretId);

      expect(outcome).toMatchObject({ kind: 'succeeded', attempts: 2 });
      expect(steps(rig).slice(0, 3)).toEqual(['createSecret', 'setSecret', 'createSecret']);
    },
  );

  it.each(['', '"text"', 'null', '{"errorType":1}'])(
    'takes a function error for a failure whatever its body is: %s',
    async (body) => {
      await using rig = await startRig();
      await createSecret(rig);
      rig.script(rotates(rig));
      const headers = { 'x-amz-function-error': 'Unhandled' };
      const effect = { kind: 'answer', answer: { status: 200, headers, body } } as const;
      rig.lambda.faults.add({ operation: 'Invoke', at: 'before', effect });
      const failures: unknown[] = [];
      rig.secretsManager.onRotation((progress) => {
        if (progress.what === 'step-failed') {
          failures.push([progress.errorType, progress.errorMessage]);
        }
      });

      await rotate(rig);
      const outcome = await rig.secretsManager.rotationEnded(SecretId);

      expect(failures).toEqual([['Unhandled', '']]);
      expect(outcome).toMatchObject({ kind: 'succeeded', attempts: 2 });
    },
  );

  it('takes an answer of Lambda that is no 200 for a failure', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    rig.script(rotates(rig));
    const answer = { status: 429, body: '{}' };
    const effect = { kind: 'answer', answer } as const;
    rig.lambda.faults.add({ operation: 'Invoke', at: 'before', effect });

    await rotate(rig);
    const outcome = await rig.secretsManager.rotationEnded(SecretId);

    expect(outcome).toMatchObject({ kind: 'succeeded', attempts: 2 });
  });
});

describe('a test run', () => {
  it('fails after one attempt, and takes its version away all the same', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    rig.script(() => {
      throw new Error('dead token');
    });

    await rotate(rig, { RotateImmediately: false });
    const outcome = await rig.secretsManager.rotationEnded(SecretId);

    expect(steps(rig)).toEqual(['testSecret']);
    expect(outcome).toMatchObject({ kind: 'failed', run: 'test', attempts: 1 });
    expect(await labels(rig)).toEqual({ v1: ['AWSCURRENT'] });
    expect(eventNames(rig)).toEqual(['TestRotationStarted', 'TestRotationFailed']);
  });

  it('leaves its version where somebody made that current', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    rig.script(() => promote(rig, 'v2', 'v1'));

    await rotate(rig, { ...pending, RotateImmediately: false });
    await rig.secretsManager.rotationEnded(SecretId);

    expect(rig.secretsManager.valueOf(SecretId, 'AWSCURRENT')).toBe('first');
    expect(await labels(rig)).toMatchObject({ v1: ['AWSPREVIOUS'] });
  });

  it('has nothing to copy on a secret without a value', async () => {
    await using rig = await startRig();
    await rig.client.send(new CreateSecretCommand({ Name: 'token' }));

    await rotate(rig, { RotateImmediately: false });
    await rig.secretsManager.rotationEnded(SecretId);

    expect(steps(rig)).toEqual(['testSecret']);
    expect(rig.secretsManager.snapshot(SecretId).versions).toEqual([]);
  });
});

describe('two calls of RotateSecret', () => {
  it('start one rotation when they come at the same time', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    rig.script(rotates(rig));

    const calls = await Promise.allSettled([rotate(rig), rotate(rig)]);
    await rig.secretsManager.rotationEnded(SecretId);

    expect(calls.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(steps(rig)).toHaveLength(4);
  });

  it('start one rotation when the second is the first again, its answer lost', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    rig.script(rotates(rig));
    const effect = { kind: 'reset' } as const;
    rig.secretsManager.faults.add({ operation: 'RotateSecret', at: 'after', effect });

    const id = await rotate(rig);
    const outcome = await rig.secretsManager.rotationEnded(SecretId);

    expect(outcome).toMatchObject({ kind: 'succeeded', versionId: id });
    expect(steps(rig)).toHaveLength(4);
  });

  it('start no second rotation under the token of one that failed', async () => {
    await using rig = await startRig({ maxAttempts: 1 });
    await createSecret(rig);
    await rotate(rig, pending);
    await rig.secretsManager.rotationEnded(SecretId);

    await expect(rotate(rig, pending)).rejects.toMatchObject(refusal('InvalidRequestException'));

    expect(eventNames(rig)).toEqual(['RotationStarted', 'RotationFailed']);
  });

  it('refuse a token that is the id of another version', async () => {
    await using rig = await startRig();
    await createSecret(rig);

    const call = rotate(rig, { ClientRequestToken: versionId('v1') });

    await expect(call).rejects.toMatchObject(refusal('InvalidRequestException'));
    expect(await labels(rig)).toEqual({ v1: ['AWSCURRENT'] });
  });
});
