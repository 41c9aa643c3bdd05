import { Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Schedule } from 'aws-cdk-lib/aws-events';
import { Key } from 'aws-cdk-lib/aws-kms';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../lambda/settings/config.ts';
import {
  createApp,
  FOR_SECRETS_ONLY,
  HERE,
  onlyResource,
  resourcesOf,
  roleStatements,
  rotationOf,
  rotationStack,
  SECRET_ARN,
  warningsOf,
} from '../cdk-app.ts';

const template = Template.fromStack(rotationStack());

describe('the function', () => {
  it('runs as the tests do, on Node 24, for at most a minute', () => {
    template.hasResourceProperties('AWS::Lambda::Function', {
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      Timeout: 60,
      MemorySize: 256,
    });
  });

  it('has neither reserved concurrency nor a dead-letter queue', () => {
    template.hasResourceProperties('AWS::Lambda::Function', {
      ReservedConcurrentExecutions: Match.absent(),
      DeadLetterConfig: Match.absent(),
    });
    const { Properties } = onlyResource(template, 'AWS::Lambda::EventInvokeConfig', 'watch');
    expect(Properties['FunctionName']).not.toEqual({
      Ref: onlyResource(template, 'AWS::Lambda::Function').id,
    });
  });

  it('logs JSON to a log group of its own, which is kept for a year', () => {
    template.hasResourceProperties('AWS::Lambda::Function', {
      LoggingConfig: {
        LogFormat: 'JSON',
        LogGroup: { Ref: onlyResource(template, 'AWS::Logs::LogGroup').id },
      },
    });
    template.hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 365 });
  });

  it('is told of nothing but GitLab, the topic and the lifetime, unless props say more', () => {
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: {
          GITLAB_URL: 'https://gitlab.example.com',
          FAILURE_TOPIC_ARN: { Ref: onlyResource(template, 'AWS::SNS::Topic').id },
          TOKEN_LIFETIME_DAYS: '90',
        },
      },
    });
  });

  it('gets an environment that it can read', () => {
    const stack = rotationStack({
      tokenLifetime: Duration.days(200),
      tokenField: 'gitlab_token',
      projectId: 'group/project',
      alternatingTokens: true,
      httpsProxy: 'http://proxy.example.com:3128',
      noProxy: 'gitlab.internal,.example.org',
    });
    const { Properties } = onlyResource(Template.fromStack(stack), 'AWS::Lambda::Function');
    const { Variables } = Properties['Environment'] as { Variables: Record<string, string> };

    const config = loadConfig({
      ...Variables,
      FAILURE_TOPIC_ARN: 'arn:aws:sns:eu-west-1:123456789012:failures',
    });

    expect(config).toMatchObject({
      gitlabUrl: 'https://gitlab.example.com',
      lifetimeDays: 200,
      tokenField: 'gitlab_token',
      projectId: 'group/project',
      alternatingTokens: true,
      httpsProxy: 'http://proxy.example.com:3128',
      noProxy: 'gitlab.internal,.example.org',
    });
  });
});

it('warns of noProxy without a proxy, which has no effect', () => {
  expect(warningsOf(rotationStack({ noProxy: '.acme.dev' }))).toEqual([
    'noProxy has no effect without httpsProxy',
  ]);
});

it.each([
  [
    'https://gitlab.acme.dev/group/app',
    [expect.stringContaining('GitLab itself is at /group/app;')],
  ],
  ['https://gitlab.acme.dev/gitlab/', [expect.stringContaining('GitLab itself is at /gitlab;')]],
  ['https://gitlab.acme.dev/', []],
])('warns of a path in gitlabUrl, which may be that of a project: %s', (gitlabUrl, warnings) => {
  expect(warningsOf(rotationStack({ gitlabUrl }))).toEqual(warnings);
});

