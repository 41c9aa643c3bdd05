import { Match, Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { GitLabTokenRotationStack, type GitLabTokenRotationStackProps } from '../../infra/stack.ts';
import {
  createApp,
  onlyResource,
  RECOVERY_SECRET_ARN,
  roleStatements,
  SECRET_ARN,
} from './cdk-app.ts';

const KEY_ARN = 'arn:aws:kms:eu-west-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef';

// What the CLI would find out about it, as it hands it to the app.
const VPC_ID = 'vpc-0123456789abcdef0';
const VPC_LOOKUP = {
  [`vpc-provider:account=123456789012:filter.vpc-id=${VPC_ID}:region=eu-west-1:returnAsymmetricSubnets=true`]:
    {
      vpcId: VPC_ID,
      availabilityZones: [],
      subnetGroups: [
        {
          name: 'Private',
          type: 'Private',
          subnets: [
            {
              subnetId: 'subnet-0123456789abcdef0',
              availabilityZone: 'eu-west-1a',
              routeTableId: 'rtb-0123456789abcdef0',
            },
          ],
        },
      ],
    },
};

function createStack(props: Partial<GitLabTokenRotationStackProps> = {}) {
  return new GitLabTokenRotationStack(createApp(VPC_LOOKUP), 'Test', {
    gitlabUrl: 'https://gitlab.example.com',
    secret: { create: 'my-token' },
    env: { account: '123456789012', region: 'eu-west-1' },
    ...props,
  });
}

/** What the function may write. */
function resourcesThatRotate(from: Template) {
  return roleStatements(from)
    .filter(({ Action }) => Action.includes('secretsmanager:PutSecretValue'))
    .map(({ Resource }) => Resource);
}

const stack = createStack();
const template = Template.fromStack(stack);

describe('a secret that the stack creates', () => {
  const secret = { Ref: onlyResource(template, 'AWS::SecretsManager::Secret').id };

  it('has no value, not even a generated one', () => {
    template.hasResourceProperties('AWS::SecretsManager::Secret', { Name: 'my-token' });
    expect(JSON.stringify(template.toJSON())).not.toMatch(/SecretString/);
  });

  it('outlives the stack, and is replaced by no other', () => {
    template.hasResource('AWS::SecretsManager::Secret', {
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
    });
  });

  it('can be deleted by nobody of the account while it is rotated', () => {
    template.hasResourceProperties('AWS::SecretsManager::ResourcePolicy', {
      SecretId: secret,
      ResourcePolicy: {
        Statement: [
          Match.objectLike({
            Effect: 'Deny',
            Action: 'secretsmanager:DeleteSecret',
            Principal: { AWS: 'arn:aws:iam::123456789012:root' },
            Resource: '*',
          }),
        ],
      },
    });
  });

  it('is the one that is rotated', () => {
    template.hasResourceProperties('AWS::SecretsManager::RotationSchedule', {
      SecretId: 'my-token',
    });
    expect(resourcesThatRotate(template)).toEqual([secret]);
  });

  it.each(['arn:aws:kms:eu-central-1:111122223333:alias/secrets', 'alias/secrets', 'key-id'])(
    'refuses what is no ARN of a key: %s',
    (encryptionKeyArn) => {
      expect(() => createStack({ encryptionKeyArn })).toThrow(
        `encryptionKeyArn must be the ARN of a key (arn:aws:kms:…:key/…), not of an alias, got "${encryptionKeyArn}"`,
      );
    },
  );

  it('is encrypted with the key that was given, which the function may then use', () => {
    const encrypted = Template.fromStack(createStack({ encryptionKeyArn: KEY_ARN }));

    encrypted.hasResourceProperties('AWS::SecretsManager::Secret', { KmsKeyId: KEY_ARN });
    expect(roleStatements(encrypted)).toContainEqual(
      expect.objectContaining({
        Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
        Resource: KEY_ARN,
      }),
    );
  });
});

describe('a secret that exists', () => {
  it('is used as its full ARN says', () => {
    const imported = Template.fromStack(createStack({ secret: { existing: SECRET_ARN } }));

    imported.resourceCountIs('AWS::SecretsManager::Secret', 0);
    imported.hasResourceProperties('AWS::SecretsManager::RotationSchedule', {
      SecretId: 'my-token',
    });
    expect(resourcesThatRotate(imported)).toEqual([SECRET_ARN]);
  });

  it('is known by its name, whose ARN ends in six characters that nobody knows', () => {
    const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:team/my-token';

    const imported = Template.fromStack(createStack({ secret: { existing: 'team/my-token' } }));

    expect(resourcesThatRotate(imported)).toEqual([`${arn}-??????`]);
    imported.hasResourceProperties('AWS::SecretsManager::RotationSchedule', {
      SecretId: 'team/my-token',
    });
  });

  it('is refused by an ARN that is cut short', () => {
    const secret = { existing: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:my' };

    expect(() => createStack({ secret })).toThrow('missing 6-character suffix');
  });
});

describe('the recovery secret', () => {
  it('is read with its own key', () => {
    const props = { recoverySecretArn: RECOVERY_SECRET_ARN, recoverySecretKeyArn: KEY_ARN };
    const recoverable = Template.fromStack(createStack(props));

    recoverable.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ RECOVERY_SECRET_ARN }) },
    });
    expect(roleStatements(recoverable)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          Action: 'secretsmanager:GetSecretValue',
          Resource: RECOVERY_SECRET_ARN,
        }),
        expect.objectContaining({ Action: 'kms:Decrypt', Resource: KEY_ARN }),
      ]),
    );
  });

  it.each<[string, Partial<GitLabTokenRotationStackProps>, string]>([
    [
      'a name',
      { recoverySecretArn: 'recovery' },
      '`secretCompleteArn` does not appear to be complete; missing 6-character suffix',
    ],
    [
      'an alias of its key',
      { recoverySecretArn: RECOVERY_SECRET_ARN, recoverySecretKeyArn: 'alias/recovery' },
      'recoverySecretKeyArn must be the ARN of a key (arn:aws:kms:…:key/…), not of an alias, got "alias/recovery"',
    ],
    [
      'a key of no secret',
      { recoverySecretKeyArn: KEY_ARN },
      'recoverySecretKeyArn needs recoverySecretArn too',
    ],
    [
      'the secret that the stack creates',
      { recoverySecretArn: SECRET_ARN, secret: { create: 'my-token' } },
      'addSecret "my-token": recoverySecret must be another secret',
    ],
    [
      'the secret that is rotated',
      { recoverySecretArn: SECRET_ARN, secret: { existing: 'my-token' } },
      'addSecret "my-token": recoverySecret must be another secret',
    ],
  ])('is refused as %s', (_, props, message) => {
    expect(() => createStack(props)).toThrow(message);
  });

  it.each([
    ['another name', { recoverySecretArn: SECRET_ARN, secret: { create: 'my-token-2' } }],
    [
      'the same name in another account',
      {
        recoverySecretArn: SECRET_ARN.replace('123456789012', '210987654321'),
        recoverySecretKeyArn: KEY_ARN,
        secret: { create: 'my-token' },
      },
    ],
  ])('may have %s', (_, props) => {
    expect(() => createStack(props)).not.toThrow();
  });
});

