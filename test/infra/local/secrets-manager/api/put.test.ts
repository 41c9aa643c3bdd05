import {
  CreateSecretCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { callRaw, FUNCTION_ARN, startRig } from '../../../../rig/local/secrets-manager-rig.ts';
import {
  createSecret,
  labels,
  put,
  refusal,
  tokenInUse,
  UNKNOWN_SECRET,
  versionId,
} from '../actions.ts';

const v1 = versionId('v1');
const SecretId = 'token';

describe('PutSecretValue', () => {
  const given = { SecretId, ClientRequestToken: v1 };

  it('W5: ignores the same value under the same token', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    const before = rig.secretsManager.snapshot('token');

    const reply = await rig.client.send(
      new PutSecretValueCommand({ ...given, SecretString: 'first', VersionStages: ['X'] }),
    );

    expect(reply).toMatchObject({ VersionId: v1, VersionStages: ['AWSCURRENT'] });
    expect(rig.secretsManager.snapshot('token')).toEqual(before);
  });

  it('W6: refuses another value under the same token', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    const before = rig.secretsManager.snapshot('token');

    const call = rig.client.send(new PutSecretValueCommand({ ...given, SecretString: 'Hi' }));

    await expect(call).rejects.toMatchObject(tokenInUse(v1, before.arn));
    expect(rig.secretsManager.snapshot('token')).toEqual(before);
  });

  it('W6: tells text from the binary value that looks the same on the wire', async () => {
    await using rig = await startRig();
    await rig.client.send(
      new CreateSecretCommand({ Name: 'token', SecretString: 'Zmlyc3Q=', ClientRequestToken: v1 }),
    );

    const call = rig.client.send(
      new PutSecretValueCommand({ ...given, SecretBinary: Buffer.from('Zmlyc3Q=', 'base64') }),
    );

    await expect(call).rejects.toMatchObject(refusal('ResourceExistsException'));
  });

  it('W8: refuses a put without a value before it looks for the secret', async () => {
    await using rig = await startRig();

    const call = rig.client.send(new PutSecretValueCommand({ SecretId: 'missing' }));

    await expect(call).rejects.toMatchObject(
      refusal('InvalidRequestException', 'You must provide either SecretString or SecretBinary.'),
    );
  });

  it('W9: does not find a secret that does not exist', async () => {
    await using rig = await startRig();

    await expect(put(rig, 'v1')).rejects.toMatchObject(UNKNOWN_SECRET);
  });

  it('W11: makes two versions of the same value put twice without a token', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    const command = { SecretId, SecretString: 'same' };

    const first = await rig.client.send(new PutSecretValueCommand(command));
    const second = await rig.client.send(new PutSecretValueCommand(command));

    expect(first.VersionId).not.toBe(second.VersionId);
    expect(rig.secretsManager.snapshot('token').versions).toHaveLength(3);
  });

  it('W23: lists a version without labels only when deprecated ones are asked for', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    await put(rig, 'v2');
    await put(rig, 'v3');

    const listed = await rig.client.send(new ListSecretVersionIdsCommand({ SecretId }));
    const all = await rig.client.send(
      new ListSecretVersionIdsCommand({ SecretId, IncludeDeprecated: true }),
    );

    const CreatedDate = expect.any(Date);
    const KmsKeyIds = ['DefaultEncryptionKey'];
    const always = { CreatedDate, KmsKeyIds };
    const previous = { VersionId: versionId('v2'), VersionStages: ['AWSPREVIOUS'], ...always };
    const current = { VersionId: versionId('v3'), VersionStages: ['AWSCURRENT'], ...always };
    const deprecated = { VersionId: v1, ...always };
    expect(listed.Versions).toEqual([previous, current]);
    expect(all.Versions).toEqual([deprecated, previous, current]);
  });

  it.each([
    [31, 'InvalidParameterException'],
    [65, 'ValidationException'],
  ])('W25: refuses a token of %i characters', async (length, name) => {
    await using rig = await startRig();
    await createSecret(rig);

    const call = rig.client.send(
      new PutSecretValueCommand({
        SecretId,
        SecretString: 'second',
        ClientRequestToken: 'x'.repeat(length),
      }),
    );

    await expect(call).rejects.toMatchObject(refusal(name));
    expect(await labels(rig)).toEqual({ v1: ['AWSCURRENT'] });
  });

  it.each([32, 64])('W25: accepts a token of %i characters', async (length) => {
    await using rig = await startRig();
    await createSecret(rig);
    const ClientRequestToken = 'x'.repeat(length);

    const reply = await rig.client.send(
      new PutSecretValueCommand({ SecretId, SecretString: 'second', ClientRequestToken }),
    );

    expect(reply.VersionId).toBe(ClientRequestToken);
  });

  it('W26: refuses text and binary together', async () => {
    await using rig = await startRig();
    await createSecret(rig);

    const call = rig.client.send(
      new PutSecretValueCommand({
        SecretId,
        SecretString: 'second',
        SecretBinary: Uint8Array.of(1),
      }),
    );

    await expect(call).rejects.toMatchObject(
      refusal(
        'InvalidParameterException',
        "You can't specify both a binary secret value and a string secret value in the same secret.",
      ),
    );
    expect(await labels(rig)).toEqual({ v1: ['AWSCURRENT'] });
  });

  it.each([
    ['ValidationException', 65_537, 'x'],
    ['ValidationException', 32_769, 'é'],
    ['InvalidParameterException', 0, 'x'],
  ])('refuses as %s a value of %i times "%s"', async (name, count, character) => {
    await using rig = await startRig();
    await createSecret(rig);

    const call = rig.client.send(
      new PutSecretValueCommand({ SecretId, SecretString: character.repeat(count) }),
    );

    await expect(call).rejects.toMatchObject(refusal(name));
  });

  it('accepts a value of 65,536 bytes', async () => {
    await using rig = await startRig();
    await createSecret(rig);

    const call = rig.client.send(
      new PutSecretValueCommand({ SecretId, SecretString: 'x'.repeat(65_536) }),
    );

    await expect(call).resolves.toHaveProperty('VersionId');
  });

  it('keeps 100 versions, and prunes those without labels once they are a day old', async () => {
    let now = new Date('2026-03-01T00:00:00Z');
    await using rig = await startRig({ now: () => now });
    await createSecret(rig);
    for (let count = 2; count <= 100; count += 1) {
      await put(rig, `v${count}`);
    }

    const tooSoon = callRaw(rig.secretsManager, 'PutSecretValue', {
      SecretId,
      SecretString: 'v101',
      ClientRequestToken: versionId('v101'),
    });
    expect((await tooSoon).body).toMatchObject({ __type: 'LimitExceededException' });
    now = new Date('2026-03-02T00:00:00Z');
    await put(rig, 'v101');

    const kept = rig.secretsManager.snapshot('token').versions.map((each) => each.versionId);
    expect(kept).toHaveLength(100);
    expect(kept).not.toContain(v1);
    expect(kept).toContain(versionId('v2'));
  });

  it('W30: fills the placeholder of a run once, and never with another value', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    const answers: unknown[] = [];
    rig.script(async ({ Step, ClientRequestToken }) => {
      if (Step !== 'createSecret') {
        throw new Error('enough');
      }
      for (const SecretString of ['second', 'second', 'third']) {
        const pending = { SecretId, ClientRequestToken, VersionStages: ['AWSPENDING'] };
        const command = new PutSecretValueCommand({ ...pending, SecretString });
        answers.push(await rig.functionClient.send(command).catch((error: Error) => error.name));
      }
    });

    const { VersionId } = await rig.client.send(
      new RotateSecretCommand({ SecretId, RotationLambdaARN: FUNCTION_ARN }),
    );
    await rig.secretsManager.rotationEnded('token');

    const accepted = expect.objectContaining({ VersionId, VersionStages: ['AWSPENDING'] });
    expect(answers.slice(0, 3)).toEqual([accepted, accepted, 'ResourceExistsException']);
    expect(rig.secretsManager.valueOf('token', 'AWSPENDING')).toBe('second');
  });
});
