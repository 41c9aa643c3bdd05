import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Role } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { describe, expect, it } from 'vitest';
import {
  createApp,
  HERE,
  onlyResource,
  printedStatements,
  resourcesOf,
  roleStatements,
  rotationOf,
  SECRET_ARN,
  warningsOf,
} from '../cdk-app.ts';

const FOREIGN_ARN = SECRET_ARN.replace('123456789012', '111122223333');
const KEY_ARN = 'arn:aws:kms:eu-west-1:111122223333:key/theirs';

describe('a secret of another account', () => {
  const stack = new Stack(createApp(), 'Test', { env: HERE });
  const rotation = rotationOf(stack);
  rotation.addSecret({
    secret: Secret.fromSecretAttributes(stack, 'Theirs', {
      secretCompleteArn: FOREIGN_ARN,
      encryptionKey: Key.fromKeyArn(stack, 'Key', KEY_ARN),
    }),
  });
  rotation.addSecret({ secretName: 'of-here' });
  const template = Template.fromStack(stack);

  it('may be rotated by the role, with its key, for secrets of that account', () => {
    const statements = roleStatements(template);

    expect(statements.flatMap(({ Resource }) => Resource)).toContain(FOREIGN_ARN);
    expect(statements).toContainEqual({
      Effect: 'Allow',
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Resource: KEY_ARN,
      Condition: {
        StringEquals: expect.anything(),
        StringLike: {
          'kms:EncryptionContext:SecretARN':
            'arn:aws:secretsmanager:eu-west-1:111122223333:secret:*',
        },
      },
    });
  });

  it('has the function invoked by its own account, too', () => {
    const permissions = resourcesOf(template, 'AWS::Lambda::Permission');

    expect(permissions.flatMap(({ Properties }) => Properties['SourceAccount'] ?? [])).toEqual([
      '111122223333',
      '123456789012',
    ]);
  });

  it('gets its schedule and its events in its own account', () => {
    const schedule = onlyResource(template, 'AWS::SecretsManager::RotationSchedule');
    const rule = onlyResource(template, 'AWS::Events::Rule');

    expect(schedule.Properties['SecretId']).toBe('of-here');
    expect(JSON.stringify(rule.Properties)).not.toContain('111122223333');
  });

  it('has printed what its owner must do', () => {
    const [warning = '', ...others] = warningsOf(stack);
    const [onSecret = '', onKey = '', ours, command, events] = warning.split(
      /\n(?=The policy of|In this|Its|No rule)/,
    );
    const caller = { AWS: expect.stringMatching(/^\$\{RotationRole\w+\.Arn\}$/) };
    const watch = { AWS: expect.stringMatching(/^\$\{RotationWatchRole\w+\.Arn\}$/) };

    expect(others).toEqual([]);
    expect(onSecret).toContain(
      'The secret my-token is in account 111122223333. After the deployment, for AWS refuses a policy that names a role before it exists, its policy there',
    );
    expect(printedStatements(onSecret)).toEqual([
      {
        Effect: 'Allow',
        Principal: caller,
        Action: [
          'secretsmanager:DescribeSecret',
          'secretsmanager:GetSecretValue',
          'secretsmanager:ListSecretVersionIds',
          'secretsmanager:PutSecretValue',
          'secretsmanager:UpdateSecretVersionStage',
        ],
        Resource: '*',
      },
      {
        Effect: 'Allow',
        Principal: watch,
        Action: ['secretsmanager:DescribeSecret', 'secretsmanager:GetSecretValue'],
        Resource: '*',
      },
    ]);
    expect(onKey).toContain('The policy of its KMS key');
    expect(printedStatements(onKey)).toEqual([
      {
        Effect: 'Allow',
        Principal: caller,
        Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
        Resource: '*',
      },
      { Effect: 'Allow', Principal: watch, Action: 'kms:Decrypt', Resource: '*' },
    ]);
    expect(ours).toBe('In this account, the policies of the roles allow the same already.');
    expect(command).toMatch(
      /rotate-secret --no-rotate-immediately --secret-id my-token --rotation-lambda-arn \$\{RotationFunction\w+\.Arn\}/,
    );
    expect(events).toMatch(/^No rule here reports .*: these events are in that account\./);
  });

  it('has a role of yours named to its owner, and printed what that role must be allowed', () => {
    const roleArn = 'arn:aws:iam::123456789012:role/rotation';
    const ofYours = new Stack(createApp(), 'Test', { env: HERE });
    const role = Role.fromRoleArn(ofYours, 'Role', roleArn, { mutable: false });
    rotationOf(ofYours, { role }).addSecret({
      secret: Secret.fromSecretAttributes(ofYours, 'Theirs', {
        secretCompleteArn: FOREIGN_ARN,
        encryptionKey: Key.fromKeyArn(ofYours, 'Key', KEY_ARN),
      }),
    });
    Template.fromStack(ofYours);
    const warnings = warningsOf(ofYours);
    const warning = warnings.find((text) => text.startsWith('The secret my-token'));

    expect(printedStatements(warning)).toMatchObject([{ Principal: { AWS: roleArn } }, {}]);
    expect(warning).toContain('roles must allow the same: see the warnings about the roles.');
    expect(warnings).toContainEqual(expect.stringMatching(/^The role cannot be changed from here/));
  });

  it('needs a KMS key that both accounts may use', () => {
    const withoutKey = new Stack(createApp(), 'Test', { env: HERE });
    const secret = Secret.fromSecretCompleteArn(withoutKey, 'Theirs', FOREIGN_ARN);

    expect(() => rotationOf(withoutKey).addSecret({ secret })).toThrow(
      'addSecret: the secret "my-token" is in account 111122223333: it must be encrypted with a KMS key of its own, and be imported with it by Secret.fromSecretAttributes',
    );
  });
});

it.each([
  [50, []],
  [
    51,
    [
      'addSecret: the secrets are in 51 accounts, and the policy of the function has room for 50. Use a construct for each part of the accounts',
    ],
  ],
])('secrets may be in %d accounts, or not', (accounts, problems) => {
  const stack = new Stack(createApp(), 'Test', { env: HERE });
  const rotation = rotationOf(stack);
  const encryptionKey = Key.fromKeyArn(stack, 'Key', KEY_ARN);
  for (let index = 0; index < accounts; index += 1) {
    const secretCompleteArn = SECRET_ARN.replace('123456789012', `${111122223000 + index}`).replace(
      'my-token',
      `token-${index}`,
    );
    rotation.addSecret({
      secret: Secret.fromSecretAttributes(stack, `Secret${index}`, {
        secretCompleteArn,
        encryptionKey,
      }),
    });
  }

  expect(rotation.node.validate()).toEqual(problems);
});
