import { RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { startDemo } from '../../../infra/local/demo/demo.ts';
import { sharedBundle } from '../../rig/vitest/shared-bundle.ts';

const ROTATIONS = 20;

describe('the bundle, in a process of its own, with local servers around it', () => {
  it(`leaves one active token and one AWSCURRENT after ${ROTATIONS} rotations in a row, and prints no token`, async () => {
    await using demo = await startDemo({ bundle: sharedBundle() });
    const { gitlab, secretId, cloud } = demo;
    const { secretsManager, operator, lambda, sns } = cloud;

    for (let count = 0; count < ROTATIONS; count += 1) {
      const RotationLambdaARN = lambda.functionArn;
      await operator.send(new RotateSecretCommand({ SecretId: secretId, RotationLambdaARN }));
      await expect(secretsManager.rotationEnded(secretId)).resolves.toMatchObject({
        kind: 'succeeded',
        attempts: 1,
      });
    }

    const active = gitlab.tokens.filter(({ active }) => active);
    const current = secretsManager
      .snapshot(secretId)
      .versions.filter(({ labels }) => labels.includes('AWSCURRENT'));
    expect(active).toHaveLength(1);
    expect(current).toHaveLength(1);
    const { token, tokenId } = JSON.parse(current[0]?.value ?? '{}');
    expect(gitlab.isActive(token)).toBe(true);
    expect(tokenId).toBe(String(active[0]?.id));
    expect(gitlab.rotateRequests).toHaveLength(ROTATIONS);
    expect(gitlab.rotateRequests.filter(({ deadToken }) => deadToken)).toEqual([]);
    expect(sns.messages).toEqual([]);
    expect(lambda.invocations.filter(({ coldStart }) => coldStart)).toHaveLength(1);
    const log = JSON.stringify(lambda.logs);
    expect(log).toContain('rotation step finished');
    expect(log).not.toContain('RotationToken');
    for (const { value = '{}' } of secretsManager.snapshot(secretId).versions) {
      expect(log).not.toContain(JSON.parse(value).token);
    }
  });
});
