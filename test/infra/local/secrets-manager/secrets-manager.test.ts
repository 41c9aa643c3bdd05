import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import {
  accessDenied,
  internalError,
  kmsDenied,
  serviceError,
  throttled,
} from '../../../../infra/local/secrets-manager/state/errors.ts';
import { callRaw, startRig } from '../../../rig/local/secrets-manager-rig.ts';
import { createSecret, labels, put, refusal, versionId } from './actions.ts';

const SecretId = 'token';

describe('a request that is none', () => {
  it('is refused without an Authorization header', async () => {
    await using rig = await startRig();
    await createSecret(rig);

    const response = await fetch(rig.secretsManager.url, {
      method: 'POST',
      headers: { 'x-amz-target': 'secretsmanager.GetSecretValue' },
      body: JSON.stringify({ SecretId }),
    });

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ __type: 'MissingAuthenticationTokenException' });
  });

  it.each(['TagResource', 'toString', ''])('is refused for the operation "%s"', async (name) => {
    await using rig = await startRig();

    const answer = await callRaw(rig.secretsManager, name, {});

    expect(answer).toMatchObject({ status: 400, body: { __type: 'UnknownOperationException' } });
  });

  it.each(['', 'SecretId=token', '"token"', '["token"]', 'null', '{"SecretId":'])(
    'is refused with the body %s, which is not repeated',
    async (body) => {
      await using rig = await startRig();

      const answer = await callRaw(rig.secretsManager, 'GetSecretValue', body);

      expect(answer).toMatchObject({
        status: 400,
        body: { __type: 'SerializationException', Message: 'The body is no JSON object.' },
      });
    },
  );

  it.each([
    ['PutSecretValue', { SecretId, SecretString: 5, ClientRequestToken: versionId('v2') }],
    ['GetSecretValue', { SecretId: ['token'] }],
    ['ListSecretVersionIds', { SecretId, IncludeDeprecated: 'yes' }],
    ['ListSecretVersionIds', { SecretId, MaxResults: 1.5 }],
    ['RotateSecret', { SecretId, ClientRequestToken: versionId('v2'), RotationRules: [] }],
  ])('is refused for %s with a member of the wrong type', async (operation, body) => {
    await using rig = await startRig();
    await createSecret(rig);

    const answer = await callRaw(rig.secretsManager, operation, body);

    expect(answer).toMatchObject({ status: 400, body: { __type: 'SerializationException' } });
  });

  it('is refused where SecretId is missing', async () => {
    await using rig = await startRig();

    const answer = await callRaw(rig.secretsManager, 'DescribeSecret', { SecretId: null });

    expect(answer).toMatchObject({ status: 400, body: { __type: 'ValidationException' } });
  });
});

describe('an answer', () => {
  it('has a request id of its own, AWS JSON, and only members that have a value', async () => {
    await using rig = await startRig();
    await createSecret(rig);

    const first = await callRaw(rig.secretsManager, 'GetSecretValue', { SecretId });
    const second = await callRaw(rig.secretsManager, 'GetSecretValue', { SecretId });

    const ids = [first, second].map(({ headers }) => headers.get('x-amzn-requestid'));
    expect(first.headers.get('content-type')).toBe('application/x-amz-json-1.1');
    expect(ids).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/), expect.any(String)]);
    expect(ids[0]).not.toBe(ids[1]);
    expect(Object.keys(first.body as object).sort()).toEqual(
      ['ARN', 'CreatedDate', 'Name', 'SecretString', 'VersionId', 'VersionStages'].sort(),
    );
  });

  it('tells times in seconds, with a fraction', async () => {
    await using rig = await startRig({ now: () => new Date(1_523_477_145_729) });
    await createSecret(rig);

    const { body } = await callRaw(rig.secretsManager, 'DescribeSecret', { SecretId });

    expect(body).toMatchObject({ CreatedDate: 1_523_477_145.729 });
  });

  it('writes an error as AWS does: bare __type, capital Message', async () => {
    await using rig = await startRig();

    const { body } = await callRaw(rig.secretsManager, 'GetSecretValue', { SecretId });

    expect(body).toEqual({
      __type: 'ResourceNotFoundException',
      Message: "Secrets Manager can't find the specified secret.",
    });
  });
});

describe('the name of a call in the records', () => {
  it('is the operation of AWS', async () => {
    await using rig = await startRig();

    await createSecret(rig);
    await labels(rig);

    expect(rig.secretsManager.calls).toMatchObject([
      { operation: 'CreateSecret', status: 200 },
      { operation: 'DescribeSecret', status: 200 },
    ]);
  });
});

describe('faults', () => {
  it.each([
    ['a put that was lost', 'before', 2],
    ['an answer that was lost', 'after', 2],
  ] as const)('let the SDK repeat %s, with one version as the result', async (_, at, attempts) => {
    await using rig = await startRig();
    await createSecret(rig);
    rig.secretsManager.faults.add({
      operation: 'PutSecretValue',
      at,
      effect: { kind: 'reset' },
    });

    const { $metadata } = await rig.client.send(
      new PutSecretValueCommand({ SecretId, SecretString: 'second' }),
    );

    expect($metadata.attempts).toBe(attempts);
    expect(rig.secretsManager.snapshot('token').versions).toHaveLength(2);
  });

  it.each([
    ['throttling', throttled(), 'ThrottlingException', 'Rate exceeded', 400],
    ['an internal error', internalError(), 'InternalServiceError', expect.any(String), 500],
    [
      'a permission that is missing',
      accessDenied('secretsmanager:PutSecretValue'),
      'AccessDeniedException',
      expect.stringContaining('is not authorized to perform: secretsmanager:PutSecretValue'),
      400,
    ],
    [
      'a key that is denied',
      kmsDenied(),
      'AccessDeniedException',
      'Access to KMS is not allowed',
      400,
    ],
    [
      'any other error',
      serviceError('DecryptionFailure', 'The key is disabled.'),
      'DecryptionFailure',
      'The key is disabled.',
      400,
    ],
  ])('answer %s as AWS words it, without effect', async (_, answer, name, message, status) => {
    await using rig = await startRig();
    await createSecret(rig);
    rig.secretsManager.faults.add({
      operation: 'PutSecretValue',
      at: 'before',
      times: 3,
      effect: { kind: 'answer', answer },
    });

    await expect(put(rig, 'v2')).rejects.toMatchObject({
      name,
      message,
      $metadata: { httpStatusCode: status, requestId: expect.any(String) },
    });

    expect(await labels(rig)).toEqual({ v1: ['AWSCURRENT'] });
  });

  it('can let a put of the same value pass and deny the next', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    const effect = { kind: 'answer', answer: kmsDenied() } as const;
    rig.secretsManager.faults.add({ operation: 'PutSecretValue', at: 'before', nth: 2, effect });
    const proof = { SecretId, SecretString: 'first', ClientRequestToken: versionId('v1') };

    await rig.client.send(new PutSecretValueCommand(proof));
    const store = put(rig, 'v2', 'AWSPENDING');

    await expect(store).rejects.toMatchObject(refusal('AccessDeniedException'));
    expect(await labels(rig)).toEqual({ v1: ['AWSCURRENT'] });
  });
});
