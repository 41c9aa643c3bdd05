import { Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { RotationSettings } from '../../../infra/app/settings/schema.ts';
import { GitLabTokenRotationStack } from '../../../infra/app/stack.ts';
import { createApp, HERE } from '../cdk-app.ts';

const ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:';
const KEY = 'arn:aws:kms:eu-west-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef';
const OTHER_KEY = 'arn:aws:kms:eu-west-1:123456789012:key/mrk-0123456789abcdef0123456789abcdef';
const VPC_ID = 'vpc-0123456789abcdef0';
const PUBLIC_VPC_ID = 'vpc-0123456789abcdef1';
const NO_VPC_ID = 'vpc-0123456789abcdef2';
const DENIED_VPC_ID = 'vpc-0123456789abcdef3';
const SUBNET_ID = 'subnet-0123456789abcdef0';
const ISOLATED_ID = 'subnet-0123456789abcdef1';
const PUBLIC_ID = 'subnet-0123456789abcdef2';

// What the CLI would find out about the VPCs, as it hands it to the app.
const VPC_LOOKUP = {
  ...lookup(VPC_ID, [
    subnetGroup('Private', SUBNET_ID),
    subnetGroup('Isolated', ISOLATED_ID),
    subnetGroup('Public', PUBLIC_ID),
  ]),
  ...lookup(PUBLIC_VPC_ID, [subnetGroup('Public', PUBLIC_ID)]),
  [lookupKey(NO_VPC_ID)]: {
    $providerError: 'Could not find any VPCs matching {"account":"123456789012"}',
  },
  [lookupKey(DENIED_VPC_ID)]: {
    $providerError: 'You are not authorized to perform: ec2:DescribeVpcs',
  },
};

function lookup(vpcId: string, subnetGroups: readonly object[]) {
  return { [lookupKey(vpcId)]: { vpcId, availabilityZones: [], subnetGroups } };
}

function lookupKey(vpcId: string): string {
  return `vpc-provider:account=${HERE.account}:filter.vpc-id=${vpcId}:region=${HERE.region}:returnAsymmetricSubnets=true`;
}

function subnetGroup(type: string, subnetId: string) {
  const subnet = { subnetId, availabilityZone: 'eu-west-1a', routeTableId: 'rtb-1' };
  return { name: type, type, subnets: [subnet] };
}

function createStack(settings: Partial<RotationSettings>): GitLabTokenRotationStack {
  return new GitLabTokenRotationStack(createApp(VPC_LOOKUP), {
    gitlabUrl: 'https://gitlab.acme.dev',
    secrets: [{ name: 'app/a', create: true }],
    ...settings,
  });
}

/** A VPC is looked up where they lead. */
function stubCredentials(): void {
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  vi.stubEnv('CDK_DEFAULT_ACCOUNT', HERE.account);
  vi.stubEnv('CDK_DEFAULT_REGION', HERE.region);
}

describe('the stack of rotation.json', () => {
  it('has every setting where it belongs', () => {
    stubCredentials();

    const stack = createStack({
      stackName: 'Tokens',
      alertEmails: ['ops@acme.dev'],
      schedule: 'rate(10 days)',
      window: '3h',
      tokenLifetimeDays: 60,
      watchTime: '07:30',
      watchTimeZone: 'Europe/Berlin',
      weeklyReport: true,
      dashboard: false,
      recoverySecret: { arn: `${ARN}recovery-AbCdEf`, encryptionKeyArn: KEY },
      failureTopic: { arn: 'arn:aws:sns:eu-west-1:123456789012:mine', encryptionKeyArn: OTHER_KEY },
      httpsProxy: 'http://proxy.acme.dev:3128',
      noProxy: '.acme.dev',
      vpc: { id: VPC_ID, subnetIds: [SUBNET_ID], securityGroupIds: ['sg-0123456789abcdef0'] },
      logRetentionDays: 30,
      environmentEncryptionKeyArn: KEY,
      permissionsBoundaryArn: 'arn:aws:iam::123456789012:policy/boundary',
      memorySize: 512,
      secrets: [
        { name: 'app/a', create: true, encryptionKeyArn: KEY },
        {
          arn: `${ARN}app/b-GhIjKl`,
          encryptionKeyArn: KEY,
          schedule: 'cron(0 1 ? * SUN *)',
          window: '2h',
          tokenLifetimeDays: 30,
          alternatingTokens: true,
          tokenField: 'password',
          projectId: 'group/app',
        },
      ],
    });

    const template = Template.fromStack(stack);
    expect(stack.stackName).toBe('Tokens');
    template.resourceCountIs('AWS::CloudWatch::Dashboard', 0);
    template.hasResourceProperties('AWS::Lambda::Function', {
      MemorySize: 512,
      KmsKeyArn: KEY,
      VpcConfig: { SubnetIds: [SUBNET_ID], SecurityGroupIds: ['sg-0123456789abcdef0'] },
      Environment: {
        Variables: Match.objectLike({
          GITLAB_URL: 'https://gitlab.acme.dev',
          TOKEN_LIFETIME_DAYS: '60',
          FAILURE_TOPIC_ARN: 'arn:aws:sns:eu-west-1:123456789012:mine',
          RECOVERY_SECRET_ARN: `${ARN}recovery-AbCdEf`,
          HTTPS_PROXY: 'http://proxy.acme.dev:3128',
          NO_PROXY: '.acme.dev',
          SECRET_SETTINGS: JSON.stringify({
            'app/b': {
              tokenLifetimeDays: 30,
              alternatingTokens: true,
              tokenField: 'password',
              projectId: 'group/app',
            },
          }),
        }),
      },
    });
    template.hasResourceProperties('AWS::SecretsManager::RotationSchedule', {
      SecretId: 'app/a',
      RotationRules: { ScheduleExpression: 'rate(10 days)', Duration: '3h' },
    });
    template.hasResourceProperties('AWS::SecretsManager::RotationSchedule', {
      SecretId: 'app/b',
      RotationRules: { ScheduleExpression: 'cron(0 1 ? * SUN *)', Duration: '2h' },
    });
    template.hasResourceProperties('AWS::SecretsManager::Secret', {
      Name: 'app/a',
      KmsKeyId: KEY,
    });
    template.hasResourceProperties('AWS::SNS::Subscription', { Endpoint: 'ops@acme.dev' });
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 });
    for (const ScheduleExpression of ['cron(30 7 ? * SUN,TUE-SAT *)', 'cron(30 7 ? * MON *)']) {
      template.hasResourceProperties('AWS::Scheduler::Schedule', {
        ScheduleExpression,
        ScheduleExpressionTimezone: 'Europe/Berlin',
      });
    }
    template.allResourcesProperties('AWS::IAM::Role', {
      PermissionsBoundary: 'arn:aws:iam::123456789012:policy/boundary',
    });
    template.resourceCountIs('AWS::SNS::Topic', 0);
  });

  it('takes roles and a key for the logs', () => {
    const [roleArn, watchRoleArn] = ['rotation', 'watch'].map(
      (name) => `arn:aws:iam::123456789012:role/${name}`,
    );

    const template = Template.fromStack(
      createStack({ roleArn, watchRoleArn, logEncryptionKeyArn: KEY }),
    );

    template.resourceCountIs('AWS::IAM::Role', 0);
    template.hasResourceProperties('AWS::Lambda::Function', { Role: roleArn });
    template.hasResourceProperties('AWS::Lambda::Function', { Role: watchRoleArn });
    template.hasResourceProperties('AWS::Logs::LogGroup', { KmsKeyId: KEY });
  });

  it('takes private and isolated subnets', () => {
    stubCredentials();
    const subnetIds = [ISOLATED_ID, SUBNET_ID];

    const template = Template.fromStack(createStack({ vpc: { id: VPC_ID, subnetIds } }));

    template.hasResourceProperties('AWS::Lambda::Function', {
      VpcConfig: { SubnetIds: subnetIds },
    });
  });

  it.each([
    ['that is not in the VPC', 'subnet-0fedcba9876543210'],
    ['that is public', PUBLIC_ID],
  ])('refuses a subnet %s', (_, subnetId) => {
    stubCredentials();

    expect(() => createStack({ vpc: { id: VPC_ID, subnetIds: [SUBNET_ID, subnetId] } })).toThrow(
      `vpc.subnetIds[1] must be a subnet of ${VPC_ID} that is not public: one of ${SUBNET_ID}, ${ISOLATED_ID}, got "${subnetId}"`,
    );
  });

  it('waits for the lookup of the VPC', () => {
    stubCredentials();
    const id = 'vpc-0fedcba9876543210';

    expect(() => createStack({ vpc: { id, subnetIds: [SUBNET_ID] } })).not.toThrow();
  });

  it.each<[string, Partial<RotationSettings>, readonly string[]]>([
    [
      'all secrets',
      {
        tokenLifetimeDays: 60,
        secrets: [
          { name: 'app/a', tokenLifetimeDays: 20 },
          { name: 'app/b' },
          { name: 'app/c', schedule: 'rate(1 hour)' },
          { name: 'app/d', window: '3h', schedule: 'cron(0 23 ? * SUN *)' },
        ],
      },
      [
        'secrets[0].tokenLifetimeDays 20 days must be at least 37 days',
        'secrets[2].schedule rate(1 hour) is too frequent',
        'secrets[3].window 3 hours must be at most an hour with',
      ],
    ],
    [
      'a secret that is the recovery secret, and has a second fault',
      {
        recoverySecret: { arn: `${ARN}app/a-AbCdEf` },
        secrets: [{ name: 'app/a', schedule: 'rate(1 hour)' }],
      },
      [
        'secrets[0].schedule rate(1 hour) is too frequent',
        'secrets[0]: recoverySecret must be another secret',
      ],
    ],
    [
      'all that is wrong at the top',
      { watchTimeZone: 'Europe/Berln', certificateAuthority: 'no/ca.pem' },
      ['certificateAuthority "', 'watchTimeZone "Europe/Berln"'],
    ],
    [
      'a VPC whose subnets are all public',
      { vpc: { id: PUBLIC_VPC_ID } },
      ['vpc.subnetIds must select subnets of vpc that are not public'],
    ],
    [
      'a VPC that is not there',
      { vpc: { id: NO_VPC_ID } },
      [
        'vpc.id must be a VPC of 123456789012 in eu-west-1, got "vpc-0123456789abcdef2". The lookup says: Could not find any VPCs',
      ],
    ],
    [
      'a VPC that nobody may look up',
      { vpc: { id: DENIED_VPC_ID } },
      [
        'vpc.id cannot be looked up in 123456789012, eu-west-1, got "vpc-0123456789abcdef3". The lookup says: You are not authorized to perform: ec2:DescribeVpcs',
      ],
    ],
    ['a file that is not there', { certificateAuthority: 'no/ca.pem' }, ['certificateAuthority "']],
    [
      'two that do not go together',
      {
        roleArn: 'arn:aws:iam::123456789012:role/rotation',
        watchRoleArn: 'arn:aws:iam::123456789012:role/watch',
        permissionsBoundaryArn: 'arn:aws:iam::123456789012:policy/boundary',
      },
      ['permissionsBoundaryArn is for new roles'],
    ],
    [
      'a time zone that is none',
      { watchTimeZone: 'Europe/Berln' },
      ['watchTimeZone "Europe/Berln" must be the name of a time zone'],
    ],
    [
      'a weekly report without a daily watch',
      { watchTime: false, weeklyReport: true },
      ['weeklyReport needs the daily watch'],
    ],
    [
      'a time zone without a daily watch',
      { watchTime: false, watchTimeZone: 'Europe/Berlin' },
      ['watchTimeZone needs the daily watch: watchTime must not be false'],
    ],
  ])('refuses %s by their paths in the file', (_, settings, problems) => {
    stubCredentials();
    let message = '';
    try {
      createStack(settings);
    } catch (error) {
      ({ message } = error as Error);
    }

    const [title, ...lines] = message.split('\n  ');
    expect(title).toMatch(/^rotation\.json has /);
    expect(lines).toEqual(problems.map((problem) => expect.stringContaining(problem)));
    expect(lines.map((line, index) => line.startsWith(problems[index] ?? ''))).not.toContain(false);
  });
});
