import {
  CreateSecretCommand,
  DeleteSecretCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGitLab } from '../../../infra/local/gitlab/gitlab.ts';
import { Runbook } from '../../../lambda/alerts/runbook.ts';
import type { Details, FailureCode, NoticeCode } from '../../../lambda/failure.ts';
import { FUNCTION_ARN, type Rig, startRig } from '../../infra/local/secrets-manager/rig.ts';
import { type OperatorShell, openShell } from '../../rig/shell/operator-shell.ts';
import { advise, commandsOf, IDS } from './cases.ts';

const PENDING = '11111111-aaaa-4aaa-8aaa-111111111111';
const OLDER = '44444444-dddd-4ddd-8ddd-444444444444';

let shell: OperatorShell;

beforeAll(async () => {
  shell = await openShell();
});
afterAll(() => shell[Symbol.asyncDispose]());

async function givenSecret({ client }: Rig, value: unknown): Promise<string> {
  const SecretString = typeof value === 'string' ? value : JSON.stringify(value);
  const command = new CreateSecretCommand({ Name: 'app/gitlab-token', SecretString });
  const { ARN = '' } = await client.send(command);
  return ARN;
}

/** The commands of an alert about this secret, those that hold this text. */
function commandsWith(
  text: string,
  secretId: string,
  code: FailureCode | NoticeCode,
  details: Details = {},
): readonly string[] {
  const ids = { ...IDS, secretId, versionId: PENDING };
  return commandsOf(advise(code, 'createSecret', details, ids)).filter((command) =>
    command.includes(text),
  );
}

function current({ secretsManager }: Rig): string {
  return secretsManager.valueOf('app/gitlab-token', 'AWSCURRENT') ?? '';
}

describe('the commands of an alert about a standby', () => {
  it.each([
    [
      'with all that stands beside it',
      {
        token: 'active',
        tokenId: '1',
        standby: { token: 'dead', tokenId: '2', note: 'b' },
        n: 1e2,
      },
      { token: 'active', tokenId: '1', standby: { token: 'typed', note: 'b' }, n: 100 },
    ],
    [
      'into a secret that has none',
      { token: 'active', tokenId: '1' },
      { token: 'active', tokenId: '1', standby: { token: 'typed' } },
    ],
    [
      'where it is null',
      { token: 'active', standby: null },
      { token: 'active', standby: { token: 'typed' } },
    ],
  ])('put the token that was typed, %s', async (_where, before, after) => {
    await using rig = await startRig();
    const secretId = await givenSecret(rig, before);
    const [put = '', ...more] = commandsWith('put-secret-value', secretId, 'STANDBY_DEAD', {
      reason: 'expired',
    });

    const { stdout, stderr } = await shell.run(rig.secretsManager, put);

    expect(more).toEqual([]);
    expect(stderr).toBe('');
    expect(stdout).not.toContain('typed');
    expect(JSON.parse(current(rig))).toEqual(after);
  });

  it('show the ids of both tokens, and nothing else of the secret', async () => {
    await using rig = await startRig();
    const secretId = await givenSecret(rig, {
      token: 'active',
      tokenId: '1',
      standby: { token: 'dead', tokenId: '2' },
    });
    const [show = ''] = commandsWith('standbyTokenId', secretId, 'STANDBY_DEAD', {
      reason: 'revoked',
    });

    const { stdout, stderr } = await shell.run(rig.secretsManager, show);

    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({ tokenId: '1', standbyTokenId: '2' });
  });
});

