import {
  UpdateSecretVersionStageCommand,
  type UpdateSecretVersionStageCommandInput,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { type Rig, startRig } from '../../../../rig/local/secrets-manager-rig.ts';
import {
  createSecret,
  labels,
  promote,
  put,
  refusal,
  UNKNOWN_SECRET,
  versionId,
} from '../actions.ts';

type StageMove = Omit<UpdateSecretVersionStageCommandInput, 'SecretId'>;

function moveStage({ client }: Rig, move: StageMove) {
  return client.send(new UpdateSecretVersionStageCommand({ SecretId: 'token', ...move }));
}

describe('UpdateSecretVersionStage', () => {
  const v1 = versionId('v1');
  const v2 = versionId('v2');
  const v9 = versionId('v9');

  it('L1: promotes the pending version, which keeps AWSPENDING', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    await put(rig, 'v2', 'AWSPENDING');
    const { arn } = rig.secretsManager.snapshot('token');

    const reply = await moveStage(rig, {
      VersionStage: 'AWSCURRENT',
      MoveToVersionId: v2,
      RemoveFromVersionId: v1,
    });

    expect(reply).toMatchObject({ ARN: arn, Name: 'token' });
    expect(await labels(rig)).toEqual({ v1: ['AWSPREVIOUS'], v2: ['AWSCURRENT', 'AWSPENDING'] });
  });

  it('L2: refuses to move a label from a version that is not named', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    await put(rig, 'v2', 'AWSPENDING');
    const before = rig.secretsManager.snapshot('token');

    const call = moveStage(rig, { VersionStage: 'AWSCURRENT', MoveToVersionId: v2 });

    await expect(call).rejects.toMatchObject(
      refusal(
        'InvalidParameterException',
        `The parameter RemoveFromVersionId can't be empty. Staging label AWSCURRENT is currently attached to version ${v1}, so you must explicitly reference that version in RemoveFromVersionId.`,
      ),
    );
    expect(rig.secretsManager.snapshot('token')).toEqual(before);
  });

  it('L3: labels of one’s own stay where they are, and keep an old version listed', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    await moveStage(rig, { VersionStage: 'PUT0', MoveToVersionId: v1 });
    await put(rig, 'v2', 'AWSPENDING', 'PUT1');

    await promote(rig, 'v2', 'v1');
    const first = await labels(rig);
    await put(rig, 'v3', 'AWSPENDING', 'PUT2');
    await promote(rig, 'v3', 'v2');

    expect(first).toEqual({
      v1: ['AWSPREVIOUS', 'PUT0'],
      v2: ['AWSCURRENT', 'AWSPENDING', 'PUT1'],
    });
    expect(await labels(rig)).toEqual({
      v1: ['PUT0'],
      v2: ['AWSPREVIOUS', 'PUT1'],
      v3: ['AWSCURRENT', 'AWSPENDING', 'PUT2'],
    });
  });

  it('L4: a version whose only label moved away drops out of the map', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    await put(rig, 'v2', 'CUSTOM');

    await moveStage(rig, {
      VersionStage: 'CUSTOM',
      MoveToVersionId: v1,
      RemoveFromVersionId: v2,
    });

    expect(await labels(rig)).toEqual({ v1: ['AWSCURRENT', 'CUSTOM'] });
  });

  it('L5: drops a label that is moved nowhere', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    await put(rig, 'v2', 'AWSPENDING');
    await promote(rig, 'v2', 'v1');

    await moveStage(rig, { VersionStage: 'AWSPENDING', RemoveFromVersionId: v2 });

    expect(await labels(rig)).toEqual({ v1: ['AWSPREVIOUS'], v2: ['AWSCURRENT'] });
  });

  it('L6: a rollback swaps AWSCURRENT and AWSPREVIOUS', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    await put(rig, 'v2');

    await promote(rig, 'v1', 'v2');

    expect(await labels(rig)).toEqual({ v1: ['AWSCURRENT'], v2: ['AWSPREVIOUS'] });
  });

  it('L7: does not find a secret that does not exist, with 400', async () => {
    await using rig = await startRig();

    const call = moveStage(rig, { VersionStage: 'X', MoveToVersionId: v1 });

    await expect(call).rejects.toMatchObject(UNKNOWN_SECRET);
  });

  it.each<[string, Omit<StageMove, 'VersionStage'>]>([
    ['a source that does not exist', { MoveToVersionId: v2, RemoveFromVersionId: v9 }],
    ['a source that lacks the label', { MoveToVersionId: v1, RemoveFromVersionId: v2 }],
    ['a target that does not exist', { MoveToVersionId: v9, RemoveFromVersionId: v1 }],
    ['neither source nor target', {}],
  ])('L8: refuses %s and changes nothing', async (_, move) => {
    await using rig = await startRig();
    await createSecret(rig);
    await put(rig, 'v2', 'AWSPENDING');
    const before = rig.secretsManager.snapshot('token');

    const call = moveStage(rig, { VersionStage: 'AWSCURRENT', ...move });

    await expect(call).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });
    expect(rig.secretsManager.snapshot('token')).toEqual(before);
  });

  it('L9: AWSCURRENT cannot be removed, only moved', async () => {
    await using rig = await startRig();
    await createSecret(rig);

    const call = moveStage(rig, { VersionStage: 'AWSCURRENT', RemoveFromVersionId: v1 });

    await expect(call).rejects.toMatchObject(
      refusal(
        'InvalidParameterException',
        "You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.",
      ),
    );
    expect(await labels(rig)).toEqual({ v1: ['AWSCURRENT'] });
  });

  it('L10: refuses the 21st label of a secret, by a move and by a put', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    await put(rig, 'v2', ...Array.from({ length: 19 }, (_, index) => `L${index}`));
    const before = rig.secretsManager.snapshot('token');

    const move = moveStage(rig, { VersionStage: 'L19', MoveToVersionId: v1 });
    await expect(move).rejects.toMatchObject(refusal('LimitExceededException'));
    await expect(put(rig, 'v3', 'L19')).rejects.toMatchObject(refusal('LimitExceededException'));

    expect(rig.secretsManager.snapshot('token')).toEqual(before);
  });

  it('changes nothing for a label that is already there', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    await put(rig, 'v2');
    const before = rig.secretsManager.snapshot('token');

    await moveStage(rig, { VersionStage: 'AWSCURRENT', MoveToVersionId: v2 });

    expect(rig.secretsManager.snapshot('token')).toEqual(before);
  });

  it('refuses a move that already happened, as the retry of a lost answer does', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    await put(rig, 'v2', 'AWSPENDING');
    await promote(rig, 'v2', 'v1');

    await expect(promote(rig, 'v2', 'v1')).rejects.toMatchObject({
      $metadata: { httpStatusCode: 400 },
    });

    expect(await labels(rig)).toEqual({ v1: ['AWSPREVIOUS'], v2: ['AWSCURRENT', 'AWSPENDING'] });
  });
});
