import { DeleteSecretCommand } from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startSecretsManager } from '../../../infra/local/secrets-manager/secrets-manager.ts';
import type { AwsSecretStore } from '../../../lambda/aws/secret-store.ts';
import { recordingLog } from '../../rig/function/recording-log.ts';
import { error, json, startScriptedAws } from '../../rig/scripted/scripted-aws.ts';
import {
  CURRENT,
  PENDING,
  REQUEST,
  ROTATION_TOKEN,
  storeAt,
  TIMEOUT_MS,
  VALUE,
  withSecret,
} from './store-rig.ts';

const UNKNOWN_SECRET = "Secrets Manager can't find the specified secret.";

beforeEach(() => {
  // The SDK pauses for a random part of the longest pause.
  vi.spyOn(Math, 'random').mockReturnValue(0);
});

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** Every call that the store can make. */
const CALLS: readonly (readonly [string, string, (store: AwsSecretStore) => Promise<unknown>])[] = [
  ['describe', 'DescribeSecret', (store) => store.describe('app/token', TIMEOUT_MS)],
  ['readPending', 'GetSecretValue', (store) => store.readPending(REQUEST, TIMEOUT_MS)],
  ['readVersion', 'GetSecretValue', (store) => store.readVersion('app/token', PENDING, TIMEOUT_MS)],
  ['readCurrent', 'GetSecretValue', (store) => store.readCurrent('app/token', TIMEOUT_MS)],
  [
    'proveWritable',
    'PutSecretValue',
    (store) =>
      store.proveWritable(
        REQUEST,
        { versionId: CURRENT, secretString: 'first', stages: [] },
        TIMEOUT_MS,
      ),
  ],
  [
    'storePending',
    'PutSecretValue',
    (store) => store.storePending(REQUEST, 'successor-1', TIMEOUT_MS),
  ],
  [
    'promote',
    'UpdateSecretVersionStage',
    (store) => store.promote('app/token', { from: CURRENT, to: PENDING }, TIMEOUT_MS),
  ],
];

describe.each(CALLS)('%s', (_name, operation, call) => {
  it('fails with SECRET_MISSING where the secret is unknown', async () => {
    await using aws = await startScriptedAws(error('ResourceNotFoundException', UNKNOWN_SECRET));

    await expect(call(storeAt(aws))).rejects.toMatchObject({
      code: 'SECRET_MISSING',
      message: 'SECRET_MISSING: the secret does not exist',
    });
  });

  it('fails with SECRET_MISSING where the secret is marked for deletion', async () => {
    await using secretsManager = await startSecretsManager();
    const { store, client } = await withSecret(secretsManager);
    await client.send(new DeleteSecretCommand({ SecretId: 'app/token' }));

    await expect(call(store)).rejects.toMatchObject({
      code: 'SECRET_MISSING',
      message: 'SECRET_MISSING: the secret is marked for deletion',
    });
  });

  it('fails with STORE_DENIED where AWS denies it, and tells the ids of the call', async () => {
    await using aws = await startScriptedAws(error('AccessDeniedException'));

    await expect(call(storeAt(aws))).rejects.toMatchObject({
      code: 'STORE_DENIED',
      message: `STORE_DENIED: ${operation} is not allowed (AccessDeniedException)`,
      details: {
        operation,
        awsRequestId: '8f1c2a52-6a5f-4f0e-9d6b-0a4f1f0f6d11',
        status: 400,
        attempts: 1,
        error: 'AccessDeniedException',
      },
    });
  });

  it('fails with STORE_UNAVAILABLE where nobody listens', async () => {
    await using aws = await startScriptedAws(json({}));
    aws.pause();

    await expect(call(storeAt(aws))).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      details: { attempts: 3, error: 'ECONNREFUSED' },
    });
  });

  it('does not take an empty answer for success', async () => {
    await using aws = await startScriptedAws(json({}));

    await expect(call(storeAt(aws))).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: `STORE_UNAVAILABLE: the reply to ${operation} is incomplete`,
      details: { operation, awsRequestId: '8f1c2a52-6a5f-4f0e-9d6b-0a4f1f0f6d11', status: 200 },
    });
  });

  it('repeats nothing of an answer that it cannot read', async () => {
    await using aws = await startScriptedAws({ ...json({}), body: '{"SecretString":"first' });
    const log = recordingLog();

    const failure = await call(storeAt(aws, log)).catch((reason: unknown) => reason);

    expect(failure).toMatchObject({ code: 'STORE_UNAVAILABLE', details: { error: 'SyntaxError' } });
    expect(JSON.stringify([failure, (failure as Error).stack, log.lines])).not.toContain('first');
  });
});

