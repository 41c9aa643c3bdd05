import { PutSecretValueCommand, RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { bridged, codesOf, givenSecret, startWatchRig, type WatchRig } from './watch-rig.ts';

/** What EventBridge sends for the last event of Secrets Manager. */
function eventOf({ stage }: WatchRig): object {
  return bridged(stage.cloud.secretsManager.events.at(-1));
}

async function rotate({ stage }: WatchRig, secretId: string): Promise<void> {
  await stage.cloud.operator.send(new RotateSecretCommand({ SecretId: secretId }));
  await stage.clock.during(stage.cloud.secretsManager.rotationEnded(secretId));
}

describe('when AWS reports that a rotation failed, the watch says', () => {
  it('which version holds the active token, and the command that makes it current', async () => {
    await using rig = await startWatchRig();
    const { secretId } = await givenSecret(rig, 'app');
    // The new token is stored, and no attempt may make it current.
    rig.stage.cloud.secretsManager.faults.add({
      operation: 'UpdateSecretVersionStage',
      at: 'before',
      times: 100,
      effect: { kind: 'reset' },
    });
    await rotate(rig, secretId);
    const before = rig.messages().length;

    const { report } = await rig.watch(eventOf(rig));

    expect(report.verdict?.eventName).toBe('RotationFailed');
    expect(codesOf(report, 'app')).toEqual(['ROTATION_FAILED', 'REVOKED']);
    const { versions } = rig.stage.cloud.secretsManager.snapshot(secretId);
    const pending = versions.find(({ labels }) => labels.includes('AWSPENDING'))?.versionId ?? '';
    const [message, ...more] = rig.messages().slice(before);
    expect(more).toEqual([]);
    expect(message?.attributes).toMatchObject({ code: 'ROTATION_FAILED', risk: 'consumers' });
    expect(message?.email).toMatch(/AWS reports that the rotation failed \(RotationFailed, 2026-/);
    expect(message?.email).toContain(`${pending} (token: active)`);
    expect(message?.email).toMatch(/AWSCURRENT +\S{36} \(token: dead\)/);
    expect(message?.email).toContain(
      `update-secret-version-stage --secret-id ${secretId} --version-stage AWSCURRENT --move-to-version-id ${pending}`,
    );
    // Nobody should make another token.
    expect(message?.email).not.toContain('read -rs TOKEN');
  });

  it('that nobody is affected where the current token is active', async () => {
    await using rig = await startWatchRig();
    const { secretId } = await givenSecret(rig, 'app');
    rig.stage.cloud.lambda.faults.add({
      operation: 'Invoke',
      at: 'before',
      times: 100,
      effect: { kind: 'reset' },
    });
    await rotate(rig, secretId);

    const { report } = await rig.watch(eventOf(rig));

    expect(codesOf(report, 'app')).toEqual(['ROTATION_FAILED']);
    const message = rig.messages().at(-1);
    expect(message?.attributes).toMatchObject({ code: 'ROTATION_FAILED', risk: 'none' });
    // Secrets Manager may try again.
    expect(message?.email).toContain('Do not take the label AWSPENDING off version ');
    expect(message?.email).not.toContain('--remove-from-version-id');
    expect(message?.email).toContain(
      'aws lambda get-policy --function-name gitlab-token-rotation ',
    );
  });

  it('after RotationAbandoned, that a rotation finds the token in the secret', async () => {
    await using rig = await startWatchRig();
    const { secretId } = await givenSecret(rig, 'app');
    const { lambda, secretsManager, operator } = rig.stage.cloud;
    const putAnother = new PutSecretValueCommand({
      SecretId: secretId,
      SecretString: 'another',
      VersionStages: ['MINE'],
    });
    // After createSecret.
    lambda.faults.add({
      operation: 'Invoke',
      at: 'before',
      nth: 2,
      effect: { kind: 'run', run: () => operator.send(putAnother) },
    });
    await rotate(rig, secretId);
    const name = secretsManager.events.at(-1)?.eventName;

    const { report } = await rig.watch(eventOf(rig));

    expect(name).toBe('RotationAbandoned');
    expect(codesOf(report, 'app')).toEqual(['ROTATION_ABANDONED', 'REVOKED']);
    const { email = '' } = rig.messages().at(-1) ?? {};
    expect(email).toContain('the function finds the active token in the secret');
    expect(email).not.toContain('read -rs TOKEN');
  });

  it('what the dry run means, also where all is well', async () => {
    await using rig = await startWatchRig();
    const { secretId } = await givenSecret(rig, 'app');

    const { report } = await rig.watch(
      bridged({
        eventName: 'TestRotationFailed',
        eventTime: '2026-11-30T06:00:00Z',
        additionalEventData: { SecretId: secretId },
      }),
    );

    expect(codesOf(report, 'app')).toEqual(['DRY_RUN_FAILED']);
    expect(rig.messages().at(-1)?.email).toContain('Nothing was rotated.');
  });
});
