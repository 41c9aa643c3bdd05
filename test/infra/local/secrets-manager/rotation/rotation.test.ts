import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  RotateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { FUNCTION_ARN, startRig } from '../../../../rig/local/secrets-manager-rig.ts';
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
const v1 = versionId('v1');
const ALL_STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];

describe('a rotation', () => {
  it('T4: replies with a new version and invokes the function once per step', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    rig.script(rotates(rig));
    const { arn } = rig.secretsManager.snapshot(SecretId);

    const id = await rotate(rig);
    await rig.secretsManager.rotationEnded(SecretId);

    expect(id).not.toBe(v1);
    expect(rig.invocations).toEqual(
      ALL_STEPS.map((Step) => ({
        Step,
        SecretId: arn,
        ClientRequestToken: id,
        RotationToken: expect.stringMatching(/^[a-zA-Z0-9-]{36,256}$/),
      })),
    );
    expect(new Set(rig.invocations.map((each) => each.RotationToken)).size).toBe(4);
  });

  it('T5, T6: shows the placeholder at createSecret and the new value at finishSecret', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    const act = rotates(rig);
    const seen: unknown[] = [];
    rig.script(async (event) => {
      const pending = { VersionId: event.ClientRequestToken, VersionStage: 'AWSPENDING' };
      const [read, current] = await Promise.all([
        rig.functionClient
          .send(new GetSecretValueCommand({ SecretId: event.SecretId, ...pending }))
          .catch((error: Error) => error.name),
        rig.functionClient.send(new GetSecretValueCommand({ SecretId: event.SecretId })),
      ]);
      seen.push([read, current.SecretString, current.VersionStages]);
      await act(event);
    });

    await rotate(rig);
    await rig.secretsManager.rotationEnded(SecretId);

    const isPending = expect.objectContaining({
      SecretString: 'successor-1',
      VersionStages: ['AWSPENDING'],
    });
    expect(seen[0]).toEqual(['ResourceNotFoundException', 'first', ['AWSCURRENT']]);
    expect(seen[3]).toEqual([isPending, 'first', ['AWSCURRENT']]);
  });

  it('T7: leaves the new version current, the old one previous, and the dates set', async () => {
    const now = new Date('2026-03-01T10:20:30Z');
    await using rig = await startRig({ now: () => now });
    await createSecret(rig);
    rig.script(rotates(rig));

    const id = await rotate(rig);
    const outcome = await rig.secretsManager.rotationEnded(SecretId);

    const described = await rig.client.send(new DescribeSecretCommand({ SecretId }));
    expect(outcome).toEqual({ kind: 'succeeded', run: 'rotation', versionId: id, attempts: 1 });
    expect(described).toMatchObject({
      RotationEnabled: true,
      RotationLambdaARN: FUNCTION_ARN,
      RotationRules: { AutomaticallyAfterDays: 30 },
      LastRotatedDate: now,
      NextRotationDate: new Date('2026-03-31T23:59:59Z'),
      VersionIdsToStages: { [v1]: ['AWSPREVIOUS'], [id]: expect.arrayContaining(['AWSCURRENT']) },
    });
    expect(rig.secretsManager.valueOf(SecretId, 'AWSCURRENT')).toBe('successor-1');
    expect(eventNames(rig)).toEqual(['RotationStarted', 'RotationSucceeded']);
  });

  it('T7: can let AWSPENDING linger on the new version', async () => {
    await using rig = await startRig({ pendingLabelLingers: true });
    await createSecret(rig);
    rig.script(rotates(rig));

    const id = await rotate(rig);
    await rig.secretsManager.rotationEnded(SecretId);

    const { versions } = rig.secretsManager.snapshot(SecretId);
    expect(versions.find((each) => each.versionId === id)?.labels).toEqual([
      'AWSCURRENT',
      'AWSPENDING',
    ]);
  });

  it('T8: without rotating tests a copy of the current value, and takes it away', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    const seen: unknown[] = [];
    rig.script(async ({ ClientRequestToken: VersionId }) => {
      const pending = { SecretId, VersionId, VersionStage: 'AWSPENDING' };
      const read = await rig.functionClient.send(new GetSecretValueCommand(pending));
      seen.push([read.SecretString, read.VersionStages, await labels(rig)]);
    });

    const id = await rotate(rig, { RotateImmediately: false, ClientRequestToken: versionId('v2') });
    const outcome = await rig.secretsManager.rotationEnded(SecretId);

    expect(rig.invocations.map(({ Step }) => Step)).toEqual(['testSecret']);
    expect(id).toBe(rig.invocations[0]?.ClientRequestToken);
    expect(seen).toEqual([['first', ['AWSPENDING'], { v1: ['AWSCURRENT'], v2: ['AWSPENDING'] }]]);
    expect(outcome).toMatchObject({ kind: 'succeeded', run: 'test' });
    expect(rig.secretsManager.snapshot(SecretId)).toMatchObject({
      versions: [{ versionId: v1, labels: ['AWSCURRENT'], value: 'first' }],
      rotationEnabled: true,
    });
    expect(rig.secretsManager.snapshot(SecretId)).not.toHaveProperty('lastRotatedDate');
    expect(eventNames(rig)).toEqual(['TestRotationStarted', 'TestRotationSucceeded']);
  });

  it('T10: is allowed while AWSPENDING is on the current version', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    await put(rig, 'v2', 'AWSPENDING');
    await promote(rig, 'v2', 'v1');
    rig.script(rotates(rig));

    await rotate(rig);
    const outcome = await rig.secretsManager.rotationEnded(SecretId);

    expect(outcome).toMatchObject({ kind: 'succeeded' });
    expect(rig.secretsManager.valueOf(SecretId, 'AWSPREVIOUS')).toBe('v2');
  });

  it('T11: uses the configuration again that it was given once', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    rig.script(rotates(rig));
    const first = await rotate(rig);
    await rig.secretsManager.rotationEnded(SecretId);

    const { VersionId: second = '' } = await rig.client.send(new RotateSecretCommand({ SecretId }));
    await rig.secretsManager.rotationEnded(SecretId);

    const described = await rig.client.send(new DescribeSecretCommand({ SecretId }));
    expect(described).toMatchObject({
      RotationRules: { AutomaticallyAfterDays: 30 },
      VersionIdsToStages: { [first]: ['AWSPREVIOUS'], [second]: ['AWSCURRENT'] },
    });
    expect(rig.secretsManager.valueOf(SecretId, 'AWSCURRENT')).toBe('successor-2');
    expect(rig.secretsManager.valueOf(SecretId, 'AWSPREVIOUS')).toBe('successor-1');
  });

  it('T14: makes the token that it is given the new version', async () => {
    await using rig = await startRig();
    await createSecret(rig);

    const id = await rotate(rig, { ClientRequestToken: versionId('v2') });
    await rig.secretsManager.rotationEnded(SecretId);

    expect(id).toBe(versionId('v2'));
    expect(rig.invocations[0]?.ClientRequestToken).toBe(versionId('v2'));
  });

  it('T16: runs all four steps again after one that throws, with the same version', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    const act = rotates(rig);
    rig.script((event) => {
      if (rig.invocations.length === 3) {
        throw new Error('not yet');
      }
      return act(event);
    });

    const id = await rotate(rig);
    const outcome = await rig.secretsManager.rotationEnded(SecretId);

    expect(rig.invocations.map(({ Step }) => Step)).toEqual([
      'createSecret',
      'setSecret',
      'testSecret',
      ...ALL_STEPS,
    ]);
    expect(new Set(rig.invocations.map((each) => each.ClientRequestToken))).toEqual(new Set([id]));
    expect(new Set(rig.invocations.map((each) => each.RotationToken)).size).toBe(7);
    expect(outcome).toEqual({ kind: 'succeeded', run: 'rotation', versionId: id, attempts: 2 });
    expect(eventNames(rig)).toEqual(['RotationStarted', 'RotationSucceeded']);
  });
});
