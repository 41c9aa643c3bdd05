import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeSecretCommand } from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startSecretsManager } from '../../../../../infra/local/secrets-manager/secrets-manager.ts';
import { startRig } from '../../../../rig/local/secrets-manager-rig.ts';
import { createSecret, labels, put, rotate, rotates, versionId } from '../actions.ts';

let folder: string;
let stateFile: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'secrets-'));
  stateFile = join(folder, 'state', 'secrets.json');
});

afterEach(() => rm(folder, { recursive: true }));

describe('the state file', () => {
  it('lets the next server go on where the last one stopped', async () => {
    const first = await startRig({ stateFile });
    await createSecret(first);
    first.script(rotates(first));
    await rotate(first);
    await first.secretsManager.rotationEnded('token');
    const before = first.secretsManager.snapshot('token');
    // When it was last read is all that is kept in memory only.
    const {
      $metadata: _,
      LastAccessedDate: __,
      ...described
    } = await first.client.send(new DescribeSecretCommand({ SecretId: 'token' }));
    await first[Symbol.asyncDispose]();

    await using second = await startRig({ stateFile });

    expect(second.secretsManager.snapshot('token')).toEqual(before);
    expect(
      await second.client.send(new DescribeSecretCommand({ SecretId: 'token' })),
    ).toMatchObject(described);
  });

  it('is readable by its owner alone, and nothing else stays in its folder', async () => {
    await using rig = await startRig({ stateFile });
    await createSecret(rig);
    await chmod(stateFile, 0o644);
    await put(rig, 'v2');

    const { mode } = await stat(stateFile);
    expect(mode & 0o777).toBe(0o600);
    expect(await readdir(join(folder, 'state'))).toEqual(['secrets.json']);
  });

  it('holds a change before the change is answered', async () => {
    await using rig = await startRig({ stateFile });
    await createSecret(rig);
    let held = '';
    const run = async () => {
      held = await readFile(stateFile, 'utf8');
    };
    rig.secretsManager.faults.add({
      operation: 'PutSecretValue',
      at: 'after',
      effect: { kind: 'run', run },
    });

    await put(rig, 'v2', 'AWSPENDING');

    expect(held).toContain(versionId('v2'));
  });

  it.each([
    ['empty', ''],
    ['cut', '{"format":"gitlab-token-rotation/secrets/1","secrets":[{"arn":"a'],
    ['of another program', '{"secrets":[]}'],
    ['of another version', '{"format":"gitlab-token-rotation/secrets/2","secrets":[]}'],
    ['edited by hand', '{"format":"gitlab-token-rotation/secrets/1","secrets":[{"name":"x"}]}'],
    [
      'damaged inside',
      '{"format":"gitlab-token-rotation/secrets/1","secrets":[{"arn":"a","name":"a","createdAt":0,"versions":[null]}]}',
    ],
    ['a list', '[]'],
  ])('is refused when it is %s, and left as it is', async (_, content) => {
    const foreign = join(folder, 'foreign.json');
    await writeFile(foreign, content);

    await expect(startSecretsManager({ stateFile: foreign })).rejects.toThrow(
      `state file ${foreign} holds no secrets of this program`,
    );

    expect(await readFile(foreign, 'utf8')).toBe(content);
  });

  it('is not written by a second server that read it earlier; nothing has happened then', async () => {
    await using first = await startRig({ stateFile });
    await createSecret(first);
    await using second = await startRig({ stateFile });
    await put(first, 'v2');

    await expect(put(second, 'v3')).rejects.toMatchObject({
      name: 'InternalServiceError',
      message: `state file ${stateFile} was changed by another process`,
    });

    expect(await labels(second)).toEqual({ v1: ['AWSCURRENT'] });
    expect(await readFile(stateFile, 'utf8')).not.toContain(versionId('v3'));
  });

  it('lets a rotation that was cut off be taken up with its own version', async () => {
    const first = await startRig({ stateFile });
    await createSecret(first);
    const act = rotates(first);
    first.script(async (event) => {
      await act(event);
      first.lambda.faults.add({ operation: 'Invoke', at: 'before', effect: { kind: 'hang' } });
    });
    const isPut = new Promise<void>((resolve) => {
      first.secretsManager.onRotation(({ what }) => what === 'step-succeeded' && resolve());
    });
    const id = await rotate(first);
    await isPut;
    await first[Symbol.asyncDispose]();

    await using second = await startRig({ stateFile });
    second.script(rotates(second));
    const isTakenUp = second.secretsManager.reattemptRotation('token');
    const outcome = await second.secretsManager.rotationEnded('token');

    expect(isTakenUp).toBe(true);
    expect(outcome).toMatchObject({ kind: 'succeeded', versionId: id });
    expect(second.secretsManager.valueOf('token', 'AWSCURRENT')).toBe('successor-1');
  });

  it('forgets a test run that was cut off, which would block every rotation', async () => {
    const first = await startRig({ stateFile });
    await createSecret(first);
    first.lambda.faults.add({ operation: 'Invoke', at: 'before', effect: { kind: 'hang' } });
    const id = await rotate(first, { RotateImmediately: false });
    await first[Symbol.asyncDispose]();
    const left = await readFile(stateFile, 'utf8');

    await using second = await startRig({ stateFile });

    expect(left).toContain(id);
    expect(await labels(second)).toEqual({ v1: ['AWSCURRENT'] });
  });
});
