import { describe, expect, it } from 'vitest';
import { accessDenied } from '../../../../infra/local/secrets-manager/state/errors.ts';
import { RotationError } from '../../../../lambda/failure.ts';
import { startRig } from '../../../rig/function/rig.ts';
import {
  currentVersionId,
  dropPending,
  startRotated,
} from '../../../rig/function/test-secret-rig.ts';

describe('testSecret of a version without the label or without a value', () => {
  it('refuses a version that lost its label', async () => {
    await using rig = await startRotated();
    await dropPending(rig);

    await expect(rig.run('testSecret')).rejects.toMatchObject({
      code: 'VERSION_NOT_STAGED',
      message: 'VERSION_NOT_STAGED: the version to test is not labelled AWSPENDING',
    });
  });

  it('refuses a version that carries other labels only', async () => {
    await using rig = await startRotated();
    const versionId = currentVersionId(rig) ?? '';
    await rig.run('finishSecret');

    await expect(rig.run('testSecret', { ...rig.request, versionId })).rejects.toMatchObject({
      message: 'VERSION_NOT_STAGED: the version to test is not labelled AWSPENDING',
    });
  });

  it('does not look for another value where the version has one', async () => {
    await using rig = await startRotated();
    await dropPending(rig);
    rig.services.secrets.readCurrent = () =>
      Promise.reject(new RotationError('STORE_DENIED', 'no'));

    await expect(rig.run('testSecret')).rejects.toMatchObject({ code: 'VERSION_NOT_STAGED' });
  });

  it('refuses a version without a value', async () => {
    await using rig = await startRig();

    await expect(rig.run('testSecret')).rejects.toMatchObject({
      message: 'VERSION_NOT_STAGED: the version to test has no value',
      details: { currentVersionId: currentVersionId(rig) },
    });
  });

  it('passes on why it cannot find out whether there ever was a value', async () => {
    await using rig = await startRig();
    rig.secretsManager.faults.add({
      operation: 'GetSecretValue',
      at: 'before',
      nth: 9,
      effect: { kind: 'answer', answer: accessDenied('secretsmanager:GetSecretValue') },
    });

    const failure: unknown = await rig.run('testSecret').catch((error: unknown) => error);

    expect(failure).toMatchObject({ code: 'STORE_DENIED' });
    expect(failure).not.toHaveProperty('details.dryRun');
  });
});
