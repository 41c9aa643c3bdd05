import { afterEach, describe, expect, it, vi } from 'vitest';
import { startSecretsManager } from '../../../infra/local/secrets-manager/secrets-manager.ts';
import { error, json, startScriptedAws } from '../../rig/scripted/scripted-aws.ts';
import {
  CURRENT,
  PENDING,
  REPLY,
  REQUEST,
  storeAt,
  TIMEOUT_MS,
  VALUE,
  withSecret,
} from './store-rig.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('describe', () => {
  it('tells which version has which label', async () => {
    await using secretsManager = await startSecretsManager();
    const { store } = await withSecret(secretsManager);

    const description = await store.describe('app/token', TIMEOUT_MS);

    expect(description).toStrictEqual({
      rotationEnabled: false,
      stages: { [CURRENT]: ['AWSCURRENT'] },
      arn: secretsManager.snapshot('app/token').arn,
      lastChangedDate: expect.any(Date),
    });
  });

  it('tells the schedule of a secret that rotates', async () => {
    await using aws = await startScriptedAws(
      json({
        Name: 'app/token',
        RotationEnabled: true,
        RotationRules: { ScheduleExpression: 'rate(10 days)', Duration: '3h' },
        RotationLambdaARN: 'arn:of-the-function',
        LastRotatedDate: 1_700_000_000,
        NextRotationDate: 1_800_000_000.5,
      }),
    );

    const description = await storeAt(aws).describe('app/token', TIMEOUT_MS);

    expect(description).toStrictEqual({
      rotationEnabled: true,
      stages: {},
      rotationIntervalDays: 10,
      windowHours: 3,
      rotationFunctionArn: 'arn:of-the-function',
      lastRotatedDate: new Date(1_700_000_000_000),
      nextRotationDate: new Date(1_800_000_000_500),
    });
  });

  it.each([
    ['days', { AutomaticallyAfterDays: 30 }, 30],
    ['a rate in days', { ScheduleExpression: 'rate(10 days)' }, 10],
    ['a rate of one day', { ScheduleExpression: 'rate(1 day)' }, 1],
    ['a rate in hours', { ScheduleExpression: 'rate(12 hours)' }, 0.5],
    [
      'a rate from which AWS computed whole days',
      { ScheduleExpression: 'rate(36 hours)', AutomaticallyAfterDays: 1 },
      1.5,
    ],
    [
      'a cron expression from which AWS computed days',
      { ScheduleExpression: 'cron(0 8 1 * ? *)', AutomaticallyAfterDays: 31 },
      31,
    ],
    ['a cron expression alone', { ScheduleExpression: 'cron(0 8 1 * ? *)' }, undefined],
    ['no rules', {}, undefined],
    ['no rotation', undefined, undefined],
  ])('reads the interval of %s', async (_what, RotationRules, days) => {
    await using aws = await startScriptedAws(json({ Name: 'app/token', RotationRules }));

    const { rotationIntervalDays } = await storeAt(aws).describe('app/token', TIMEOUT_MS);

    expect(rotationIntervalDays).toBe(days);
  });
});

describe('readCurrent', () => {
  it('gives the exact string, its id and its labels', async () => {
    await using secretsManager = await startSecretsManager();
    const { store } = await withSecret(secretsManager, { SecretString: ' {"token": "first"}\n' });

    const version = await store.readCurrent('app/token', TIMEOUT_MS);

    expect(version).toEqual({
      versionId: CURRENT,
      secretString: ' {"token": "first"}\n',
      stages: ['AWSCURRENT'],
      createdAt: expect.any(Date),
    });
  });

  it('tells a secret without any value from one that does not exist', async () => {
    await using secretsManager = await startSecretsManager();
    const { store } = await withSecret(secretsManager, {});

    await expect(store.readCurrent('app/token', TIMEOUT_MS)).rejects.toMatchObject({
      code: 'SECRET_MISSING',
      message: 'SECRET_MISSING: the secret has no value yet',
    });
  });

  it('refuses a binary secret', async () => {
    await using secretsManager = await startSecretsManager();
    const { store } = await withSecret(secretsManager, { SecretBinary: Buffer.from('first') });

    await expect(store.readCurrent('app/token', TIMEOUT_MS)).rejects.toMatchObject({
      code: 'SECRET_MALFORMED',
      message: 'SECRET_MALFORMED: the secret is binary: it must be text',
    });
  });

  it.each([
    ['value', { ...REPLY }],
    ['id', { ...VALUE, VersionId: undefined }],
  ])('does not take an answer without the %s for one', async (_what, body) => {
    await using aws = await startScriptedAws(json(body));

    await expect(storeAt(aws).readCurrent('app/token', TIMEOUT_MS)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: 'STORE_UNAVAILABLE: the reply to GetSecretValue is incomplete',
    });
  });

  it('takes the text of a version that is also binary', async () => {
    await using aws = await startScriptedAws(json({ ...VALUE, SecretBinary: 'Zmlyc3Q=' }));

    const version = await storeAt(aws).readCurrent('app/token', TIMEOUT_MS);

    expect(version.secretString).toBe('first');
  });

  it('counts a version without labels as one', async () => {
    await using aws = await startScriptedAws(json({ ...REPLY, SecretString: 'first' }));

    const version = await storeAt(aws).readCurrent('app/token', TIMEOUT_MS);

    expect(version.stages).toEqual([]);
  });
});

