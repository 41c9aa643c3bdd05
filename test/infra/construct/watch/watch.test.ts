import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { type IRole, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { describe, expect, it } from 'vitest';
import { readable } from '../../../../infra/construct/warnings.ts';
import type { GitLabTokenRotationProps } from '../../../../infra/index.ts';
import { METRICS } from '../../../../lambda/metrics/names.ts';
import {
  createApp,
  FOR_SECRETS_ONLY,
  HERE,
  onlyResource,
  printedStatements,
  RECOVERY_SECRET_ARN,
  ROOT,
  resourcesOf,
  roleStatements,
  rotationOf,
  rotationStack,
  SECRET_ARN,
  warningsOf,
} from '../../cdk-app.ts';

const FUNCTION = 'AWS::Lambda::Function';
const READ_SECRET = ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'];

const template = Template.fromStack(rotationStack());
const topic = { Ref: onlyResource(template, 'AWS::SNS::Topic').id };

function arnOf(from: Template, type: string, part: 'rotation' | 'watch') {
  return { 'Fn::GetAtt': [onlyResource(from, type, part).id, 'Arn'] };
}

describe('the watch', () => {
  const watch = onlyResource(template, FUNCTION, 'watch').Properties;
  const rotation = onlyResource(template, FUNCTION).Properties;

  it('is another handler of the same code, and has all the time that Lambda gives', () => {
    expect(watch).toMatchObject({ Handler: 'index.watch', Timeout: 900, MemorySize: 256 });
    for (const property of ['Code', 'Runtime', 'Architectures']) {
      expect(watch[property]).toEqual(rotation[property]);
    }
  });

  it('has the variables of the rotation function, and its ARN', () => {
    const { Variables } = rotation['Environment'] as { Variables: object };

    expect(watch['Environment']).toEqual({
      Variables: { ...Variables, ROTATION_FUNCTION_ARN: arnOf(template, FUNCTION, 'rotation') },
    });
  });

  it('logs to a log group of its own', () => {
    const log = onlyResource(template, 'AWS::Logs::LogGroup', 'watch');

    expect(watch['LoggingConfig']).toEqual({ LogFormat: 'JSON', LogGroup: { Ref: log.id } });
    expect(log.Properties).toEqual({ RetentionInDays: 365 });
  });

  it('has its failures told to the topic, after one more attempt within the hour', () => {
    expect(onlyResource(template, 'AWS::Lambda::EventInvokeConfig', 'watch').Properties).toEqual({
      FunctionName: { Ref: onlyResource(template, FUNCTION, 'watch').id },
      Qualifier: '$LATEST',
      DestinationConfig: { OnFailure: { Destination: topic } },
      MaximumRetryAttempts: 1,
      MaximumEventAgeInSeconds: 3600,
    });
  });

  it('is in the same place of the same VPC, where its own role puts it', () => {
    const stack = new Stack(createApp(), 'Test', { env: HERE });
    const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-0123456789abcdef0',
      availabilityZones: ['eu-west-1a'],
      privateSubnetIds: ['subnet-0123456789abcdef0'],
      privateSubnetRouteTableIds: ['rtb-0123456789abcdef0'],
    });
    rotationOf(stack, { vpc });
    const inVpc = Template.fromStack(stack);

    const one = onlyResource(inVpc, FUNCTION, 'watch');
    expect(one.Properties['VpcConfig']).toEqual(
      onlyResource(inVpc, FUNCTION).Properties['VpcConfig'],
    );
    inVpc.resourceCountIs('AWS::EC2::SecurityGroup', 1);
    expect(one.DependsOn).toContainEqual(expect.stringMatching(/^RotationWatchNetworkInterfaces/));
    expect(roleStatements(inVpc, 'watch')).toContainEqual(
      expect.objectContaining({ Action: expect.arrayContaining(['ec2:CreateNetworkInterface']) }),
    );
  });
});

