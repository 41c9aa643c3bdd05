import {
  CancelRotateSecretCommand,
  DeleteSecretCommand,
  PutSecretValueCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import type { RotationProgress } from '../../../../../infra/local/secrets-manager/rotation/run.ts';
import {
  FUNCTION_ARN,
  type Rig,
  type RotationEvent,
  startRig,
} from '../../../../rig/local/secrets-manager-rig.ts';
import {
  createSecret,
  eventNames,
  labels,
  promote,
  put,
  rotate,
  rotates,
  versionId,
} from '../actions.ts';

const SecretId = 'token';
const pending = { ClientRequestToken: versionId('v2') };

function steps({ invocations }: Rig): readonly string[] {
  return invocations.map(({ Step }) => Step);
}

/** Puts the pending value by whichever client, with whichever RotationToken. */
function putPending(client: Rig['client'], event: RotationEvent, RotationToken?: string) {
  const { ClientRequestToken } = event;
  const value = { SecretString: 'second', VersionStages: ['AWSPENDING'] };
  return client.send(
    new PutSecretValueCommand({ SecretId, ClientRequestToken, ...value, RotationToken }),
  );
}

function clearPending({ client }: Rig) {
  return client.send(
    new UpdateSecretVersionStageCommand({
      SecretId,
      VersionStage: 'AWSPENDING',
      RemoveFromVersionId: versionId('v2'),
    }),
  );
}

describe('the provenance of the pending value', () => {
  it.each<[string, (rig: Rig, event: RotationEvent) => unknown]>([
    ['another role without RotationToken', ({ client }, event) => putPending(client, event)],
    [
      'a RotationToken that was never handed out',
      ({ functionClient }, event) => putPending(functionClient, event, versionId('forged')),
    ],
  ])('fails the rotation for %s, and is not tried again', async (_, act) => {
    await using rig = await startRig();
    await createSecret(rig);
    rig.script((event) => act(rig, event));

    await rotate(rig, pending);
    const outcome = await rig.secretsManager.rotationEnded(SecretId);

    const { arn } = rig.secretsManager.snapshot(SecretId);
    expect(steps(rig)).toEqual(['createSecret']);
    expect(outcome).toMatchObject({
      kind: 'failed',
      attempts: 1,
      errorMessage: `Pending secret version ${versionId('v2')} for Secret ${arn} was not created by Lambda ${FUNCTION_ARN}. Remove the AWSPENDING staging label and restart rotation`,
    });
    expect(await labels(rig)).toEqual({ v1: ['AWSCURRENT'], v2: ['AWSPENDING'] });
    expect(eventNames(rig)).toEqual(['RotationStarted', 'RotationFailed']);
  });

  it.each<[string, (rig: Rig, event: RotationEvent) => unknown]>([
    [
      'another role with the RotationToken of the step',
      ({ client }, event) => putPending(client, event, event.RotationToken),
    ],
    [
      'the function without RotationToken',
      ({ functionClient }, event) => putPending(functionClient, event),
    ],
  ])('is accepted from %s', async (_, act) => {
    await using rig = await startRig();
    await createSecret(rig);
    const rotation = rotates(rig);
    rig.script((event) => (event.Step === 'createSecret' ? act(rig, event) : rotation(event)));

    await rotate(rig);
    const outcome = await rig.secretsManager.rotationEnded(SecretId);

    expect(outcome).toMatchObject({ kind: 'succeeded' });
  });

  it('rests on the caller alone where events hold no RotationToken', async () => {
    await using rig = await startRig({ rotationTokens: false });
    await createSecret(rig);
    rig.script(rotates(rig));

    await rotate(rig);
    const outcome = await rig.secretsManager.rotationEnded(SecretId);

    expect(rig.invocations[0]).not.toHaveProperty('RotationToken');
    expect(outcome).toMatchObject({ kind: 'succeeded' });
  });

  it('is accepted with a RotationToken of an earlier try of the same rotation', async () => {
    await using rig = await startRig({ maxAttempts: 1 });
    await createSecret(rig);
    rig.script(() => {
      throw new Error('too early');
    });
    await rotate(rig);
    await rig.secretsManager.rotationEnded(SecretId);
    const earlier = rig.invocations[0]?.RotationToken;
    const act = rotates(rig);
    rig.script((event) =>
      event.Step === 'createSecret' ? putPending(rig.client, event, earlier) : act(event),
    );

    rig.secretsManager.reattemptRotation(SecretId);
    const outcome = await rig.secretsManager.rotationEnded(SecretId);

    expect(outcome).toMatchObject({ kind: 'succeeded' });
  });

  it('is looked at before the function is, where a rotation is taken up', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    await rotate(rig, { RotateImmediately: false });
    await rig.secretsManager.rotationEnded(SecretId);
    await put(rig, 'v2', 'AWSPENDING');

    rig.secretsManager.reattemptRotation(SecretId);
    const outcome = await rig.secretsManager.rotationEnded(SecretId);

    expect(outcome).toMatchObject({ kind: 'failed', run: 'rotation', versionId: versionId('v2') });
    expect(steps(rig)).toEqual(['testSecret']);
  });

  it('still counts for a value that an earlier attempt put', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    const act = rotates(rig);
    rig.script(async (event) => {
      await act(event);
      if (rig.invocations.length === 1) {
        throw new Error('after the put');
      }
    });

    await rotate(rig);
    const outcome = await rig.secretsManager.rotationEnded(SecretId);

    expect(outcome).toMatchObject({ kind: 'succeeded', attempts: 2 });
  });
});