describe('readPending', () => {
  it('finds what was stored', async () => {
    await using secretsManager = await startSecretsManager();
    const { store } = await withSecret(secretsManager);
    await store.storePending(REQUEST, 'successor-1', TIMEOUT_MS);

    const version = await store.readPending(REQUEST, TIMEOUT_MS);

    expect(version).toEqual({
      versionId: PENDING,
      secretString: 'successor-1',
      stages: ['AWSPENDING'],
      createdAt: expect.any(Date),
    });
  });

  it('finds nothing where the version does not exist', async () => {
    await using secretsManager = await startSecretsManager();
    const { store } = await withSecret(secretsManager);

    expect(await store.readPending(REQUEST, TIMEOUT_MS)).toBeUndefined();
  });

  it('finds nothing where the version does not have the label, in this view of it', async () => {
    await using secretsManager = await startSecretsManager();
    const { store } = await withSecret(secretsManager);

    expect(await store.readPending({ ...REQUEST, versionId: CURRENT }, TIMEOUT_MS)).toBeUndefined();
  });

  it.each([
    'not here',
    "Secrets Manager can't find the specified secret value for VersionId: v",
    "Secrets Manager can't find the specified secret. It may come.",
    "Note: Secrets Manager can't find the specified secret.",
  ])('finds nothing in a placeholder, even if AWS says: %s', async (text) => {
    await using aws = await startScriptedAws(error('ResourceNotFoundException', text));

    expect(await storeAt(aws).readPending(REQUEST, TIMEOUT_MS)).toBeUndefined();
  });

  it('asks by id and by label, since the label may be on the version of another run', async () => {
    await using aws = await startScriptedAws(json(VALUE));

    await storeAt(aws).readPending(REQUEST, TIMEOUT_MS);

    expect(aws.bodies.map((body) => JSON.parse(body))).toEqual([
      { SecretId: 'app/token', VersionId: PENDING, VersionStage: 'AWSPENDING' },
    ]);
  });
});

describe('readVersion', () => {
  it('finds a version whatever its labels', async () => {
    await using secretsManager = await startSecretsManager();
    const { store } = await withSecret(secretsManager);
    await store.storePending(REQUEST, 'successor-1', TIMEOUT_MS);

    const current = await store.readVersion('app/token', CURRENT, TIMEOUT_MS);
    const pending = await store.readVersion('app/token', PENDING, TIMEOUT_MS);

    expect(current?.secretString).toBe('first');
    expect(pending?.secretString).toBe('successor-1');
  });

  it('finds nothing where the version does not exist', async () => {
    await using secretsManager = await startSecretsManager();
    const { store } = await withSecret(secretsManager);

    expect(await store.readVersion('app/token', PENDING, TIMEOUT_MS)).toBeUndefined();
  });

  it('asks by the id alone, since a label may be seen late', async () => {
    await using aws = await startScriptedAws(json(VALUE));

    await storeAt(aws).readVersion('app/token', PENDING, TIMEOUT_MS);

    expect(aws.bodies.map((body) => JSON.parse(body))).toEqual([
      { SecretId: 'app/token', VersionId: PENDING },
    ]);
  });
});
