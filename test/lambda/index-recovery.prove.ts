import { CreateSecretCommand, RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { type GitLab, startGitLab } from '../../infra/local/gitlab/gitlab.ts';
import { FUNCTION_ARN, type Rig, startRig } from '../rig/local/secrets-manager-rig.ts';
import { startScriptedAws } from '../rig/scripted/scripted-aws.ts';
import { captureLog, ENV, givenFunction, PUBLISHED } from './loaded-function.ts';

const logged = captureLog();

/** A project token whose rotation loses its answer, and somebody who may rotate it by its id. */
async function givenLoss(): Promise<GitLab> {
  const gitlab = await startGitLab({ settings: { tokenValues: 'words' } });
  const project = gitlab.addProject({ path: 'group/app' });
  gitlab.createAccessToken({ resource: project, scopes: ['self_rotate'], value: 'first' });
  const user = gitlab.addUser({ kind: 'service_account' });
  gitlab.addMember(user, project, 40);
  gitlab.createPersonalToken({ user, scopes: ['api'], value: 'maintainer' });
  gitlab.faults.add({ operation: 'rotate', at: 'after', effect: { kind: 'cut' } });
  return gitlab;
}

async function createSecret({ client }: Rig, Name: string, SecretString: string): Promise<string> {
  const { ARN = '' } = await client.send(new CreateSecretCommand({ Name, SecretString }));
  return ARN;
}

describe('the function', () => {
  it('heals a rotation with the credential that RECOVERY_SECRET_ARN names, and says so', async () => {
    await using gitlab = await givenLoss();
    await using topic = await startScriptedAws(PUBLISHED);
    await using rig = await startRig({ maxAttempts: 1 });
    await createSecret(rig, 'app/token', '{"token":"first","projectId":"group/app"}');
    const recovery = await createSecret(rig, 'recovery', 'maintainer');
    const invoke = await givenFunction(rig.secretsManager.url, {
      ...ENV,
      AWS_ENDPOINT_URL_SNS: topic.url,
      GITLAB_URL: gitlab.url,
      RECOVERY_SECRET_ARN: recovery,
    });
    rig.script((event) => invoke(event));

    await rig.client.send(
      new RotateSecretCommand({ SecretId: 'app/token', RotationLambdaARN: FUNCTION_ARN }),
    );
    await rig.secretsManager.rotationEnded('app/token');

    const current = JSON.parse(rig.secretsManager.valueOf('app/token', 'AWSCURRENT') ?? '{}');
    expect(current.token).toBe('successor-2');
    expect(gitlab.isActive('successor-2')).toBe(true);
    expect(gitlab.isActive('maintainer')).toBe(true);
    expect(gitlab.rotateRequests.map(({ operation }) => operation)).toEqual([
      'rotate',
      'rotateById',
    ]);
    const messages = topic.bodies.map((body) => new URLSearchParams(body).get('Subject'));
    expect(messages.filter((subject) => subject?.includes('HEALED'))).toHaveLength(1);
    expect(JSON.stringify([logged, topic.bodies])).not.toMatch(/maintainer"|successor-\d/);
  });
});