describe('its role', () => {
  const own = onlyRolePolicy(template);

  it('may read the one secret, publish, and log', () => {
    expect(own).toEqual([
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: arnOf(template, 'AWS::Logs::LogGroup', 'watch'),
      },
      { Effect: 'Allow', Action: 'sns:Publish', Resource: topic },
      {
        Effect: 'Allow',
        Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
        Resource: arnOf(template, 'AWS::KMS::Key', 'rotation'),
      },
      { Effect: 'Allow', Action: READ_SECRET, Resource: SECRET_ARN },
    ]);
  });

  it('may read the recovery secret, and use keys for secrets only', () => {
    const stack = new Stack(createApp(), 'Test', { env: HERE });
    const keyArn = (id: number) => `arn:aws:kms:eu-west-1:123456789012:key/${id}`;
    const recoverySecret = Secret.fromSecretAttributes(stack, 'Recovery', {
      secretCompleteArn: RECOVERY_SECRET_ARN,
      encryptionKey: Key.fromKeyArn(stack, 'RecoveryKey', keyArn(1)),
    });
    const encryptionKey = Key.fromKeyArn(stack, 'Key', keyArn(2));
    rotationOf(stack, { recoverySecret }).addSecret({ secretName: 'my-token', encryptionKey });

    const statements = onlyRolePolicy(Template.fromStack(stack));
    expect(statements).toContainEqual({
      Effect: 'Allow',
      Action: 'secretsmanager:GetSecretValue',
      Resource: RECOVERY_SECRET_ARN,
    });
    const onKeys = statements.filter(({ Condition }) => Condition !== undefined);
    expect(onKeys.flatMap(({ Resource }) => Resource)).toEqual([keyArn(1), keyArn(2)]);
    for (const statement of onKeys) {
      expect(statement).toMatchObject({ Action: 'kms:Decrypt', Condition: FOR_SECRETS_ONLY });
    }
  });
});

/** Of the function, without that of the schedule. */
function onlyRolePolicy(from: Template) {
  return roleStatements(from, 'watch').filter(({ Action }) => Action !== 'lambda:InvokeFunction');
}

describe('a role of yours for the watch', () => {
  const ROLE_ARN = 'arn:aws:iam::123456789012:role/watch';
  const imported = (scope: Stack, mutable: boolean) =>
    Role.fromRoleArn(scope, 'Yours', ROLE_ARN, { mutable });

  function stackWith(role: (stack: Stack) => IRole, secrets = 1): Stack {
    const stack = new Stack(createApp(), 'Test', { env: HERE });
    const rotation = rotationOf(stack, { watchRole: role(stack) });
    for (let index = 0; index < secrets; index += 1) {
      rotation.addSecret({ secretName: `platform/team-${index}/gitlab-token` });
    }
    return stack;
  }

  it('gets the permissions, and is that of the schedule too', () => {
    const ofYours = Template.fromStack(stackWith((stack) => imported(stack, true)));

    expect(() => onlyResource(ofYours, 'AWS::IAM::Role', 'watch')).toThrow();
    expect(onlyResource(ofYours, FUNCTION, 'watch').Properties['Role']).toBe(ROLE_ARN);
    expect(onlyResource(ofYours, 'AWS::Scheduler::Schedule', 'watch').Properties).toMatchObject({
      Target: { RoleArn: ROLE_ARN },
    });
    ofYours.hasResourceProperties('AWS::IAM::Policy', {
      Roles: ['watch'],
      PolicyDocument: { Statement: [{ Action: 'lambda:InvokeFunction' }] },
    });
  });

  it('of the app gets them without a circle', () => {
    const ofApp = (stack: Stack) =>
      new Role(stack, 'Yours', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });

    expect(() => Template.fromStack(stackWith(ofApp))).not.toThrow();
  });

  it('that cannot be changed has them printed', () => {
    const stack = stackWith((scope) => imported(scope, false));

    expect(roleStatements(Template.fromStack(stack), 'watch')).toEqual([]);
    const [warning, ...others] = warningsOf(stack);
    expect(others).toEqual([]);
    expect(warning).toMatch(/^The role of the watch cannot be changed from here: its policy needs/);
    expect(printedStatements(warning).map(({ Action }) => Action)).toEqual([
      ['logs:CreateLogStream', 'logs:PutLogEvents'],
      'sns:Publish',
      ['kms:Decrypt', 'kms:GenerateDataKey'],
      READ_SECRET,
      'lambda:InvokeFunction',
    ]);
  });

  it('is refused if it has no room for all', () => {
    const stack = stackWith((scope) => imported(scope, true), 110);

    expect(() => Template.fromStack(stack)).toThrow(
      /watchRole: the permissions for all secrets have about 1\d{4} characters, .* Leave watchRole out/,
    );
  });
});