describe('the commands of an alert about a lost successor', () => {
  it('make the version current in which an active token was found', async () => {
    await using rig = await startRig();
    const secretId = await givenSecret(rig, 'dead');
    await rig.client.send(
      new PutSecretValueCommand({
        SecretId: secretId,
        ClientRequestToken: OLDER,
        SecretString: 'active',
        VersionStages: ['AWSPENDING'],
      }),
    );
    await rig.client.send(
      new UpdateSecretVersionStageCommand({
        SecretId: secretId,
        VersionStage: 'AWSPENDING',
        RemoveFromVersionId: OLDER,
      }),
    );
    const details = { reason: 'revoked', salvage: 'not-stored', salvageVersionId: OLDER };
    const [find = ''] = commandsWith('CURRENT_NOW=', secretId, 'CURRENT_TOKEN_DEAD', details);
    const [adopt = ''] = commandsWith(
      `--move-to-version-id ${OLDER}`,
      secretId,
      'CURRENT_TOKEN_DEAD',
      details,
    );

    const { stderr } = await shell.run(rig.secretsManager, `${find}\n${adopt}`);

    expect(stderr).toBe('');
    expect(current(rig)).toBe('active');
  });

  it('put another recovery token where the function reads it', async () => {
    await using rig = await startRig();
    const secretId = await givenSecret(rig, 'untouched');
    const { ARN: recovery = '' } = await rig.client.send(
      new CreateSecretCommand({ Name: 'recovery', SecretString: '{"token":"dead"}' }),
    );
    const [put = '', ...more] = commandsWith(
      '$RECOVERY_SECRET_ARN"',
      secretId,
      'EXPIRES_TOO_SOON',
      {
        recovery: 'dead',
      },
    ).filter((command) => command.includes('read -rs'));

    const { stdout, stderr } = await shell.run(rig.secretsManager, put, {
      RECOVERY_SECRET_ARN: recovery,
    });

    expect(more).toEqual([]);
    expect(stderr).toBe('');
    expect(stdout).not.toContain('typed');
    expect(rig.secretsManager.valueOf('recovery', 'AWSCURRENT')).toBe('typed');
    expect(current(rig)).toBe('untouched');
  });
});

/** What somebody runs who reads the page, and sets the variables. */
function commandsAt(anchor: string): string {
  const { steps = [], commands = [] } = new Runbook().linked(anchor) ?? {};
  return [...steps.flatMap((step) => step.commands), ...commands].join('\n');
}

/** Runs them as somebody would who types the token that they wait for. */
function run(rig: Rig, anchor: string, variables: Readonly<Record<string, string>>) {
  return shell.run(rig.secretsManager, commandsAt(anchor), variables);
}

/** A rotation that ends in this step. @returns the version that it leaves */
async function failRotation(rig: Rig, secretId: string, failing: string): Promise<string> {
  rig.script(async ({ Step, ClientRequestToken, RotationToken }) => {
    if (Step === failing) {
      throw new Error('as the test says');
    }
    if (Step === 'createSecret') {
      await rig.functionClient.send(
        new PutSecretValueCommand({
          SecretId: secretId,
          ClientRequestToken,
          RotationToken,
          SecretString: 'successor',
          VersionStages: ['AWSPENDING'],
        }),
      );
    }
  });
  await rig.client.send(
    new RotateSecretCommand({ SecretId: secretId, RotationLambdaARN: FUNCTION_ARN }),
  );
  const { versionId = '' } = (await rig.secretsManager.rotationEnded(secretId)) ?? {};
  rig.script(() => undefined);
  return versionId;
}