describe('the role', () => {
  it('has no managed policy', () => {
    template.hasResourceProperties('AWS::IAM::Role', { ManagedPolicyArns: Match.absent() });
    template.resourceCountIs('AWS::IAM::ManagedPolicy', 0);
  });

  it('may do five things to the one secret, publish, and log', () => {
    const topic = { Ref: onlyResource(template, 'AWS::SNS::Topic').id };
    const key = { 'Fn::GetAtt': [onlyResource(template, 'AWS::KMS::Key').id, 'Arn'] };
    const logs = { 'Fn::GetAtt': [onlyResource(template, 'AWS::Logs::LogGroup').id, 'Arn'] };

    expect(roleStatements(template)).toEqual([
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: logs,
      },
      { Effect: 'Allow', Action: 'sns:Publish', Resource: topic },
      { Effect: 'Allow', Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Resource: key },
      {
        Effect: 'Allow',
        Action: [
          'secretsmanager:DescribeSecret',
          'secretsmanager:GetSecretValue',
          'secretsmanager:ListSecretVersionIds',
          'secretsmanager:PutSecretValue',
          'secretsmanager:UpdateSecretVersionStage',
        ],
        Resource: SECRET_ARN,
      },
    ]);
  });

  it('may use the key of secrets for secrets alone, through Secrets Manager', () => {
    const stack = new Stack(createApp(), 'Test', { env: HERE });
    const encryptionKey = Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:123456789012:key/1');
    const rotation = rotationOf(stack);
    rotation.addSecret({ secretName: 'one', encryptionKey });
    rotation.addSecret({ secretName: 'other', encryptionKey });

    const statements = roleStatements(Template.fromStack(stack));

    expect(statements.filter(({ Resource }) => Resource === encryptionKey.keyArn)).toEqual([
      {
        Effect: 'Allow',
        Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
        Resource: encryptionKey.keyArn,
        Condition: FOR_SECRETS_ONLY,
      },
    ]);
  });
});

describe('Secrets Manager', () => {
  it('may invoke the function for secrets of this account only', () => {
    expect(onlyResource(template, 'AWS::Lambda::Permission').Properties).toEqual({
      Action: 'lambda:InvokeFunction',
      FunctionName: { 'Fn::GetAtt': [onlyResource(template, 'AWS::Lambda::Function').id, 'Arn'] },
      Principal: 'secretsmanager.amazonaws.com',
      SourceAccount: '123456789012',
    });
  });

  it('rotates every 30 days, and not at a deployment', () => {
    template.hasResourceProperties('AWS::SecretsManager::RotationSchedule', {
      SecretId: 'my-token',
      RotationLambdaARN: {
        'Fn::GetAtt': [onlyResource(template, 'AWS::Lambda::Function').id, 'Arn'],
      },
      RotationRules: { ScheduleExpression: 'rate(30 days)' },
      RotateImmediatelyOnUpdate: false,
    });
  });

  it('rotates in the window that is given', () => {
    const schedule = Schedule.cron({ minute: '0', hour: '4', weekDay: 'SUN' });
    const scheduled = Template.fromStack(rotationStack({ schedule, window: Duration.hours(3) }));

    scheduled.hasResourceProperties('AWS::SecretsManager::RotationSchedule', {
      RotationRules: { ScheduleExpression: 'cron(0 4 ? * SUN *)', Duration: '3h' },
    });
  });

  it('finds everything in place at its first call: policy, function, permission, schedule', () => {
    const policy = onlyResource(template, 'AWS::IAM::Policy');
    const rotation = onlyResource(template, 'AWS::Lambda::Function');
    const permission = onlyResource(template, 'AWS::Lambda::Permission');
    const schedule = onlyResource(template, 'AWS::SecretsManager::RotationSchedule');

    expect(rotation.DependsOn).toContain(policy.id);
    expect(permission.Properties['FunctionName']).toEqual({ 'Fn::GetAtt': [rotation.id, 'Arn'] });
    expect(schedule.DependsOn).toContain(permission.id);
  });
});

describe('in a VPC', () => {
  const stack = new Stack(createApp(), 'Test');
  const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-0123456789abcdef0',
    availabilityZones: ['eu-west-1a'],
    privateSubnetIds: ['subnet-0123456789abcdef0'],
    privateSubnetRouteTableIds: ['rtb-0123456789abcdef0'],
  });
  rotationOf(stack, {
    vpc,
    vpcSubnets: { subnets: vpc.privateSubnets },
    securityGroups: [SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-0123456789abcdef0')],
  }).addSecret({ secretName: 'my-token' });
  const inVpc = Template.fromStack(stack);

  it('runs in the subnets and security groups that were given', () => {
    inVpc.hasResourceProperties('AWS::Lambda::Function', {
      VpcConfig: {
        SubnetIds: ['subnet-0123456789abcdef0'],
        SecurityGroupIds: ['sg-0123456789abcdef0'],
      },
    });
  });

  it('gives the function its network permissions before it is created', () => {
    const rotation = onlyResource(inVpc, 'AWS::Lambda::Function');
    const policies = resourcesOf(inVpc, 'AWS::IAM::Policy')
      .map(({ id }) => id)
      .filter((id) => !id.includes('Watch'));

    expect(policies).toHaveLength(2);
    expect(rotation.DependsOn).toEqual(expect.arrayContaining(policies));
  });
});
