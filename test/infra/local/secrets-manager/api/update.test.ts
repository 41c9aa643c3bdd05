import {
  CancelRotateSecretCommand,
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  UpdateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { type Rig, startRig } from '../../../../rig/local/secrets-manager-rig.ts';
import {
  createSecret,
  labels,
  refusal,
  rotate,
  rotates,
  tokenInUse,
  UNKNOWN_SECRET,
  versionId,
} from '../actions.ts';

const SecretId = 'token';
const Type = 'GitLabAccessToken';

const typeOf = async ({ client }: Rig) =>
  (await client.send(new DescribeSecretCommand({ SecretId }))).Type;

describe('UpdateSecret', () => {
  it('makes the value current, and the one before previous', async () => {
    await using rig = await startRig();
    await createSecret(rig);

    const reply = await rig.client.send(
      new UpdateSecretCommand({
        SecretId,
        SecretString: 'second',
        ClientRequestToken: versionId('v2'),
      }),
    );

    expect(reply).toMatchObject({ Name: SecretId, VersionId: versionId('v2') });
    expect(rig.secretsManager.valueOf(SecretId, 'AWSCURRENT')).toBe('second');
    expect(await labels(rig)).toEqual({ v1: ['AWSPREVIOUS'], v2: ['AWSCURRENT'] });
  });

  it('W7: answers the same token with the same value, and refuses it with another', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    const { ARN = '' } = await rig.client.send(new DescribeSecretCommand({ SecretId }));
    const update = (SecretString: string) =>
      rig.client.send(
        new UpdateSecretCommand({ SecretId, SecretString, ClientRequestToken: versionId('v1') }),
      );

    expect(await update('first')).toMatchObject({ VersionId: versionId('v1') });
    await expect(update('other')).rejects.toMatchObject(tokenInUse(versionId('v1'), ARN));
  });

  it('W22: without a value makes no version, and replies without VersionId', async () => {
    await using rig = await startRig();
    await createSecret(rig);

    const reply = await rig.client.send(new UpdateSecretCommand({ SecretId, Type }));

    expect(reply).not.toHaveProperty('VersionId');
    expect(await labels(rig)).toEqual({ v1: ['AWSCURRENT'] });
    expect(await typeOf(rig)).toBe(Type);
  });

  it('R2, R7: is refused for a secret that is unknown or marked for deletion', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    await rig.client.send(new DeleteSecretCommand({ SecretId }));
    const update = (id: string) =>
      rig.client.send(new UpdateSecretCommand({ SecretId: id, SecretString: 'second' }));

    await expect(update('unknown')).rejects.toMatchObject(UNKNOWN_SECRET);
    await expect(update(SecretId)).rejects.toMatchObject(refusal('InvalidRequestException'));
  });
});

describe('the type of a secret', () => {
  it('is absent until it is given, and then described, with a new value too', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    expect(await typeOf(rig)).toBeUndefined();

    await rig.client.send(new UpdateSecretCommand({ SecretId, Type, SecretString: 'second' }));
    expect(await typeOf(rig)).toBe(Type);

    await rig.client.send(new UpdateSecretCommand({ SecretId, SecretString: 'third' }));
    expect(await typeOf(rig)).toBe(Type);
  });

  it('can be given when the secret is made', async () => {
    await using rig = await startRig();

    await rig.client.send(new CreateSecretCommand({ Name: SecretId, Type, SecretString: 'first' }));

    expect(await typeOf(rig)).toBe(Type);
  });

  it('is refused where it is of no partner that is played', async () => {
    await using rig = await startRig();
    await createSecret(rig);

    const call = rig.client.send(
      new UpdateSecretCommand({ SecretId, Type: 'GitLab', SecretString: 'second' }),
    );

    await expect(call).rejects.toMatchObject(refusal('InvalidParameterException'));
    expect(await labels(rig)).toEqual({ v1: ['AWSCURRENT'] });
  });

  it('is refused while a function rotates the secret, and taken once that was cancelled', async () => {
    await using rig = await startRig();
    await createSecret(rig);
    rig.script(rotates(rig));
    await rotate(rig);
    await rig.secretsManager.rotationEnded(SecretId);
    const before = rig.secretsManager.snapshot(SecretId);
    const update = () =>
      rig.client.send(new UpdateSecretCommand({ SecretId, Type, SecretString: 'second' }));

    await expect(update()).rejects.toMatchObject(refusal('InvalidRequestException'));
    expect(rig.secretsManager.snapshot(SecretId)).toEqual(before);

    await rig.client.send(new CancelRotateSecretCommand({ SecretId }));
    await update();
    expect(await typeOf(rig)).toBe(Type);
  });
});