describe('the commands of the runbook', () => {
  it.each([
    [
      'put-the-token',
      '{"token":"dead","tokenId":"1","projectId":7,"more":"x"}',
      { token: 'typed', projectId: 7, more: 'x' },
    ],
    ['put-the-standby', '{"token":"active"}', { token: 'active', standby: { token: 'typed' } }],
    ['put-the-bare-token', 'dead', 'typed'],
    ['put-a-json-object', 'nothing', { token: 'typed' }],
  ])('put the token that was typed: %s', async (anchor, before, after) => {
    await using rig = await startRig();
    const SECRET_ARN = await givenSecret(rig, before);

    const { stdout, stderr } = await run(rig, anchor, { SECRET_ARN });

    expect(stderr).toBe('');
    expect(stdout).not.toContain('typed');
    expect(typeof after === 'string' ? current(rig) : JSON.parse(current(rig))).toEqual(after);
  });

  it('restore a secret that was deleted', async () => {
    await using rig = await startRig();
    const SECRET_ARN = await givenSecret(rig, 'active');
    await rig.client.send(new DeleteSecretCommand({ SecretId: SECRET_ARN }));

    expect((await run(rig, 'restore-it', { SECRET_ARN })).stderr).toBe('');

    expect(current(rig)).toBe('active');
  });

  it('unblock a rotation that left an empty version, and start another', async () => {
    await using rig = await startRig({ maxAttempts: 1 });
    const SECRET_ARN = await givenSecret(rig, 'active');
    const VERSION_ID = await failRotation(rig, SECRET_ARN, 'createSecret');
    const ids = { SECRET_ARN, VERSION_ID };

    const blocked = await run(rig, 'rotate', ids);
    const looked = await run(rig, 'see-whether-it-has-a-value', ids);
    const dropped = await run(rig, 'take-the-label-off', ids);
    const rotated = await run(rig, 'rotate', ids);

    expect(blocked.stderr).toContain("A previous rotation isn't complete");
    expect(looked.stderr).toContain('ResourceNotFoundException');
    expect(dropped.stderr + rotated.stderr).toBe('');
    expect(JSON.parse(rotated.stdout)).toMatchObject({ ARN: SECRET_ARN });
  });

  it.each(['make-it-current', 'make-it-current-in-place-of-any'])(
    'finish a rotation whose version holds the active token: %s',
    async (anchor) => {
      await using rig = await startRig({ maxAttempts: 1 });
      const SECRET_ARN = await givenSecret(rig, 'dead');
      const VERSION_ID = await failRotation(rig, SECRET_ARN, 'testSecret');
      const ids = { SECRET_ARN, VERSION_ID };

      const looked = await run(rig, 'see-whether-it-has-a-value', ids);
      const finished = await run(rig, anchor, ids);

      expect(looked).toEqual({ stdout: `${VERSION_ID}\n`, stderr: '' });
      expect(finished.stderr).toBe('');
      expect(current(rig)).toBe('successor');
    },
  );

  it.each([
    ['use-the-found-token', 'SALVAGE_VERSION_ID'],
    ['make-the-previous-version-current', 'PREVIOUS_VERSION_ID'],
  ])('make current a version that holds the active token: %s', async (anchor, variable) => {
    await using rig = await startRig();
    const SECRET_ARN = await givenSecret(rig, 'dead');
    const { VersionId = '' } = await rig.client.send(
      new PutSecretValueCommand({
        SecretId: SECRET_ARN,
        SecretString: 'active',
        VersionStages: ['LEFT'],
      }),
    );

    const { stderr } = await run(rig, anchor, { SECRET_ARN, [variable]: VersionId });

    expect(stderr).toBe('');
    expect(current(rig)).toBe('active');
  });

  it('rotate a token by its id with the token that was typed', async () => {
    await using rig = await startRig();
    await using gitlab = await startGitLab();
    const project = gitlab.addProject({ path: 'group/app' });
    const lost = gitlab.createAccessToken({ resource: project, scopes: ['api'], value: 'lost' });
    const user = gitlab.addUser();
    gitlab.addMember(user, project, 40);
    gitlab.createPersonalToken({ user, scopes: ['api'], value: 'typed' });
    const inAWeek = new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10);
    const command = commandsAt('rotate-it-by-its-id').replace('YYYY-MM-DD', inAWeek);

    const { stdout, stderr } = await shell.run(rig.secretsManager, command, {
      GITLAB_URL: gitlab.url,
      PROJECT_ID: String(project.id),
      TOKEN_ID: String(lost.id),
    });

    expect(stderr).toBe('');
    const { token } = JSON.parse(stdout);
    expect(gitlab.isAlive(token)).toBe(true);
    expect(gitlab.isAlive('lost')).toBe(false);
  });

  it('repeat the dry run', async () => {
    await using rig = await startRig();
    const SECRET_ARN = await givenSecret(rig, 'active');
    await rig.client.send(
      new RotateSecretCommand({
        SecretId: SECRET_ARN,
        RotationLambdaARN: FUNCTION_ARN,
        RotateImmediately: false,
      }),
    );
    await rig.secretsManager.rotationEnded(SECRET_ARN);
    const before = rig.invocations.length;

    const { stderr } = await run(rig, 'repeat-the-dry-run', { SECRET_ARN });
    await rig.secretsManager.rotationEnded(SECRET_ARN);

    expect(stderr).toBe('');
    expect(rig.invocations.slice(before).map(({ Step }) => Step)).toEqual(['testSecret']);
  });

  it.each(['describe-the-secret', 'see-the-labels', 'see-the-key'])(
    'show it: %s',
    async (anchor) => {
      await using rig = await startRig();
      const SECRET_ARN = await givenSecret(rig, 'active');

      expect((await run(rig, anchor, { SECRET_ARN })).stderr).toBe('');
    },
  );
});
