import {
  DeleteSecretCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGitLab } from '../../../../infra/local/gitlab/gitlab.ts';
import { FUNCTION_ARN, startRig } from '../../../rig/local/secrets-manager-rig.ts';
import {
  commandsAt,
  current,
  failRotation,
  givenSecret,
  runSection,
} from '../../../rig/shell/operator.ts';
import { type OperatorShell, openShell } from '../../../rig/shell/operator-shell.ts';

let shell: OperatorShell;

beforeAll(async () => {
  shell = await openShell();
});
afterAll(() => shell[Symbol.asyncDispose]());

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

    const { stdout, stderr } = await runSection(shell, rig, anchor, { SECRET_ARN });

    expect(stderr).toBe('');
    expect(stdout).not.toContain('typed');
    expect(typeof after === 'string' ? current(rig) : JSON.parse(current(rig))).toEqual(after);
  });

  it('restore a secret that was deleted', async () => {
    await using rig = await startRig();
    const SECRET_ARN = await givenSecret(rig, 'active');
    await rig.client.send(new DeleteSecretCommand({ SecretId: SECRET_ARN }));

    expect((await runSection(shell, rig, 'restore-it', { SECRET_ARN })).stderr).toBe('');

    expect(current(rig)).toBe('active');
  });

  it.each(['make-it-current', 'make-it-current-in-place-of-any'])(
    'finish a rotation whose version holds the active token: %s',
    async (anchor) => {
      await using rig = await startRig({ maxAttempts: 1 });
      const SECRET_ARN = await givenSecret(rig, 'dead');
      const VERSION_ID = await failRotation(rig, SECRET_ARN, 'testSecret');
      const ids = { SECRET_ARN, VERSION_ID };

      const looked = await runSection(shell, rig, 'see-whether-it-has-a-value', ids);
      const finished = await runSection(shell, rig, anchor, ids);

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

    const { stderr } = await runSection(shell, rig, anchor, { SECRET_ARN, [variable]: VersionId });

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
    expect(gitlab.isActive(token)).toBe(true);
    expect(gitlab.isActive('lost')).toBe(false);
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

    const { stderr } = await runSection(shell, rig, 'repeat-the-dry-run', { SECRET_ARN });
    await rig.secretsManager.rotationEnded(SECRET_ARN);

    expect(stderr).toBe('');
    expect(rig.invocations.slice(before).map(({ Step }) => Step)).toEqual(['testSecret']);
  });

  it.each(['describe-the-secret', 'see-the-labels', 'see-the-key'])(
    'show it: %s',
    async (anchor) => {
      await using rig = await startRig();
      const SECRET_ARN = await givenSecret(rig, 'active');

      expect((await runSection(shell, rig, anchor, { SECRET_ARN })).stderr).toBe('');
    },
  );
});
