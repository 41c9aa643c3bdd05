import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTemporaryFolder } from '../../../infra/local/cloud/temporary-folder.ts';
import { sharedBundles } from '../../rig/stage/shared-bundles.ts';
import { type Stage, setScene, startStage } from '../../rig/stage/stage.ts';
import { bundleUsersRotator } from './bundles.ts';

const folder = createTemporaryFolder('users-rotator-');
afterAll(() => folder[Symbol.dispose]());

describe("the user's rotator, which ours is measured against", () => {
  let stage: Stage;
  beforeAll(async () => {
    const textbook = bundleUsersRotator(folder.path).path;
    const { ours } = sharedBundles().of;
    stage = await startStage('textbook', { of: { ours, textbook } });
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  it('rotates', async () => {
    const { secretId, tokenId, rotate } = await setScene(stage, 'app');

    await expect(rotate()).resolves.toMatchObject({ kind: 'succeeded', attempts: 1 });

    const value = stage.cloud.secretsManager.valueOf(secretId, 'AWSCURRENT') ?? '{}';
    expect(stage.gitlab.isActive(JSON.parse(value).token)).toBe(true);
    expect(JSON.parse(value)).not.toMatchObject({ tokenId: String(tokenId) });
  });

  it('sends a message if it fails', async () => {
    const { tokenId, rotate } = await setScene(stage, 'revoked');
    stage.gitlab.revoke(tokenId);

    await expect(rotate()).resolves.toMatchObject({ kind: 'failed' });

    expect(stage.cloud.sns.messages.map(({ subject }) => subject)).toContain('Rotation failed');
  });
});