/** The alarm on this metric. */
function alarmOn(from: Template, metric: string) {
  const alarms = resourcesOf(from, 'AWS::CloudWatch::Alarm').map(({ Properties }) => Properties);
  return alarms.find(({ MetricName }) => MetricName === metric);
}

describe('the alarms of the watch', () => {
  const Dimensions = [
    { Name: 'FunctionName', Value: { Ref: onlyResource(template, FUNCTION, 'watch').id } },
  ];

  it('tell the topic if there was no run in 26 hours, and are silent before there can be one', () => {
    expect(alarmOn(template, 'SecretsWithFindings')).toMatchObject({
      Namespace: 'GitLabTokenRotation',
      Dimensions,
      Statistic: 'SampleCount',
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
      Period: 3600,
      EvaluationPeriods: 26,
      TreatMissingData: 'breaching',
      WarmUpConfiguration: {
        WarmUpPeriodDurationInMinutes: 1560,
        OnlyStartEvaluatingAfterWarmUpPeriodEnds: true,
      },
      AlarmActions: [topic],
    });
  });

  it('tell the topic if a token of any secret expires in less than a week', () => {
    expect(alarmOn(template, 'DaysToExpiry')).toMatchObject({
      Namespace: 'GitLabTokenRotation',
      Dimensions,
      Statistic: 'Minimum',
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 7,
      Period: 3600,
      EvaluationPeriods: 26,
      DatapointsToAlarm: 1,
      TreatMissingData: 'notBreaching',
      AlarmActions: [topic],
    });
  });

  it.each(['SecretsWithFindings', 'DaysToExpiry'] as const)(
    'have a metric that the watch writes: %s',
    (name) => {
      expect(METRICS[name].dimensions).toContainEqual(Dimensions.map(({ Name }) => Name));
    },
  );
});

describe('when an alarm sounds', () => {
  const page = readFileSync(join(ROOT, 'infra', 'operations.md'), 'utf8');
  const [, section = ''] = /^## When an alarm sounds$(.*?)^## /ms.exec(page) ?? [];
  const rows = [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, name = '']) => name);
  const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm');

  it('operations.md has a row for each, by a part of its name that no other has', () => {
    const found = rows.map((part) => alarms.filter(({ id }) => id.includes(part)));

    expect(found.map(({ length }) => length)).toEqual([1, 1, 1]);
    expect(new Set(found.flat())).toEqual(new Set(alarms));
  });

  it.each(alarms)('its mail says where to read on: $id', ({ Properties }) => {
    const description = readable(Properties['AlarmDescription']);

    expect(description).toMatch(/ More: infra\/operations\.md, "When an alarm sounds"\.$/);
    // What CloudWatch takes.
    expect(description.length).toBeLessThanOrEqual(1024);
  });
});

describe('without a daily run', () => {
  const props: Partial<GitLabTokenRotationProps> = { watchTime: false };
  const verdictsOnly = Template.fromStack(rotationStack(props));

  it('there is neither schedule nor alarm of it', () => {
    verdictsOnly.resourceCountIs('AWS::Scheduler::Schedule', 0);
    verdictsOnly.resourceCountIs('AWS::CloudWatch::Alarm', 1);
    expect(onlyResource(verdictsOnly, 'AWS::IAM::Role', 'watch').id).toContain('WatchRole');
  });

  it('verdicts of AWS call the watch all the same', () => {
    expect(onlyResource(verdictsOnly, 'AWS::Events::Rule').Properties['Targets']).toEqual([
      { Id: 'Target0', Arn: arnOf(verdictsOnly, FUNCTION, 'watch') },
    ]);
  });
});

it('a construct without a secret has nothing to watch', () => {
  const stack = new Stack(createApp(), 'Test', { env: HERE });
  const rotation = rotationOf(stack);

  Template.fromStack(stack).resourceCountIs('AWS::Scheduler::Schedule', 0);
  expect([rotation.watchAlarm, rotation.expiryAlarm]).toEqual([undefined, undefined]);
});
