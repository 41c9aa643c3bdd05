import { Stack, Validations } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import { Policy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';

interface RotationRoleProps {
  readonly secret: ISecret;
  readonly recoverySecret?: ISecret;
  readonly logGroup: ILogGroup;
  readonly vpc?: IVpc;
}

/** A role without managed policies: those of AWS allow more than this function needs. */
export function createRotationRole(scope: Construct, props: RotationRoleProps): Role {
  const { secret, recoverySecret, logGroup, vpc } = props;
  const role = new Role(scope, 'Role', {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
  });
  // GetRandomPassword, often granted beside these, is not needed: GitLab makes the token.
  role.addToPolicy(
    new PolicyStatement({
      actions: [
        'secretsmanager:DescribeSecret',
        'secretsmanager:GetSecretValue',
        'secretsmanager:ListSecretVersionIds',
        'secretsmanager:PutSecretValue',
        'secretsmanager:UpdateSecretVersionStage',
      ],
      resources: [secretArnPattern(secret)],
    }),
  );
  if (secret.encryptionKey) {
    const actions = ['kms:Decrypt', 'kms:GenerateDataKey'];
    role.addToPolicy(useOfKey(scope, secret, secret.encryptionKey, actions));
  }
  if (recoverySecret) {
    allowReading(role, recoverySecret);
  }
  logGroup.grantWrite(role);
  if (vpc) {
    allowNetworkInterfaces(role);
  }
  return role;
}

/** Its value, and nothing else: not even to describe it is needed. */
function allowReading(role: Role, secret: ISecret): void {
  role.addToPolicy(
    new PolicyStatement({
      actions: ['secretsmanager:GetSecretValue'],
      resources: [secretArnPattern(secret)],
    }),
  );
  if (secret.encryptionKey) {
    role.addToPolicy(useOfKey(role, secret, secret.encryptionKey, ['kms:Decrypt']));
  }
}

/** The actions with this key for this secret, and only through Secrets Manager. */
function useOfKey(
  scope: Construct,
  secret: ISecret,
  key: IKey,
  actions: string[],
): PolicyStatement {
  return new PolicyStatement({
    actions,
    resources: [key.keyArn],
    conditions: {
      StringEquals: { 'kms:ViaService': `secretsmanager.${Stack.of(scope).region}.amazonaws.com` },
      StringLike: { 'kms:EncryptionContext:SecretARN': secretArnPattern(secret) },
    },
  });
}

/** Lambda places the function in the VPC with the function's own role. */
function allowNetworkInterfaces(role: Role): void {
  // Below the role, so that the function waits for it; a policy of its own, so
  // that the acknowledgement covers nothing else.
  const policy = new Policy(role, 'NetworkInterfaces', {
    roles: [role],
    statements: [
      new PolicyStatement({
        actions: [
          'ec2:CreateNetworkInterface',
          'ec2:DeleteNetworkInterface',
          'ec2:DescribeNetworkInterfaces',
          'ec2:DetachNetworkInterface',
        ],
        resources: ['*'],
      }),
    ],
  });
  Validations.of(policy).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason:
      'Lambda creates the network interfaces of a function in a VPC under ids that nobody knows beforehand, and ec2:DescribeNetworkInterfaces knows no resources.',
  });
}

/** The secret's ARN, as policies and permissions must say it. */
export function secretArnPattern(secret: ISecret): string {
  // An ARN that was made of a name lacks the six random characters at its end.
  return secret.secretFullArn ?? `${secret.secretArn}-??????`;
}
