import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { describe, expect, it } from 'vitest';
import { readable } from '../../../infra/construct/warnings.ts';
import { readRotationFunctionArn } from '../../../lambda/settings/config.ts';
import { parseWatchEvent } from '../../../lambda/watch/watch-event.ts';
import {
  createApp,
  HERE,
  onlyResource,
  RECOVERY_SECRET_ARN,
  roleStatements,
  rotationOf,
} from '../../infra/cdk-app.ts';
import { givenSecret, stagePending, startWatchRig } from './watch-rig.ts';

/** What Lambda itself does with the role, and what the services do with keys on its behalf. */
const BEHIND_THE_CALLS = [
  'logs:CreateLogStream',
  'logs:PutLogEvents',
  'kms:Decrypt',
  'kms:GenerateDataKey',
];
/** That of the schedule, which has a role of its own. */
const OF_THE_SCHEDULE = 'lambda:InvokeFunction';

/** With all that the watch may need but a VPC. */
function deployed(): Template {
  const stack = new Stack(createApp(), 'Test', { env: HERE });
  const key = (id: number) =>
    Key.fromKeyArn(stack, `Key${id}`, `arn:aws:kms:eu-west-1:123456789012:key/${id}`);
  const recoverySecret = Secret.fromSecretAttributes(stack, 'Recovery', {
    secretCompleteArn: RECOVERY_SECRET_ARN,
    encryptionKey: key(1),
  });
  const rotation = rotationOf(stack, { recoverySecret });
  rotation.addSecret({ secretName: 'my-token', encryptionKey: key(2) });
  rotation.addSecret({ secretName: 'created', create: true });
  return Template.fromStack(stack);
}

/** The actions of a run that looks at everything, finds something, and tells it. */
async function actionsOfRun(): Promise<string[]> {
  await using rig = await startWatchRig({ setup: 'one token, recovery' });
  const { cloud } = rig.stage;
  const { secretId, token } = await givenSecret(rig, 'stuck', { days: 5, standby: { days: 5 } });
  await stagePending(rig, secretId, JSON.stringify({ token }));
  if (cloud.recoverySecretId !== undefined) {
    await cloud.operator.send(
      new PutSecretValueCommand({ SecretId: cloud.recoverySecretId, SecretString: 'revoked' }),
    );
  }
  const [before, sentBefore] = [cloud.secretsManager.calls.length, cloud.sns.calls.length];

  const { report } = await rig.watch({ secrets: [secretId] });

  expect(report.secrets[0]?.findings).not.toEqual([]);
  expect(report.recovery?.findings).not.toEqual([]);
  const operations = (calls: readonly { readonly operation: string }[]) => [
    ...new Set(calls.map(({ operation }) => operation)),
  ];
  return [
    ...operations(cloud.secretsManager.calls.slice(before)).map(
      (operation) => `secretsmanager:${operation}`,
    ),
    ...operations(cloud.sns.calls.slice(sentBefore)).map((operation) => `sns:${operation}`),
  ];
}

describe('the watch that is deployed', () => {
  const template = deployed();
  const { Environment } = onlyResource(template, 'AWS::Lambda::Function', 'watch').Properties;

  it('may do what it does in a run, and nothing else', async () => {
    const allowed = new Set(roleStatements(template, 'watch').flatMap(({ Action }) => Action));

    expect([...allowed].filter((action) => action !== OF_THE_SCHEDULE).sort()).toEqual(
      [...BEHIND_THE_CALLS, ...(await actionsOfRun())].sort(),
    );
  });

  it('may act on the secrets, the topic, its log and their keys only', () => {
    const resources = roleStatements(template, 'watch')
      .filter(({ Action }) => Action !== OF_THE_SCHEDULE)
      .flatMap(({ Resource }) => Resource)
      .map((resource) => readable(resource).replace(/^\$\{(\w+)[0-9A-F]{8}(\.Arn)?\}$/, '$1'));

    expect(new Set(resources)).toEqual(
      new Set([
        'RotationWatchLogs',
        'RotationFailureTopic',
        'RotationFailureTopicKey',
        'arn:aws:kms:eu-west-1:123456789012:key/1',
        'arn:aws:kms:eu-west-1:123456789012:key/2',
        RECOVERY_SECRET_ARN,
        'arn:aws:secretsmanager:eu-west-1:123456789012:secret:my-token-??????',
        'RotationSecretscreatedSecret',
      ]),
    );
  });

  it('can read the event of its schedule', () => {
    const { Target } = onlyResource(template, 'AWS::Scheduler::Schedule', 'watch').Properties as {
      Target: { Input: unknown };
    };
    const created = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:created-AbCdEf';
    const input = readable(Target.Input).replace(/\$\{\w+\}/, created);

    expect(parseWatchEvent(JSON.parse(input))).toEqual({
      secrets: ['my-token', created],
      reportWhenWell: false,
      quiet: false,
      daily: true,
    });
  });

  it('can read which function rotates', () => {
    const { Variables } = Environment as { Variables: Record<string, unknown> };
    const { id } = onlyResource(template, 'AWS::Lambda::Function');
    const arn = 'arn:aws:lambda:eu-west-1:123456789012:function:rotation';

    expect(Variables['ROTATION_FUNCTION_ARN']).toEqual({ 'Fn::GetAtt': [id, 'Arn'] });
    expect(readRotationFunctionArn({ ROTATION_FUNCTION_ARN: arn })).toBe(arn);
  });
});
