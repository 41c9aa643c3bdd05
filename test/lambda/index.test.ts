import {
  CreateSecretCommand,
  DescribeSecretCommand,
  RotateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { startGitLab } from '../../infra/local/gitlab/gitlab.ts';
import { FUNCTION_ARN, startRig } from '../rig/local/secrets-manager-rig.ts';
import { startScriptedAws } from '../rig/scripted/scripted-aws.ts';
import { captureLog, context, ENV, givenFunction, PUBLISHED, TOPIC } from './loaded-function.ts';

const ARN = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:app/token-AbC123';
const EVENT = {
  Step: 'createSecret',
  SecretId: ARN,
  ClientRequestToken: '6f2b8a1e-52a5-4bd3-9f64-0d4a30f1a1c1',
};
const logged = captureLog();

describe('the function', () => {
  it('rotates a token through all four steps, with the settings of its secret', async () => {
    await using gitlab = await startGitLab();
    const project = gitlab.addProject({ path: 'group/app' });
    gitlab.createAccessToken({ resource: project, scopes: ['self_rotate'], value: 'first' });
    await using rig = await startRig();
    const invoke = await givenFunction(rig.secretsManager.url, {
      GITLAB_URL: gitlab.url,
      ...ENV,
      SECRET_SETTINGS: '{"app/token":{"tokenField":"password"}}',
    });
    rig.script((event) => invoke(event));
    await rig.client.send(
      new CreateSecretCommand({ Name: 'app/token', SecretString: '{"password":"first"}' }),
    );

    await rig.client.send(
      new RotateSecretCommand({
        SecretId: 'app/token',
        RotationLambdaARN: FUNCTION_ARN,
        RotationRules: { AutomaticallyAfterDays: 30 },
      }),
    );
    await rig.secretsManager.rotationEnded('app/token');

    const { password: token } = JSON.parse(
      rig.secretsManager.valueOf('app/token', 'AWSCURRENT') ?? '{}',
    );
    expect(rig.invocations.map(({ Step: step }) => step)).toEqual([
      'createSecret',
      'setSecret',
      'testSecret',
      'finishSecret',
    ]);
    expect(gitlab.isActive('first')).toBe(false);
    expect(gitlab.isActive(token)).toBe(true);
    expect(gitlab.rotateRequests).toHaveLength(1);
    expect(JSON.stringify(logged)).toContain('rotation step finished');
    expect(logged).toContainEqual(expect.stringMatching(/^\{"_aws":.*"RotationsSucceeded":1\}\n$/));
    expect(JSON.stringify(logged)).not.toContain(token);
  });

  it('asks again, after a pause, for what may not be visible yet', async () => {
    await using rig = await startRig();
    const invoke = await givenFunction(rig.secretsManager.url, {
      GITLAB_URL: 'https://gitlab.example.com',
      ...ENV,
    });
    await rig.client.send(new CreateSecretCommand({ Name: 'app/token', SecretString: 'first' }));
    const { ARN: secretId } = await rig.client.send(
      new DescribeSecretCommand({ SecretId: 'app/token' }),
    );

    const invoked = invoke({ ...EVENT, SecretId: secretId }, 5_600);

    await expect(invoked).rejects.toMatchObject({ code: 'ROTATION_NOT_ENABLED' });
    const asked = rig.secretsManager.calls.filter(
      ({ operation }) => operation === 'DescribeSecret',
    );
    // How often depends on the machine, but without pauses it would be far more often.
    expect(asked.length).toBeGreaterThan(1);
    expect(asked.length).toBeLessThan(5);
  });

  it('lets the watch look at the credential that RECOVERY_SECRET_ARN names', async () => {
    await using gitlab = await startGitLab();
    await using rig = await startRig();
    const { ARN: recovery = '' } = await rig.client.send(
      new CreateSecretCommand({ Name: 'recovery', SecretString: 'unknown to GitLab' }),
    );
    await givenFunction(rig.secretsManager.url, {
      ...ENV,
      GITLAB_URL: gitlab.url,
      RECOVERY_SECRET_ARN: recovery,
      ROTATION_FUNCTION_ARN: FUNCTION_ARN,
    });
    const { watch } = await import('../../lambda/index.ts');

    const report = await watch({ secrets: [recovery], quiet: true }, context(60_000));

    expect(report.recovery?.findings.map(({ code }) => code)).toEqual(['RECOVERY_UNUSABLE']);
  });

  it('starts in an environment that is invalid, and tells people at each invocation', async () => {
    await using aws = await startScriptedAws(PUBLISHED);
    const invoke = await givenFunction(aws.url, { FAILURE_TOPIC_ARN: TOPIC });

    await expect(invoke(EVENT)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    await expect(invoke({})).rejects.toMatchObject({ code: 'CONFIG_INVALID' });

    const messages = aws.bodies.map((body) => new URLSearchParams(body));
    expect(messages.map((message) => message.get('TopicArn'))).toEqual([TOPIC, TOPIC]);
    expect(messages[0]?.get('Message')).toContain('GITLAB_URL is missing');
  });

  it('starts in an empty environment, where nobody can be told but the log', async () => {
    await using aws = await startScriptedAws(PUBLISHED);
    const invoke = await givenFunction(aws.url, {});

    await expect(invoke(EVENT)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });

    expect(aws.calls).toEqual([]);
    expect(logged.at(-1)).toEqual(
      expect.objectContaining({ message: 'alert not published: FAILURE_TOPIC_ARN names no topic' }),
    );
  });
});
