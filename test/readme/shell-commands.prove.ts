import {
  CreateSecretCommand,
  DeleteSecretCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseSecret } from '../../lambda/secret/secret-value.ts';
import { commandAfter, commands, README, section } from '../rig/documents/documents.ts';
import { FUNCTION_ARN, type Rig, startRig } from '../rig/local/secrets-manager-rig.ts';
import { failRotation } from '../rig/shell/operator.ts';
import { type OperatorShell, openShell } from '../rig/shell/operator-shell.ts';

const SETTINGS = {
  gitlabUrl: 'https://gitlab.example.com',
  tokenField: 'token',
  lifetimeDays: 90,
};

const DESCRIBE = 'aws secretsmanager describe-';

let shell: OperatorShell;

beforeAll(async () => {
  shell = await openShell();
});
afterAll(() => shell[Symbol.asyncDispose]());

/** Runs a command of the documents as somebody would who types this token when it waits. */
function run(rig: Rig, command: string, ids: Readonly<Record<string, string>> = {}) {
  return shell.run(rig.secretsManager, command, ids);
}

async function createSecret({ client }: Rig, SecretString?: string): Promise<string> {
  const { ARN = '' } = await client.send(
    new CreateSecretCommand({
      Name: 'app/gitlab-token',
      ...(SecretString !== undefined && { SecretString }),
    }),
  );
  return ARN;
}

/** A whole rotation, from this version. @returns the version that is current then */
async function rotate(rig: Rig, SecretId: string, from: string): Promise<string> {
  rig.script(async ({ Step, ClientRequestToken, RotationToken }) => {
    const version = { SecretId, ClientRequestToken, RotationToken, SecretString: 'successor' };
    if (Step === 'createSecret') {
      const VersionStages = ['AWSPENDING'];
      await rig.functionClient.send(new PutSecretValueCommand({ ...version, VersionStages }));
    }
    if (Step === 'finishSecret') {
      await rig.functionClient.send(
        new UpdateSecretVersionStageCommand({
          SecretId,
          VersionStage: 'AWSCURRENT',
          MoveToVersionId: ClientRequestToken,
          RemoveFromVersionId: from,
        }),
      );
    }
  });
  await rig.client.send(new RotateSecretCommand({ SecretId, RotationLambdaARN: FUNCTION_ARN }));
  const { versionId = '' } = (await rig.secretsManager.rotationEnded(SecretId)) ?? {};
  return versionId;
}

function current({ secretsManager }: Rig): string {
  return secretsManager.valueOf('app/gitlab-token', 'AWSCURRENT') ?? '';
}

