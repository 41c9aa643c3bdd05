import { setTimeout as wait } from 'node:timers/promises';
import { UpdateSecretVersionStageCommand } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import {
  accessDenied,
  serviceError,
} from '../../../../infra/local/secrets-manager/state/errors.ts';
import type { Fault } from '../../../../infra/local/server/faults.ts';
import { RotationError } from '../../../../lambda/failure.ts';
import { failureOf } from '../../../rig/function/alternating-rig.ts';
import { type Rig, startRig } from '../../../rig/function/rig.ts';
import { upToFinish } from '../../../rig/function/test-secret-rig.ts';

const SLOW_MS = 30;
const move = { operation: 'UpdateSecretVersionStage', at: 'before' } as const;
const refused: Fault['effect'] = {
  kind: 'answer',
  answer: serviceError('InvalidParameterException', 'The label moved.'),
};

function labels({ secretsManager, secretId }: Rig): string[][] {
  return secretsManager.snapshot(secretId).versions.map((version) => [...version.labels]);
}

describe('finishSecret', () => {
  it('moves AWSCURRENT to the new version and leaves the other labels to AWS', async () => {
    await using rig = await upToFinish(await startRig());

    await rig.run('finishSecret');

    expect(rig.value('AWSCURRENT')?.token).toBe('successor-1');
    expect(rig.value('AWSPREVIOUS')?.token).toBe('first');
    expect(labels(rig)).toEqual([['AWSPREVIOUS'], ['AWSCURRENT', 'AWSPENDING']]);
    expect(rig.log.at(-1)?.message).toBe('the version is current');
  });

  it('is content when the label has moved already', async () => {
    await using rig = await upToFinish(await startRig());
    await rig.run('finishSecret');

    await rig.run('finishSecret');

    const moves = rig.secretsManager.calls.filter(({ operation }) => operation === move.operation);
    expect(moves).toHaveLength(1);
  });

  it('knows its own move again when only the answer was lost', async () => {
    await using rig = await upToFinish(await startRig());
    rig.secretsManager.faults.add({ ...move, at: 'after', effect: { kind: 'reset' } });

    await rig.run('finishSecret');

    expect(rig.value('AWSCURRENT')?.token).toBe('successor-1');
    expect(rig.clock.pauses).toEqual([]);
  });

  it('tries again when the move is refused for a moment', async () => {
    await using rig = await upToFinish(await startRig());
    rig.secretsManager.faults.add({ ...move, times: 3, effect: refused });

    await rig.run('finishSecret');

    expect(rig.clock.pauses).toEqual([250, 500, 1000]);
    expect(rig.log).toContainEqual({
      message: 'AWSCURRENT is not moved yet',
      details: expect.objectContaining({ error: 'InvalidParameterException' }),
    });
    expect(rig.value('AWSCURRENT')?.token).toBe('successor-1');
  });

  it('tells which version is current when it cannot move the label', async () => {
    await using rig = await upToFinish(await startRig());
    rig.secretsManager.faults.add({
      ...move,
      times: 100,
      effect: { kind: 'answer', answer: accessDenied('secretsmanager:UpdateSecretVersionStage') },
    });

    const [current] = rig.secretsManager.snapshot(rig.secretId).versions;
    await expect(rig.run('finishSecret')).rejects.toMatchObject({
      message: 'NOT_PROMOTED: AWSCURRENT could not be moved to the new version',
      details: { currentVersionId: current?.versionId, error: 'AccessDeniedException' },
    });

    expect(rig.value('AWSCURRENT')?.token).toBe('first');
    expect(rig.value('AWSPENDING')?.token).toBe('successor-1');
  });

  it('does not promote a version that lost its label', async () => {
    await using rig = await upToFinish(await startRig());
    await rig.client.send(
      new UpdateSecretVersionStageCommand({
        SecretId: rig.secretId,
        VersionStage: 'AWSPENDING',
        RemoveFromVersionId: rig.request.versionId,
      }),
    );

    await expect(rig.run('finishSecret')).rejects.toMatchObject({ code: 'VERSION_NOT_STAGED' });

    expect(rig.value('AWSCURRENT')?.token).toBe('first');
  });

  it('tells that the move failed although the labels can no longer be read', async () => {
    await using rig = await upToFinish(await startRig());
    const denied = accessDenied('secretsmanager:DescribeSecret');
    rig.secretsManager.faults.add({ ...move, times: 100, effect: refused });
    rig.secretsManager.faults.add({
      operation: 'DescribeSecret',
      at: 'before',
      nth: 2,
      times: 100,
      effect: { kind: 'answer', answer: denied },
    });

    await expect(rig.run('finishSecret')).rejects.toMatchObject({ code: 'NOT_PROMOTED' });

    // Of what has the label nothing is known any more, so nothing more is moved.
    const operations = rig.secretsManager.calls.map(({ operation }) => operation);
    expect(operations.filter((operation) => operation === move.operation)).toHaveLength(1);
  });

  it('waits for the read that it made beside the labels, also where it fails', async () => {
    await using rig = await upToFinish(await startRig());
    const { secrets } = rig.services;
    const read = secrets.readVersion.bind(secrets);
    const slowRead = Promise.withResolvers<void>();
    let reads = 0;
    secrets.readVersion = async (...given) => {
      reads += 1;
      if (reads === 1) {
        await slowRead.promise;
      }
      return read(...given);
    };
    secrets.describe = () => Promise.reject(new RotationError('STORE_DENIED', 'not allowed'));
    let hasEnded = false;
    const step = failureOf(rig.run('finishSecret')).finally(() => {
      hasEnded = true;
    });

    await wait(SLOW_MS);
    expect(hasEnded).toBe(false);
    slowRead.resolve();

    expect(await step).toMatchObject({ code: 'STORE_DENIED' });
  });

  it('has nothing to move from when no version is current', async () => {
    await using rig = await upToFinish(await startRig());
    const { describe: read } = rig.services.secrets;
    rig.services.secrets.describe = async (...asked) => ({
      ...(await read.call(rig.services.secrets, ...asked)),
      stages: { [rig.request.versionId]: ['AWSPENDING'] },
    });

    await expect(rig.run('finishSecret')).rejects.toMatchObject({
      message: 'NOT_PROMOTED: no version has AWSCURRENT',
    });

    const operations = rig.secretsManager.calls.map(({ operation }) => operation);
    expect(operations).not.toContain(move.operation);
  });
});
