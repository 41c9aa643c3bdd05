import { Stack, TimeZone } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { describe, expect, it } from 'vitest';
import { readable } from '../../../../infra/construct/warnings.ts';
import type { GitLabTokenRotationProps } from '../../../../infra/index.ts';
import {
  createApp,
  HERE,
  onlyResource,
  resourcesOf,
  roleStatements,
  rotationOf,
  rotationStack,
  SECRET_ARN,
} from '../../cdk-app.ts';

const SCHEDULE = 'AWS::Scheduler::Schedule';

/** When, and with what beside the secrets. */
function schedulesOf(props: Partial<GitLabTokenRotationProps>) {
  return resourcesOf(Template.fromStack(rotationStack(props)), SCHEDULE).map(({ Properties }) => {
    const { Input } = Properties['Target'] as { Input: string };
    const { secrets: _, ...others } = JSON.parse(Input);
    return [
      Properties['ScheduleExpression'],
      Properties['ScheduleExpressionTimezone'],
      others,
    ] as const;
  });
}

describe('the schedule of the watch', () => {
  const template = Template.fromStack(rotationStack());

  it.each<[Partial<GitLabTokenRotationProps>, ReturnType<typeof schedulesOf>]>([
    [{}, [['cron(0 6 * * ? *)', 'Etc/UTC', { reportWhenWell: false, daily: true }]]],
    [
      { watchTime: '17:05', watchTimeZone: TimeZone.EUROPE_BERLIN },
      [['cron(5 17 * * ? *)', 'Europe/Berlin', { reportWhenWell: false, daily: true }]],
    ],
    [
      { watchTime: '00:30', weeklyReport: true },
      [
        ['cron(30 0 ? * SUN,TUE-SAT *)', 'Etc/UTC', { reportWhenWell: false, daily: true }],
        ['cron(30 0 ? * MON *)', 'Etc/UTC', { reportWhenWell: true, daily: true }],
      ],
    ],
    [{ watchTime: false }, []],
  ])('of %o has one run a day', (props, schedules) => {
    expect(schedulesOf(props)).toEqual(schedules);
  });

  it('calls the watch at that time, by a role that may call nothing else', () => {
    const watch = {
      'Fn::GetAtt': [onlyResource(template, 'AWS::Lambda::Function', 'watch').id, 'Arn'],
    };
    const [role] = resourcesOf(template, 'AWS::IAM::Role').filter(({ id }) =>
      id.includes('WatchScheduleRole'),
    );

    expect(onlyResource(template, SCHEDULE, 'watch').Properties).toMatchObject({
      FlexibleTimeWindow: { Mode: 'OFF' },
      State: 'ENABLED',
      Target: {
        Arn: watch,
        RoleArn: { 'Fn::GetAtt': [role?.id, 'Arn'] },
        RetryPolicy: { MaximumEventAgeInSeconds: 3600 },
      },
    });
    expect(role?.Properties['AssumeRolePolicyDocument']).toMatchObject({
      Statement: [
        {
          Action: 'sts:AssumeRole',
          Principal: { Service: 'scheduler.amazonaws.com' },
          Condition: { StringEquals: { 'aws:SourceAccount': '123456789012' } },
        },
      ],
    });
    const policies = resourcesOf(template, 'AWS::IAM::Policy').filter(({ Properties }) =>
      JSON.stringify(Properties['Roles']).includes(`"${role?.id}"`),
    );
    expect(policies.map(({ Properties }) => Properties['PolicyDocument'])).toEqual([
      expect.objectContaining({
        Statement: [{ Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: watch }],
      }),
    ]);
    expect(roleStatements(template, 'watch')).toHaveLength(5);
  });

  it('has all secrets in their order, by their full ARNs where these are known', () => {
    const stack = new Stack(createApp(), 'Test', { env: HERE });
    const rotation = rotationOf(stack);
    rotation.addSecret({ secretName: 'by-name' });
    rotation.addSecret({ secretName: 'created', create: true });
    const foreign = SECRET_ARN.replace('123456789012', '111122223333');
    rotation.addSecret({
      secret: Secret.fromSecretAttributes(stack, 'Theirs', {
        secretCompleteArn: foreign,
        encryptionKey: Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:111122223333:key/1'),
      }),
    });
    const many = Template.fromStack(stack);
    const { Target } = onlyResource(many, SCHEDULE, 'watch').Properties as {
      Target: { Input: unknown };
    };

    expect(JSON.parse(readable(Target.Input))).toEqual({
      secrets: ['by-name', `\${${onlyResource(many, 'AWS::SecretsManager::Secret').id}}`, foreign],
      reportWhenWell: false,
      daily: true,
    });
  });
});
