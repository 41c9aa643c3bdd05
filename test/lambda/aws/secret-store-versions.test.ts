import {
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startSecretsManager } from '../../../infra/local/secrets-manager/secrets-manager.ts';
import { error, json, startScriptedAws } from '../../rig/scripted/scripted-aws.ts';
import { CURRENT, OTHER, PENDING, storeAt, TIMEOUT_MS, withSecret } from './store-rig.ts';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe('listVersions', () => {
  it('tells every version with its age, those without a label included', async () => {
    let now = new Date('2026-11-22T09:00:00.000Z');
    await using secretsManager = await startSecretsManager({ now: () => now });
    const { store, client } = await withSecret(secretsManager);
    const ages: Record<string, Date> = { [CURRENT]: now };
    for (const [id, hour] of [
      [PENDING, '10'],
      [OTHER, '11'],
    ] as const) {
      now = new Date(`2026-11-22T${hour}:00:00.000Z`);
      ages[id] = now;
      await client.send(
        new PutSecretValueCommand({
          SecretId: 'app/token',
          ClientRequestToken: id,
          SecretString: id,
          VersionStages: ['AWSPENDING'],
        }),
      );
    }
    await client.send(
      new UpdateSecretVersionStageCommand({
        SecretId: 'app/token',
        VersionStage: 'AWSPENDING',
        RemoveFromVersionId: OTHER,
      }),
    );

    const { versions } = await store.listVersions('app/token', TIMEOUT_MS);

    const told = Object.fromEntries(
      versions.map(({ versionId, createdAt }) => [versionId, createdAt]),
    );
    expect(told).toEqual(ages);
    const { Versions } = await client.send(
      new ListSecretVersionIdsCommand({ SecretId: 'app/token' }),
    );
    expect(Versions).toHaveLength(1);
  });

  it('reads on to the end, over pages that hold nothing', async () => {
    const page = (id: string | undefined, NextToken?: string) =>
      json({ Versions: id === undefined ? [] : [{ VersionId: id, CreatedDate: 1 }], NextToken });
    await using aws = await startScriptedAws(
      page(undefined, 'one'),
      page(CURRENT, 'two'),
      json({ NextToken: 'three' }),
      page(PENDING),
    );

    const { versions, isWhole } = await storeAt(aws).listVersions('app/token', TIMEOUT_MS);

    expect(versions.map(({ versionId }) => versionId)).toEqual([CURRENT, PENDING]);
    expect(isWhole).toBe(true);
    const query = { SecretId: 'app/token', IncludeDeprecated: true, MaxResults: 100 };
    expect(aws.bodies.map((body) => JSON.parse(body))).toEqual([
      query,
      { ...query, NextToken: 'one' },
      { ...query, NextToken: 'two' },
      { ...query, NextToken: 'three' },
    ]);
  });

  it.each([
    ['itself', ['one', 'one']],
    ['the first', ['one', 'two', 'one']],
  ])(
    'ends with a page that names %s as the next, and does not call it whole',
    async (_which, tokens) => {
      const pages = tokens.map((NextToken) =>
        json({ Versions: [{ VersionId: CURRENT, CreatedDate: 1 }], NextToken }),
      );
      const [first = json({}), ...more] = pages;
      await using aws = await startScriptedAws(first, ...more);

      const { versions, isWhole } = await storeAt(aws).listVersions('app/token', TIMEOUT_MS);

      expect(isWhole).toBe(false);
      expect(versions).toHaveLength(tokens.length);
      expect(aws.calls).toHaveLength(tokens.length);
    },
  );

  it('takes an empty name of a next page for the end', async () => {
    await using aws = await startScriptedAws(json({ NextToken: '' }));

    expect(await storeAt(aws).listVersions('app/token', TIMEOUT_MS)).toStrictEqual({
      versions: [],
      isWhole: true,
    });
    expect(aws.calls).toHaveLength(1);
  });

  it('ends where empty pages do not, and does not call it whole', async () => {
    const pages = Array.from({ length: 40 }, (_, n) => json({ NextToken: `token-${n}` }));
    const [first = json({}), ...more] = pages;
    await using aws = await startScriptedAws(first, ...more);

    const { isWhole } = await storeAt(aws).listVersions('app/token', TIMEOUT_MS);

    expect(isWhole).toBe(false);
    expect(aws.calls).toHaveLength(20);
  });

  it('keeps what it saw when a later page is refused, and does not call it whole', async () => {
    await using aws = await startScriptedAws(
      json({ Versions: [{ VersionId: CURRENT, CreatedDate: 1 }], NextToken: 'one' }),
      error('InvalidNextTokenException'),
    );

    expect(await storeAt(aws).listVersions('app/token', TIMEOUT_MS)).toStrictEqual({
      versions: [{ versionId: CURRENT, createdAt: new Date(1_000) }],
      isWhole: false,
    });
  });

  it('has one time-out for all pages', async () => {
    const page = json({ Versions: [{ VersionId: CURRENT, CreatedDate: 1 }], NextToken: 'next' });
    await using aws = await startScriptedAws(page, error('InvalidNextTokenException'));
    const timeouts = vi.spyOn(AbortSignal, 'timeout');
    vi.spyOn(performance, 'now').mockImplementation(() => aws.calls.length * 1_500);

    const { isWhole } = await storeAt(aws).listVersions('app/token', 2_000);

    expect(isWhole).toBe(false);
    expect(timeouts.mock.calls).toEqual([[2_000], [500]]);
  });

  it('leaves out what has no id or no age', async () => {
    const createdAt = 1_800_000_000;
    await using aws = await startScriptedAws(
      json({ Versions: [{ VersionId: CURRENT }, { CreatedDate: createdAt }, {}] }),
      json({
        Versions: [
          { VersionId: PENDING, CreatedDate: createdAt, VersionStages: ['AWSPENDING'] },
          { VersionId: OTHER },
        ],
      }),
    );
    const store = storeAt(aws);

    expect(await store.listVersions('app/token', TIMEOUT_MS)).toStrictEqual({
      versions: [],
      isWhole: true,
    });
    expect(await store.listVersions('app/token', TIMEOUT_MS)).toStrictEqual({
      versions: [{ versionId: PENDING, createdAt: new Date(createdAt * 1000) }],
      isWhole: true,
    });
  });

  it('finds none in a reply that holds none', async () => {
    await using aws = await startScriptedAws(json({}));

    expect(await storeAt(aws).listVersions('app/token', TIMEOUT_MS)).toStrictEqual({
      versions: [],
      isWhole: true,
    });
  });

  it.each([
    ['AccessDeniedException', 'STORE_DENIED', 'ListSecretVersionIds is not allowed'],
    ['InternalServiceError', 'STORE_UNAVAILABLE', 'ListSecretVersionIds failed'],
  ])('fails with %s as %s', async (type, code, message) => {
    await using aws = await startScriptedAws(error(type, 'first'));

    await expect(storeAt(aws).listVersions('app/token', TIMEOUT_MS)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });

  it('fails for a secret that does not exist', async () => {
    await using secretsManager = await startSecretsManager();

    await expect(
      storeAt(secretsManager).listVersions('app/token', TIMEOUT_MS),
    ).rejects.toMatchObject({
      code: 'SECRET_MISSING',
    });
  });
});
