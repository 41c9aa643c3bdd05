import {
  CancelRotateSecretCommand,
  CreateSecretCommand,
  DeleteSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import type { RotationProgress } from '../../../../../infra/local/secrets-manager/rotation/run.ts';
import { startRig } from '../../../../rig/local/secrets-manager-rig.ts';
import { createSecret, eventNames, labels, rotate, rotates, versionId } from '../actions.ts';

const SecretId = 'token';

describe('the progress of a rotation', () => {
  it('is told step by step, with what the function threw', async () => {
    const now = new Date('2026-03-01T10:00:00Z');
    await using rig = await startRig({ maxAttempts: 2, retryDelayMs: 7, now: () => now });
    await createSecret(rig);
    const act = rotates(rig);
    rig.script((event) => {
      if (rig.invocations.length === 2) {
        throw new RangeError('too early');
      }
      return act(event);
    });
    const told: RotationProgress[] = [];
    rig.secretsManager.onRotation((progress) => told.push(progress));

    const id = await rotate(rig);
    await rig.secretsManager.rotationEnded(SecretId);

    expect(
      told.map((each) => `${each.attempt} ${each.what} ${'step' in each ? each.step : ''}`.trim()),
    ).toEqual([
      '1 step-started createSecret',
      '1 step-succeeded createSecret',
      '1 step-started setSecret',
      '1 step-failed setSecret',
      '1 retry-planned',
      '2 step-started createSecret',
      '2 step-succeeded createSecret',
      '2 step-started setSecret',
      '2 step-succeeded setSecret',
      '2 step-started testSecret',
      '2 step-succeeded testSecret',
      '2 step-started finishSecret',
      '2 step-succeeded finishSecret',
      '2 ended',
    ]);
    expect(told[3]).toEqual({
      what: 'step-failed',
      secretArn: rig.secretsManager.snapshot(SecretId).arn,
      versionId: id,
      run: 'rotation',
      attempt: 1,
      at: now,
      step: 'setSecret',
      durationMs: expect.any(Number),
      errorType: 'RangeError',
      errorMessage: 'too early',
    });
    expect(told[4]).toMatchObject({ delayMs: 7 });
    expect(JSON.stringify(told)).not.toContain(rig.invocations[0]?.RotationToken);
  });

  it('is told no more once the listener is taken away', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    const told: RotationProgress[] = [];
    const stop = rig.secretsManager.onRotation((progress) => told.push(progress));

    stop();
    await rotate(rig);
    await rig.secretsManager.rotationEnded(SecretId);

    expect(told).toEqual([]);
  });

  it('ends only when no run is open, also where the end of one starts the next', async () => {
    await using rig = await startRig({ maxAttempts: 1 });
    await createSecret(rig);
    rig.script(() => {
      throw new Error('no');
    });
    const stop = rig.secretsManager.onRotation(({ what }) => {
      if (what === 'ended') {
        stop();
        rig.script(rotates(rig));
        rig.secretsManager.reattemptRotation(SecretId);
      }
    });

    await rotate(rig);
    const outcome = await rig.secretsManager.rotationEnded(SecretId);

    expect(outcome).toMatchObject({ kind: 'succeeded' });
  });

  it('has no end to tell of where there was no rotation', async () => {
    await using rig = await startRig();
    await createSecret(rig);

    expect(await rig.secretsManager.rotationEnded(SecretId)).toBeUndefined();
  });
});

