import { inspect } from 'node:util';
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerServiceException,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import {
  serviceAnswer,
  serviceError,
} from '../../../../infra/local/secrets-manager/state/errors.ts';
import type { Answer } from '../../../../infra/local/server/wire.ts';
import { clientOf, type Rig, startRig } from '../../../rig/local/secrets-manager-rig.ts';
import { createSecret } from './actions.ts';

const SecretId = 'token';
const MESSAGE = 'not there';

/** Reads the secret while the server gives this answer instead of its own. */
async function readWith(rig: Rig, answer: Answer): Promise<unknown> {
  const effect = { kind: 'answer', answer } as const;
  rig.secretsManager.faults.add({ operation: '*', at: 'before', times: 10, effect });
  return rig.client.send(new GetSecretValueCommand({ SecretId })).catch((error: unknown) => error);
}

describe('what the SDK makes of an answer', () => {
  it.each<[string, Answer]>([
    ['a bare __type', serviceError('ResourceNotFoundException', MESSAGE)],
    ['a __type with a prefix', serviceError('com.amazonaws.x#ResourceNotFoundException', MESSAGE)],
    ['a __type with an address', serviceError('ResourceNotFoundException:http://x/', MESSAGE)],
    [
      'the header x-amzn-errortype',
      {
        status: 400,
        headers: { 'x-amzn-errortype': 'ResourceNotFoundException' },
        body: JSON.stringify({ message: MESSAGE }),
      },
    ],
    [
      'a member named code',
      serviceAnswer({ code: 'ResourceNotFoundException', message: MESSAGE }, 400),
    ],
    [
      'a __type that contradicts the header',
      {
        status: 400,
        headers: { 'x-amzn-errortype': 'DecryptionFailure' },
        body: JSON.stringify({ __type: 'ResourceNotFoundException', Message: MESSAGE }),
      },
    ],
  ])('P1: takes the error class from %s', async (_, answer) => {
    await using rig = await startRig();

    const error = await readWith(rig, answer);

    expect(error).toBeInstanceOf(ResourceNotFoundException);
    expect(error).toMatchObject({ name: 'ResourceNotFoundException', message: MESSAGE });
  });

  it('P2: tells of a modelled error its fault, status, request id and attempts', async () => {
    await using rig = await startRig();
    const answer = serviceError('ResourceNotFoundException', MESSAGE);

    const error = await readWith(rig, answer);

    expect(error).toMatchObject({
      $fault: 'client',
      $metadata: {
        httpStatusCode: 400,
        requestId: answer.headers?.['x-amzn-RequestId'],
        attempts: 1,
      },
    });
  });

  it('P3: keeps the name of an error outside the model', async () => {
    await using rig = await startRig();

    const error = await readWith(rig, serviceError('AccessDeniedException', MESSAGE));

    expect(error).toBeInstanceOf(SecretsManagerServiceException);
    expect(error).toMatchObject({ name: 'AccessDeniedException', message: MESSAGE });
  });

  it('P4: has no name for an error without a body', async () => {
    await using rig = await startRig();

    const error = await readWith(rig, { status: 400, body: '' });

    expect(error).toMatchObject({ name: 'Unknown', message: 'UnknownError' });
  });

  it.each([
    [400, 1],
    [503, 3],
  ])(
    'P4: quotes a page in place of an error; status %i takes %i attempts',
    async (status, attempts) => {
      await using rig = await startRig();

      const error = await readWith(rig, { status, body: '<html>busy</html>' });

      expect(error).toMatchObject({
        name: 'SyntaxError',
        message: expect.stringContaining('<html>'),
      });
      expect(rig.secretsManager.calls).toHaveLength(attempts);
    },
  );

  it('P5: resolves to nothing for a success without a body', async () => {
    await using rig = await startRig();

    const result = await readWith(rig, { status: 200, body: '' });

    const { $metadata: _, ...members } = result as { $metadata: unknown };
    expect(members).toEqual({});
  });

  it('P6: accepts a success without content type, and leaves out what it does not know', async () => {
    await using rig = await startRig();
    const body = JSON.stringify({ SecretString: 'first', VersionId: null, Unheard: 'of' });

    const result = await readWith(rig, { status: 200, body });

    const { $metadata: _, ...members } = result as { $metadata: unknown };
    expect(members).toEqual({ SecretString: 'first' });
  });

  it('P7: does not ask again for a success that is cut', async () => {
    await using rig = await startRig();

    const error = await readWith(rig, { status: 200, body: '{"SecretString":"fir' });

    expect(error).toMatchObject({ name: 'SyntaxError' });
    expect(rig.secretsManager.calls).toHaveLength(1);
  });

  it('P7: follows no redirect', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    const calls = rig.secretsManager.calls.length;
    const headers = { location: rig.secretsManager.url };

    const error = await readWith(rig, { status: 302, headers, body: '' });

    expect(error).toMatchObject({ name: 'Unknown' });
    expect(rig.secretsManager.calls).toHaveLength(calls + 1);
  });

  it('P8: tries three times when the connection is dropped', async () => {
    await using rig = await startRig();
    rig.secretsManager.faults.add({
      operation: '*',
      at: 'before',
      times: 10,
      effect: { kind: 'reset' },
    });

    const call = rig.client.send(new GetSecretValueCommand({ SecretId }));

    await expect(call).rejects.toMatchObject({ name: 'TimeoutError', $metadata: { attempts: 3 } });
    expect(rig.secretsManager.calls).toHaveLength(3);
  });

  it('P9: corrects its clock by the Date of a refused signature', async () => {
    await using rig = await startRig();
    const refused = serviceError('InvalidSignatureException', 'Signature expired');
    const date = new Date(Date.now() + 3_600_000).toUTCString();

    const error = await readWith(rig, { ...refused, headers: { ...refused.headers, date } });

    expect(error).toMatchObject({ name: 'InvalidSignatureException', $metadata: { attempts: 3 } });
  });

  it('P10: hides value and RotationToken from its logger, and shows the ids', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    const lines: string[] = [];
    const log = (...parts: readonly unknown[]) => void lines.push(inspect(parts, { depth: null }));
    const client = clientOf(rig.secretsManager, 'AKIDOPERATOR', {
      logger: { trace: log, debug: log, info: log, warn: log, error: log },
    });

    const RotationToken = 'rotation-token-'.padEnd(36, '0');
    await client.send(
      new PutSecretValueCommand({ SecretId, SecretString: 'second', RotationToken }),
    );
    await client.send(new GetSecretValueCommand({ SecretId }));
    client.destroy();

    const logged = lines.join('\n');
    expect(logged).toContain('***SensitiveInformation***');
    expect(logged).toContain(rig.secretsManager.snapshot(SecretId).arn);
    expect(logged).not.toContain('second');
    expect(logged).not.toContain(RotationToken);
  });

  it('P11: makes every member of an error body printable, and never holds the request', async () => {
    await using rig = await startRig();
    const answer = serviceAnswer({ __type: 'Odd', Message: MESSAGE, Leak: 'from-the-body' }, 400);
    const effect = { kind: 'answer', answer } as const;
    rig.secretsManager.faults.add({ operation: '*', at: 'before', effect });

    const error = await rig.client
      .send(new PutSecretValueCommand({ SecretId, SecretString: 'in-the-request' }))
      .catch((reason: unknown) => reason);

    expect(JSON.stringify(error)).toContain('from-the-body');
    expect(inspect(error)).toContain('from-the-body');
    expect(Object.keys(error as object)).not.toContain('$response');
    expect(error).toHaveProperty('$response');
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain('in-the-request');
  });
});