describe('the commands of the documents', () => {
  it.each([
    ['**4. Put the token.**', undefined, { token: 'typed', projectId: 'group/app' }],
    [
      '### Put the token\n',
      '{"token":"dead","tokenId":"1","projectId":7,"more":"x"}',
      { token: 'typed', projectId: 7, more: 'x' },
    ],
    ['### Put the bare token\n', 'dead', 'typed'],
    [
      '**Add the standby.**',
      '{"token":"active"}',
      { token: 'active', standby: { token: 'typed' } },
    ],
    [
      '### Put the standby\n',
      '{"token":"active"}',
      { token: 'active', standby: { token: 'typed' } },
    ],
  ])('put the token that was typed: %s', async (heading, before, after) => {
    await using rig = await startRig({ maxAttempts: 1 });
    const SECRET_ARN = await createSecret(rig, before);

    const { stdout, stderr } = await run(rig, commandAfter(heading), { SECRET_ARN });

    const value = current(rig);
    expect(stderr).toBe('');
    expect(typeof after === 'string' ? value : JSON.parse(value)).toEqual(after);
    expect(parseSecret(value, SETTINGS).token).toMatch(/typed|active/);
    expect(stdout).not.toContain('typed');
  });

  it('take the standby out again, and leave consumers their token', async () => {
    await using rig = await startRig();
    await createSecret(rig, '{"token":"active","standby":{"token":"other"},"more":"x"}');

    const { stderr } = await run(rig, commandAfter('**And back.**'));

    expect(stderr).toBe('');
    expect(JSON.parse(current(rig))).toEqual({ token: 'active', more: 'x' });
  });

  it('end the rotation of a secret, and show that it is off', async () => {
    await using rig = await startRig();
    const SecretId = await createSecret(rig, 'active');
    await rig.client.send(new RotateSecretCommand({ SecretId, RotationLambdaARN: FUNCTION_ARN }));
    await rig.secretsManager.rotationEnded(SecretId);
    const look = commandAfter('are still rotated. If not,');
    const before = await run(rig, look);

    const { stderr } = await run(rig, commandAfter('## Moving in and out'));

    expect(stderr).toBe('');
    expect([before.stdout, (await run(rig, look)).stdout]).toEqual(['true\n', 'false\n']);
  });

  it('roll back to the version that was current before', async () => {
    await using rig = await startRig();
    const SecretId = await createSecret(rig, 'before');
    await rig.client.send(new PutSecretValueCommand({ SecretId, SecretString: 'after' }));

    const { stderr } = await run(rig, commandAfter('## Roll back'));

    expect(stderr).toBe('');
    expect(current(rig)).toBe('before');
    expect(rig.secretsManager.valueOf(SecretId, 'AWSPREVIOUS')).toBe('after');
  });

  it('restore a secret that was deleted, and put the first token', async () => {
    await using rig = await startRig();
    const SECRET_ARN = await createSecret(rig);
    await rig.client.send(new DeleteSecretCommand({ SecretId: SECRET_ARN }));

    const restored = await run(rig, commandAfter('### Restore it\n'), { SECRET_ARN });
    const put = await run(rig, commandAfter('### Put a JSON object\n'), { SECRET_ARN });

    expect(restored.stderr + put.stderr).toBe('');
    expect(JSON.parse(current(rig))).toEqual({ token: 'typed' });
  });

  it('unblock a rotation that left an empty version, and start another', async () => {
    await using rig = await startRig({ maxAttempts: 1 });
    const SECRET_ARN = await createSecret(rig, 'active');
    const VERSION_ID = await failRotation(rig, SECRET_ARN, 'createSecret');
    const ids = { SECRET_ARN, VERSION_ID };

    const blocked = await run(rig, commandAfter('### Rotate\n'), ids);
    const looked = await run(rig, commandAfter('### See whether it has a value\n'), ids);
    const dropped = await run(rig, commandAfter('### Take the label off\n'), ids);
    const rotated = await run(rig, commandAfter('### Rotate\n'), ids);

    expect(blocked.stderr).toContain("A previous rotation isn't complete");
    expect(looked.stderr).toContain('ResourceNotFoundException');
    expect(dropped.stderr + rotated.stderr).toBe('');
    expect(JSON.parse(rotated.stdout)).toMatchObject({ ARN: SECRET_ARN });
  });

  it('finish by hand a rotation whose version holds the active token', async () => {
    await using rig = await startRig({ maxAttempts: 1 });
    const SECRET_ARN = await createSecret(rig, 'dead');
    const VERSION_ID = await failRotation(rig, SECRET_ARN, 'testSecret');
    const ids = { SECRET_ARN, VERSION_ID };

    const looked = await run(rig, commandAfter('### See whether it has a value\n'), ids);
    const finished = await run(rig, commandAfter('### Make it current\n'), ids);

    expect(looked).toEqual({ stdout: `${VERSION_ID}\n`, stderr: '' });
    expect(finished.stderr).toBe('');
    expect(current(rig)).toBe('successor');
  });

  it('make current a version that holds the active token, and lost its label', async () => {
    await using rig = await startRig();
    const SECRET_ARN = await createSecret(rig, 'dead');
    const { VersionId: SALVAGE_VERSION_ID = '' } = await rig.client.send(
      new PutSecretValueCommand({
        SecretId: SECRET_ARN,
        SecretString: 'active',
        VersionStages: ['LEFT'],
      }),
    );

    const ids = { SECRET_ARN, SALVAGE_VERSION_ID };
    const { stderr } = await run(rig, commandAfter('### Use the found token\n'), ids);

    expect(stderr).toBe('');
    expect(current(rig)).toBe('active');
  });

  it('show what they are said to show', async () => {
    await using rig = await startRig();
    const { ARN: SECRET_ARN = '', VersionId: first = '' } = await rig.client.send(
      new CreateSecretCommand({ Name: 'app/gitlab-token', SecretString: 'active' }),
    );
    const second = await rotate(rig, SECRET_ARN, first);
    const labels = { [first]: ['AWSPREVIOUS'], [second]: ['AWSCURRENT'] };
    const date = expect.stringMatching(/^\d{4}-\d\d-\d\dT/);
    const all = { ARN: SECRET_ARN, VersionIdsToStages: labels, LastRotatedDate: date };
    const [inReadme = ''] = commands(DESCRIBE, README);
    const [whileMoving = ''] = commands(DESCRIBE, section('Moving in and out'));
    const said: readonly (readonly [command: string, what: unknown])[] = [
      [inReadme, [date, labels]],
      [whileMoving, labels],
      [commandAfter('### Describe the secret\n'), expect.objectContaining(all)],
      [commandAfter('### See the labels\n'), labels],
      // The key of AWS, which has no id here.
      [commandAfter('### See the key\n'), null],
      [commandAfter('finished when `LastRotatedDate` is newer than before'), date],
      [commandAfter('are still rotated. If not,'), true],
    ];

    for (const [command, what] of said) {
      const { stdout, stderr } = await run(rig, command, { SECRET_ARN });

      expect(stderr).toBe('');
      expect(JSON.parse(stdout), command).toEqual(what);
    }
    expect(said.map(([command]) => command.trim()).sort()).toEqual(commands(DESCRIBE).sort());
  });
});