describe('a server that shuts down during a rotation', () => {
  it('lets go of a function that does not answer', async () => {
    const rig = await startRig();
    await createSecret(rig);
    rig.lambda.faults.add({ operation: 'Invoke', at: 'before', effect: { kind: 'hang' } });
    const told: string[] = [];
    rig.secretsManager.onRotation(({ what }) => told.push(what));
    await rotate(rig);
    const ended = rig.secretsManager.rotationEnded(SecretId);

    await rig[Symbol.asyncDispose]();

    expect(await ended).toMatchObject({ kind: 'stopped' });
    expect(told).toEqual(['step-started', 'ended']);
    expect(eventNames(rig)).toEqual(['RotationStarted']);
  });

  it('starts nothing for a call that still asks for the function', async () => {
    const rig = await startRig();
    await createSecret(rig);
    const isAsked = new Promise<void>((run) => {
      rig.lambda.faults.add({ operation: '*', at: 'before', effect: { kind: 'run', run } });
    });
    rig.lambda.faults.add({ operation: '*', at: 'before', effect: { kind: 'hang' } });
    const call = rotate(rig).catch((error: Error) => error);
    await isAsked;

    await rig[Symbol.asyncDispose]();

    expect(await call).toBeInstanceOf(Error);
    expect(rig.secretsManager.snapshot(SecretId).versions).toHaveLength(1);
    expect(eventNames(rig)).toEqual([]);
  });

  it('does not wait for the next attempt', async () => {
    const rig = await startRig({ retryDelayMs: 86_400_000 });
    await createSecret(rig);
    rig.script(() => {
      throw new Error('no');
    });
    const isWaiting = new Promise<void>((resolve) => {
      rig.secretsManager.onRotation(({ what }) => what === 'retry-planned' && resolve());
    });
    await rotate(rig);
    await isWaiting;
    const ended = rig.secretsManager.rotationEnded(SecretId);

    await rig[Symbol.asyncDispose]();

    expect(await ended).toMatchObject({ kind: 'stopped' });
    expect(rig.invocations).toHaveLength(1);
  });
});

describe('runDueRotations', () => {
  it('rotates once NextRotationDate has come, and plans the next', async () => {
    let now = new Date('2026-03-01T10:00:00Z');
    await using rig = await startRig({ now: () => now });
    await createSecret(rig);
    rig.script(rotates(rig));
    await rotate(rig);
    await rig.secretsManager.rotationEnded(SecretId);
    const { arn } = rig.secretsManager.snapshot(SecretId);

    now = new Date('2026-03-31T23:59:58Z');
    const early = rig.secretsManager.runDueRotations();
    now = new Date('2026-03-31T23:59:59Z');
    const due = rig.secretsManager.runDueRotations();
    const again = rig.secretsManager.runDueRotations();
    await rig.secretsManager.rotationEnded(SecretId);

    expect([early, due, again]).toEqual([[], [arn], []]);
    expect(rig.secretsManager.valueOf(SecretId, 'AWSCURRENT')).toBe('successor-2');
    expect(rig.secretsManager.snapshot(SecretId)).toMatchObject({
      lastRotatedDate: now,
      nextRotationDate: new Date('2026-04-30T23:59:59Z'),
    });
  });

  it('leaves a secret alone that is cancelled or marked for deletion', async () => {
    let now = new Date('2026-03-01T10:00:00Z');
    await using rig = await startRig({ now: () => now });
    for (const Name of ['cancelled', 'deleted']) {
      await rig.client.send(new CreateSecretCommand({ Name, SecretString: 'first' }));
      await rotate(rig, { SecretId: Name, RotateImmediately: false });
      await rig.secretsManager.rotationEnded(Name);
    }
    await rig.client.send(new CancelRotateSecretCommand({ SecretId: 'cancelled' }));
    await rig.client.send(new DeleteSecretCommand({ SecretId: 'deleted' }));

    now = new Date('2026-05-01T00:00:00Z');

    expect(rig.secretsManager.runDueRotations()).toEqual([]);
  });

  it('takes up a rotation that was left unfinished, with its own version', async () => {
    let now = new Date('2026-03-01T10:00:00Z');
    await using rig = await startRig({ maxAttempts: 1, now: () => now });
    await createSecret(rig);
    rig.script(() => {
      throw new Error('no');
    });
    await rotate(rig, { ClientRequestToken: versionId('v2') });
    await rig.secretsManager.rotationEnded(SecretId);
    rig.script(rotates(rig));

    now = new Date('2026-04-01T00:00:00Z');
    rig.secretsManager.runDueRotations();
    await rig.secretsManager.rotationEnded(SecretId);

    expect(await labels(rig)).toEqual({ v1: ['AWSPREVIOUS'], v2: ['AWSCURRENT'] });
  });
});

it('twenty rotations in a row leave one current value', async () => {
  await using rig = await startRig();
  await createSecret(rig);
  rig.script(rotates(rig));

  for (let count = 0; count < 20; count += 1) {
    await rotate(rig);
    await rig.secretsManager.rotationEnded(SecretId);
  }

  const { versions } = rig.secretsManager.snapshot(SecretId);
  expect(versions.filter((each) => each.labels.includes('AWSCURRENT'))).toMatchObject([
    { value: 'successor-20', labels: ['AWSCURRENT'] },
  ]);
  expect(versions).toHaveLength(21);
});