it('subscribes the address that was given, and nobody otherwise', () => {
  const subscribed = Template.fromStack(createStack({ alertEmail: 'team@example.com' }));

  subscribed.hasResourceProperties('AWS::SNS::Subscription', {
    TopicArn: { Ref: onlyResource(subscribed, 'AWS::SNS::Topic').id },
    Protocol: 'email',
    Endpoint: 'team@example.com',
  });
  template.resourceCountIs('AWS::SNS::Subscription', 0);
});

it('places the function in the VPC that was given', () => {
  const inVpc = Template.fromStack(createStack({ vpcId: VPC_ID }));

  inVpc.hasResourceProperties('AWS::Lambda::Function', {
    VpcConfig: { SubnetIds: ['subnet-0123456789abcdef0'] },
  });
});

it('tells what its operator will look for', () => {
  template.hasOutput('SecretArn', {
    Value: { Ref: onlyResource(template, 'AWS::SecretsManager::Secret').id },
  });
  template.hasOutput('FailureTopicArn', {
    Value: { Ref: onlyResource(template, 'AWS::SNS::Topic').id },
  });
  template.hasOutput('FunctionName', {
    Value: { Ref: onlyResource(template, 'AWS::Lambda::Function').id },
  });
  template.hasOutput('LogGroupName', {
    Value: { Ref: onlyResource(template, 'AWS::Logs::LogGroup').id },
  });
});

it.each<[string, GitLabTokenRotationStack]>([
  ['a new secret', stack],
  ['a new secret with its own key', createStack({ encryptionKeyArn: KEY_ARN })],
  ['a secret by name', createStack({ secret: { existing: 'my-token' } })],
  [
    'a recovery secret',
    createStack({ recoverySecretArn: RECOVERY_SECRET_ARN, recoverySecretKeyArn: KEY_ARN }),
  ],
])('leaves AwsSolutions of cdk-nag nothing to find, with %s', (_, scope) => {
  const report = new AwsSolutionsChecks().validateScope(scope);

  expect(report.violations).toEqual([]);
});