describe('a rotation in which somebody else changes the secret', () => {
  it.each<[string, (rig: Rig) => unknown, Record<string, readonly string[]>]>([
    [
      'puts a new current value',
      (rig) => put(rig, 'v3'),
      { v1: ['AWSPREVIOUS'], v3: ['AWSCURRENT'] },
    ],
    [
      'puts a version with a label of their own',
      (rig) => put(rig, 'v3', 'X'),
      { v1: ['AWSCURRENT'], v3: ['X'] },
    ],
    [
      'takes AWSPENDING for a version of theirs',
      (rig) => put(rig, 'v3', 'AWSPENDING'),
      { v1: ['AWSCURRENT'], v3: ['AWSPENDING'] },
    ],
    ['clears AWSPENDING', clearPending, { v1: ['AWSCURRENT'] }],
  ])('is abandoned when they %s', async (_, interfere, left) => {
    await using rig = await startRig();
    await createSecret(rig);
    const act = rotates(rig);
    rig.script(async (event) => {
      await act(event);
      if (event.Step === 'setSecret') {
        await interfere(rig);
        throw new Error('a failure that is not tried again');
      }
    });

    await rotate(rig, pending);
    const outcome = await rig.secretsManager.rotationEnded(SecretId);

    expect(outcome).toMatchObject({ kind: 'abandoned', attempts: 1 });
    expect(steps(rig)).toEqual(['createSecret', 'setSecret']);
    expect(await labels(rig)).toEqual(left);
    expect(eventNames(rig)).toEqual(['RotationStarted', 'RotationAbandoned']);
  });

  it('is abandoned when they roll back to an older version', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    await put(rig, 'v0');
    rig.script(() => promote(rig, 'v1', 'v0'));

    await rotate(rig, pending);
    const outcome = await rig.secretsManager.rotationEnded(SecretId);

    expect(outcome).toMatchObject({ kind: 'abandoned' });
    expect(steps(rig)).toEqual(['createSecret']);
    expect(await labels(rig)).toEqual({ v0: ['AWSPREVIOUS'], v1: ['AWSCURRENT'] });
  });

  it('succeeds when AWSPENDING goes after the promotion', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    const act = rotates(rig);
    rig.script(async (event) => {
      await act(event);
      if (event.Step === 'finishSecret') {
        await clearPending(rig);
      }
    });

    await rotate(rig, pending);
    const outcome = await rig.secretsManager.rotationEnded(SecretId);

    expect(outcome).toMatchObject({ kind: 'succeeded', attempts: 1 });
  });

  it('goes on when the same value is put again', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    const act = rotates(rig);
    const same = { SecretId, SecretString: 'first', ClientRequestToken: versionId('v1') };
    rig.script(async (event) => {
      await rig.functionClient.send(new PutSecretValueCommand(same));
      await act(event);
    });

    await rotate(rig);
    const outcome = await rig.secretsManager.rotationEnded(SecretId);

    expect(outcome).toMatchObject({ kind: 'succeeded', attempts: 1 });
  });

  it('ends without a trace when the secret is gone', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    rig.script(() =>
      rig.client.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true })),
    );
    const ended = new Promise<RotationProgress>((resolve) => {
      rig.secretsManager.onRotation((progress) => {
        if (progress.what === 'ended') {
          resolve(progress);
        }
      });
    });

    await rotate(rig);

    expect(await ended).toMatchObject({ outcome: { kind: 'cancelled' } });
    expect(steps(rig)).toEqual(['createSecret']);
    expect(() => rig.secretsManager.snapshot(SecretId)).toThrow();
  });
});

describe('CancelRotateSecret during a rotation', () => {
  it('stops after the step that runs, leaves the labels and names the version', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    const replies: unknown[] = [];
    rig.script(async (event) => {
      await putPending(rig.functionClient, event);
      replies.push(await rig.client.send(new CancelRotateSecretCommand({ SecretId })));
    });

    await rotate(rig, pending);
    const outcome = await rig.secretsManager.rotationEnded(SecretId);

    expect(replies).toEqual([expect.objectContaining({ VersionId: versionId('v2') })]);
    expect(outcome).toMatchObject({ kind: 'cancelled' });
    expect(steps(rig)).toEqual(['createSecret']);
    expect(await labels(rig)).toEqual({ v1: ['AWSCURRENT'], v2: ['AWSPENDING'] });
    expect(rig.secretsManager.snapshot(SecretId).rotationEnabled).toBe(false);
    expect(eventNames(rig)).toEqual(['RotationStarted']);
    expect(rig.secretsManager.reattemptRotation(SecretId)).toBe(false);
  });
});
