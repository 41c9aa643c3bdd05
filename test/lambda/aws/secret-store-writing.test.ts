import { afterEach, describe, expect, it, vi } from 'vitest';
import { startSecretsManager } from '../../../infra/local/secrets-manager/secrets-manager.ts';
import { json, startScriptedAws } from '../../rig/scripted/scripted-aws.ts';
import {
  CURRENT,
  OTHER,
  PENDING,
  REPLY,
  REQUEST,
  ROTATION_TOKEN,
  storeAt,
  TIMEOUT_MS,
  withSecret,
} from './store-rig.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('proveWritable', () => {
  it('changes nothing', async () => {
    await using secretsManager = await startSecretsManager();
    const { store } = await withSecret(secretsManager);
    const before = secretsManager.snapshot('app/token');

    await store.proveWritable(
      REQUEST,
      await store.readCurrent('app/token', TIMEOUT_MS),
      TIMEOUT_MS,
    );

    expect(secretsManager.snapshot('app/token')).toEqual(before);
  });

  it('fails where the version has another value, for then nothing is proven', async () => {
    await using secretsManager = await startSecretsManager();
    const { store } = await withSecret(secretsManager);
    const other = { versionId: CURRENT, secretString: 'second', stages: [] };

    await expect(store.proveWritable(REQUEST, other, TIMEOUT_MS)).rejects.toMatchObject({
      code: 'STORE_DENIED',
      details: { error: 'ResourceExistsException' },
    });
  });
});

describe('storePending', () => {
  it('stores the value beside the current one, and the same value again', async () => {
    await using secretsManager = await startSecretsManager();
    const { store } = await withSecret(secretsManager);

    const first = await store.storePending(REQUEST, 'successor-1', TIMEOUT_MS);
    const again = await store.storePending(REQUEST, 'successor-1', TIMEOUT_MS);

    expect([first, again]).toEqual(['stored', 'stored']);
    expect(secretsManager.valueOf('app/token', 'AWSPENDING')).toBe('successor-1');
    expect(secretsManager.valueOf('app/token', 'AWSCURRENT')).toBe('first');
  });

  it('tells that another run was first, and leaves its value', async () => {
    await using secretsManager = await startSecretsManager();
    const { store } = await withSecret(secretsManager);
    await store.storePending(REQUEST, 'successor-1', TIMEOUT_MS);

    const answer = await store.storePending(REQUEST, 'successor-2', TIMEOUT_MS);

    expect(answer).toBe('taken');
    expect(secretsManager.valueOf('app/token', 'AWSPENDING')).toBe('successor-1');
  });

  it('takes its own put for stored when the answer to it was lost', async () => {
    await using secretsManager = await startSecretsManager();
    const { store } = await withSecret(secretsManager);
    secretsManager.faults.add({
      operation: 'PutSecretValue',
      at: 'after',
      effect: { kind: 'reset' },
    });

    const answer = await store.storePending(REQUEST, 'successor-1', TIMEOUT_MS);

    expect(answer).toBe('stored');
    expect(secretsManager.valueOf('app/token', 'AWSPENDING')).toBe('successor-1');
  });

  it.each([
    ['an empty answer', {}],
    ['an answer for another version', { ...REPLY, VersionId: OTHER }],
  ])('does not take %s for success', async (_what, body) => {
    await using aws = await startScriptedAws(json(body));

    const stored = storeAt(aws).storePending(REQUEST, 'successor-1', TIMEOUT_MS);

    await expect(stored).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      details: {
        operation: 'PutSecretValue',
        awsRequestId: '8f1c2a52-6a5f-4f0e-9d6b-0a4f1f0f6d11',
        status: 200,
      },
    });
  });
});

describe('every put', () => {
  const version = { versionId: CURRENT, secretString: 'first', stages: ['AWSCURRENT'] };

  it("passes AWS's proof of where it comes from", async () => {
    await using aws = await startScriptedAws(json({ ...REPLY, VersionId: CURRENT }), json(REPLY));
    const store = storeAt(aws);
    const request = { ...REQUEST, rotationToken: ROTATION_TOKEN };

    await store.proveWritable(request, version, TIMEOUT_MS);
    await store.storePending(request, 'successor-1', TIMEOUT_MS);

    expect(aws.bodies.map((body) => JSON.parse(body))).toEqual([
      {
        SecretId: 'app/token',
        ClientRequestToken: CURRENT,
        SecretString: 'first',
        RotationToken: ROTATION_TOKEN,
      },
      {
        SecretId: 'app/token',
        ClientRequestToken: PENDING,
        SecretString: 'successor-1',
        VersionStages: ['AWSPENDING'],
        RotationToken: ROTATION_TOKEN,
      },
    ]);
  });

  it('does without it where the event had none', async () => {
    await using aws = await startScriptedAws(json({ ...REPLY, VersionId: CURRENT }), json(REPLY));
    const store = storeAt(aws);

    await store.proveWritable(REQUEST, version, TIMEOUT_MS);
    await store.storePending(REQUEST, 'successor-1', TIMEOUT_MS);

    expect(aws.bodies).toHaveLength(2);
    expect(aws.bodies.join()).not.toContain('RotationToken');
  });
});

describe('promote', () => {
  it('moves the label', async () => {
    await using secretsManager = await startSecretsManager();
    const { store } = await withSecret(secretsManager);
    await store.storePending(REQUEST, 'successor-1', TIMEOUT_MS);

    await store.promote('app/token', { from: CURRENT, to: PENDING }, TIMEOUT_MS);

    expect(secretsManager.valueOf('app/token', 'AWSCURRENT')).toBe('successor-1');
    expect(secretsManager.valueOf('app/token', 'AWSPREVIOUS')).toBe('first');
  });

  it('moves nothing where another version has the label by now', async () => {
    await using secretsManager = await startSecretsManager();
    const { store } = await withSecret(secretsManager);
    await store.storePending(REQUEST, 'successor-1', TIMEOUT_MS);

    const promoted = store.promote('app/token', { from: OTHER, to: PENDING }, TIMEOUT_MS);

    await expect(promoted).rejects.toMatchObject({
      code: 'STORE_DENIED',
      details: { reason: 'request-refused' },
    });
    expect(secretsManager.valueOf('app/token', 'AWSCURRENT')).toBe('first');
  });
});