describe('an answer of AWS', () => {
  it.each([
    'AccessDenied',
    'AccessDeniedException',
    'DecryptionFailure',
    'EncryptionFailure',
    'ExpiredToken',
    'ExpiredTokenException',
    'IncompleteSignature',
    'IncompleteSignatureException',
    'InvalidAccessKeyId',
    'InvalidClientTokenId',
    'InvalidSignatureException',
    'InvalidToken',
    'MissingAuthenticationToken',
    'MissingAuthenticationTokenException',
    'NotAuthorized',
    'OptInRequired',
    'SignatureDoesNotMatch',
    'UnauthorizedException',
    'UnauthorizedOperation',
    'UnrecognizedClientException',
  ])('that names %s denies the call', async (type) => {
    await using aws = await startScriptedAws(error(type));

    const failure = await storeAt(aws)
      .readCurrent('app/token', TIMEOUT_MS)
      .catch((reason: unknown) => reason);

    expect(failure).toMatchObject({
      code: 'STORE_DENIED',
      message: `STORE_DENIED: GetSecretValue is not allowed (${type})`,
      details: { error: type },
    });
    expect(failure).not.toMatchObject({ details: { reason: expect.anything() } });
  });

  it.each([
    'InvalidParameterException',
    'InvalidRequestException',
    'PreconditionNotMetException',
    'SerializationException',
    'SomethingNew',
    'UnknownOperationException',
    'ValidationException',
  ])('that names %s refuses what was asked', async (type) => {
    await using aws = await startScriptedAws(error(type));

    await expect(storeAt(aws).readCurrent('app/token', TIMEOUT_MS)).rejects.toMatchObject({
      code: 'STORE_DENIED',
      message: `STORE_DENIED: Secrets Manager refuses GetSecretValue (${type})`,
      details: { status: 400, attempts: 1, error: type, reason: 'request-refused' },
    });
  });

  it.each([
    'AuthFailure',
    'InternalServiceError',
    'RequestAbortedException',
    'RequestExpired',
    'RequestInTheFuture',
    'RequestTimeTooSkewed',
  ])('that names %s may be another one the next time', async (type) => {
    await using aws = await startScriptedAws(error(type));

    await expect(storeAt(aws).readCurrent('app/token', TIMEOUT_MS)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: `STORE_UNAVAILABLE: GetSecretValue failed (${type})`,
      details: { error: type },
    });
  });

  it.each([
    [400, ''],
    [403, '<html>Forbidden</html>'],
    [302, ''],
  ])('with the status %i that names no error, %j, is no refusal', async (status, body) => {
    await using aws = await startScriptedAws({ ...json({}, status), body });

    await expect(storeAt(aws).readCurrent('app/token', TIMEOUT_MS)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      details: { status },
    });
  });
});

describe('the client', () => {
  it('waits for a throttled or failing service and asks again', async () => {
    await using aws = await startScriptedAws(
      error('InternalServiceError', 'try again', 500),
      json(VALUE),
    );
    const log = recordingLog();

    const version = await storeAt(aws, log).readCurrent('app/token', TIMEOUT_MS);

    expect(version.secretString).toBe('first');
    expect(log.lines).toEqual([
      {
        level: 'info',
        message: 'Secrets Manager answered',
        operation: 'GetSecretValue',
        awsRequestId: '8f1c2a52-6a5f-4f0e-9d6b-0a4f1f0f6d11',
        status: 200,
        attempts: 2,
        durationMs: expect.any(Number),
      },
    ]);
  });

  it.each([
    ['LimitExceededException', 400],
    ['ThrottlingException', 400],
    ['TooManyRequestsException', 429],
  ])('waits for %s with %i, and counts it as away in the end', async (type, status) => {
    await using aws = await startScriptedAws(error(type, 'no text', status));

    await expect(storeAt(aws).readCurrent('app/token', TIMEOUT_MS)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      details: { attempts: 3, status, error: type },
    });
  });

  it('counts missing credentials as a refusal', async () => {
    await using aws = await startScriptedAws(json(VALUE));
    const store = storeAt(aws);
    vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/dev/null');
    vi.stubEnv('AWS_CONFIG_FILE', '/dev/null');

    await expect(store.readCurrent('app/token', TIMEOUT_MS)).rejects.toMatchObject({
      code: 'STORE_DENIED',
      details: { error: 'CredentialsProviderError' },
    });
  });

  it('never logs what it sends or reads', async () => {
    await using secretsManager = await startSecretsManager();
    const log = recordingLog();
    await withSecret(secretsManager);
    const store = storeAt(secretsManager, log);
    const request = { ...REQUEST, rotationToken: ROTATION_TOKEN };

    await store.readCurrent('app/token', TIMEOUT_MS);
    await store.storePending(request, 'successor-1', TIMEOUT_MS);
    await store.storePending(request, 'successor-2', TIMEOUT_MS);

    expect(log.lines).toHaveLength(3);
    expect(JSON.stringify(log.lines)).not.toMatch(/first|successor|rotation-token/);
  });
});
