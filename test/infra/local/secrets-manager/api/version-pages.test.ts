import {
  DeleteSecretCommand,
  ListSecretVersionIdsCommand,
  type ListSecretVersionIdsCommandInput,
  paginateListSecretVersionIds,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { type Rig, startRig } from '../../../../rig/local/secrets-manager-rig.ts';
import { createSecret, put, refusal, rotate } from '../actions.ts';

const SecretId = 'token';

/** All pages as the SDK's own paginator sees them, the names of the versions in each. */
async function pagesOf({ client }: Rig, pageSize = 100): Promise<readonly string[][]> {
  const pages: string[][] = [];
  const input = { SecretId, IncludeDeprecated: true };
  for await (const { Versions = [] } of paginateListSecretVersionIds({ client, pageSize }, input)) {
    pages.push(Versions.map(({ VersionId = '' }) => VersionId.slice(0, 2)));
  }
  return pages;
}

function list({ client }: Rig, input: Partial<ListSecretVersionIdsCommandInput> = {}) {
  return client.send(
    new ListSecretVersionIdsCommand({ SecretId, IncludeDeprecated: true, ...input }),
  );
}

async function createVersions(rig: Rig): Promise<void> {
  await createSecret(rig);
  for (const name of ['v2', 'v3', 'v4', 'v5']) {
    await put(rig, name);
  }
}

describe('the pages of ListSecretVersionIds', () => {
  it('together hold each version once', async () => {
    await using rig = await startRig();
    await createVersions(rig);

    expect(await pagesOf(rig, 2)).toEqual([['v1', 'v2'], ['v3', 'v4'], ['v5']]);
  });

  it('are named by tokens that tell nothing of a version', async () => {
    await using rig = await startRig();
    await createVersions(rig);

    const { Versions, NextToken = '' } = await list(rig, { MaxResults: 1 });

    expect(Versions).toHaveLength(1);
    expect(NextToken).not.toContain(Versions?.[0]?.VersionId);
  });

  it('go on where they were when the last version that was shown lost its labels', async () => {
    await using rig = await startRig();
    await createVersions(rig);
    const shown = await list(rig, { MaxResults: 1, IncludeDeprecated: false });

    await put(rig, 'v6');

    const { NextToken } = shown;
    const { Versions = [] } = await list(rig, { NextToken, IncludeDeprecated: false });
    const names = [...(shown.Versions ?? []), ...Versions].map(({ VersionId }) => VersionId);
    expect(names.map((name = '') => name.slice(0, 2))).toEqual(['v4', 'v5', 'v6']);
  });

  it('refuse a NextToken that was never given', async () => {
    await using rig = await startRig();
    await createSecret(rig);

    const call = list(rig, { NextToken: 'elsewhere' });

    await expect(call).rejects.toMatchObject(refusal('InvalidNextTokenException'));
  });

  it('show the placeholder of a rotation after every version that has a value', async () => {
    await using rig = await startRig({ maxAttempts: 1 });
    await createSecret(rig);
    rig.script(() => {
      throw new Error('as the test says');
    });

    // Ids before and after that of the current version, which is `v1-…`.
    for (const ClientRequestToken of ['a'.repeat(36), 'z'.repeat(36)]) {
      await rotate(rig, { ClientRequestToken });
      await rig.secretsManager.rotationEnded(SecretId);
      const { Versions = [] } = await list(rig);
      expect(Versions.map(({ VersionStages }) => VersionStages)).toEqual([
        ['AWSCURRENT'],
        ['AWSPENDING'],
      ]);
      await rig.client.send(
        new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }),
      );
      await createSecret(rig);
    }
  });
});
