import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { type IRole, ManagedPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { describe, expect, it } from 'vitest';
import {
  createApp,
  HERE,
  onlyResource,
  printedStatements,
  roleStatements,
  rotationOf,
  warningsOf,
} from '../cdk-app.ts';

const ROLE_ARN = 'arn:aws:iam::123456789012:role/rotation';
const FUNCTION = 'AWS::Lambda::Function';

type MakeRole = (stack: Stack) => IRole;

const imported: MakeRole = (stack) => Role.fromRoleArn(stack, 'Role', ROLE_ARN);
const immutable: MakeRole = (stack) =>
  Role.fromRoleArn(stack, 'Role', ROLE_ARN, { mutable: false });
const owned: MakeRole = (stack) =>
  new Role(stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });

function stackWith(role: MakeRole, secrets = 1, create = false): Stack {
  const stack = new Stack(createApp(), 'Test', { env: HERE });
  const rotation = rotationOf(stack, { role: role(stack) });
  for (let index = 0; index < secrets; index += 1) {
    rotation.addSecret({ secretName: `platform/team-${index}/gitlab-token`, create });
  }
  return stack;
}

describe('a role of yours', () => {
  const own = roleStatements(Template.fromStack(stackWith(owned)));

  it('of the app gets the permissions', () => {
    const template = Template.fromStack(stackWith(owned));

    expect(template.findResources('AWS::IAM::Role')).toHaveProperty('Role1ABCC5F0');
    expect(own.flatMap(({ Action }) => Action)).toContain('secretsmanager:PutSecretValue');
    template.hasResourceProperties(FUNCTION, { Role: { 'Fn::GetAtt': ['Role1ABCC5F0', 'Arn'] } });
  });

  it('that is imported gets the same, before the function is created', () => {
    const stack = stackWith(imported);
    const template = Template.fromStack(stack);
    const policy = onlyResource(template, 'AWS::IAM::Policy');

    expect(() => onlyResource(template, 'AWS::IAM::Role')).toThrow();
    template.hasResourceProperties(FUNCTION, { Role: ROLE_ARN });
    expect(policy.Properties['Roles']).toEqual(['rotation']);
    expect(roleStatements(template)).toEqual(own);
    expect(onlyResource(template, FUNCTION).DependsOn).toContain(policy.id);
    expect(warningsOf(stack)).toEqual([]);
  });

  it('that cannot be changed has its permissions printed, of all secrets', () => {
    const stack = stackWith(immutable, 2);

    expect(roleStatements(Template.fromStack(stack))).toEqual([]);
    const [warning, ...others] = warningsOf(stack);
    expect(warning).toMatch(/^The role cannot be changed from here: its policy needs/);
    expect(others).toEqual([]);
    expect(printedStatements(warning)).toEqual([
      {
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: expect.stringMatching(/^\$\{RotationLogs\w+\.Arn\}$/),
      },
      {
        Effect: 'Allow',
        Action: 'sns:Publish',
        Resource: expect.stringMatching(/^\$\{RotationFailureTopic\w+\}$/),
      },
      {
        Effect: 'Allow',
        Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
        Resource: expect.stringMatching(/^\$\{RotationFailureTopicKey\w+\.Arn\}$/),
      },
      {
        Effect: 'Allow',
        Action: expect.arrayContaining(['secretsmanager:PutSecretValue']),
        Resource: [0, 1].map(
          (team) =>
            `arn:aws:secretsmanager:eu-west-1:123456789012:secret:platform/team-${team}/gitlab-token-??????`,
        ),
      },
    ]);
  });
});

describe('an imported role', () => {
  it('has room for the policy of 85 secrets', () => {
    expect(() => Template.fromStack(stackWith(imported, 85))).not.toThrow();
  });

  it.each([
    ['whose names are known', false],
    ['that the stack creates', true],
  ])('is refused if the policy for secrets %s is larger than IAM allows', (_, create) => {
    expect(() => Template.fromStack(stackWith(imported, 110, create))).toThrow(
      /role: the permissions for all secrets have about 1\d{4} characters, and an imported role has room for 10000\. Leave role out/,
    );
  });

  it('may have any number of secrets if it is not changed', () => {
    expect(() => Template.fromStack(stackWith(immutable, 110))).not.toThrow();
  });
});

describe('a new role', () => {
  it('is refused if it needs more managed policies than IAM allows', () => {
    const stack = new Stack(createApp(), 'Test', { env: HERE });
    const rotation = rotationOf(stack);
    for (let index = 0; index < 300; index += 1) {
      rotation.addSecret({ secretName: `team-${index}/${'long-name/'.repeat(35)}` });
    }

    expect(() => Template.fromStack(stack)).toThrow(
      /addSecret: the role needs 2\d managed policies for all secrets and keys, and IAM allows 20\. Divide/,
    );
  });

  it('gets the permissions boundary', () => {
    const stack = new Stack(createApp(), 'Test', { env: HERE });
    const permissionsBoundary = ManagedPolicy.fromManagedPolicyName(stack, 'Boundary', 'boundary');
    rotationOf(stack, { permissionsBoundary }).addSecret({ secretName: 'my-token' });

    Template.fromStack(stack).allResourcesProperties('AWS::IAM::Role', {
      PermissionsBoundary: stack.resolve(permissionsBoundary.managedPolicyArn),
    });
  });
});
