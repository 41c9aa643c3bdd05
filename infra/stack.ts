import { ArnFormat, CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { AccountRootPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { CfnSecret, type ISecret, ResourcePolicy, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { GitLabTokenRotation, type GitLabTokenRotationProps } from './gitlab-token-rotation.ts';
import { checkOtherName, checkRecoverySecretArn } from './recovery-secret.ts';
import { checkKeyArn } from './synth-checks.ts';

/** The construct's props, with names and ids in the place of objects. */
export interface GitLabTokenRotationStackProps
  extends StackProps,
    Omit<GitLabTokenRotationProps, 'secret' | 'recoverySecret' | 'vpc'> {
  /** The secret: one that this stack creates, empty, by name; or one that exists, by name or full ARN. */
  readonly secret: { readonly create: string } | { readonly existing: string };

  /**
   * The ARN of the KMS key that encrypts the secret.
   *
   * @default - the key `aws/secretsmanager`
   */
  readonly encryptionKeyArn?: string;

  /**
   * The full ARN of the secret with the recovery credential, six characters at
   * its end included: see `recoverySecret` of the construct.
   *
   * @default - a token whose value was lost is replaced by a person
   */
  readonly recoverySecretArn?: string;

  /**
   * The ARN of the KMS key that encrypts the recovery secret.
   *
   * @default - the key `aws/secretsmanager`
   */
  readonly recoverySecretKeyArn?: string;

  /**
   * Who gets a mail when a rotation fails, once the link in the first mail has
   * confirmed the address.
   *
   * @default - nobody, until somebody subscribes to the topic
   */
  readonly alertEmail?: string;

  /**
   * The id of the VPC from which GitLab is reached.
   *
   * @default - none, which is enough for a public GitLab
   */
  readonly vpcId?: string;
}

/** One GitLab token and all that its rotation needs. */
export class GitLabTokenRotationStack extends Stack {
  readonly rotation: GitLabTokenRotation;

  constructor(scope: Construct, id: string, props: GitLabTokenRotationStackProps) {
    super(scope, id, { description: 'Rotates a GitLab token in AWS Secrets Manager', ...props });
    const { alertEmail, vpcId } = props;
    const encryptionKey = importKey(this, 'SecretKey', props, 'encryptionKeyArn');
    const secret =
      'create' in props.secret
        ? createSecret(this, props.secret.create, encryptionKey)
        : importSecret(this, props.secret.existing, encryptionKey);
    const recoverySecret = importRecoverySecret(this, props);

    this.rotation = new GitLabTokenRotation(this, 'Rotation', {
      ...props,
      secret,
      ...(recoverySecret && { recoverySecret }),
      ...(vpcId !== undefined && { vpc: Vpc.fromLookup(this, 'Vpc', { vpcId }) }),
    });
    if (alertEmail !== undefined) {
      this.rotation.failureTopic.addSubscription(new EmailSubscription(alertEmail));
    }

    new CfnOutput(this, 'SecretArn', { value: secret.secretArn });
    new CfnOutput(this, 'FailureTopicArn', { value: this.rotation.failureTopic.topicArn });
    new CfnOutput(this, 'FunctionName', { value: this.rotation.function.functionName });
    new CfnOutput(this, 'LogGroupName', { value: this.rotation.logGroup.logGroupName });
  }
}

/**
 * A secret without a value: whatever value a template holds, CloudFormation
 * would write over the rotated one. So no `Secret`, which generates one.
 */
function createSecret(scope: Construct, name: string, encryptionKey?: IKey): ISecret {
  const created = new CfnSecret(scope, 'Secret', {
    name,
    description: 'A GitLab token that rotates itself',
    ...(encryptionKey && { kmsKeyId: encryptionKey.keyArn }),
  });
  // It outlives the stack, for the only copy of the token is in it; but not a
  // first deployment that fails, after which it is still empty.
  created.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
  const secret = Secret.fromSecretAttributes(scope, 'CreatedSecret', {
    secretCompleteArn: created.ref,
    ...(encryptionKey && { encryptionKey }),
  });
  // What `secret.denyAccountRootDelete()` does, which an imported secret ignores:
  // while it is rotated, nobody of this account deletes it.
  new ResourcePolicy(scope, 'SecretPolicy', { secret }).document.addStatements(
    new PolicyStatement({
      effect: Effect.DENY,
      principals: [new AccountRootPrincipal()],
      actions: ['secretsmanager:DeleteSecret'],
      resources: ['*'],
    }),
  );
  return secret;
}

function importSecret(scope: Stack, nameOrArn: string, encryptionKey?: IKey): ISecret {
  const arn = nameOrArn.startsWith('arn:')
    ? { secretCompleteArn: nameOrArn }
    : { secretPartialArn: arnOf(scope, nameOrArn) };
  return Secret.fromSecretAttributes(scope, 'Secret', {
    ...arn,
    ...(encryptionKey && { encryptionKey }),
  });
}

function importRecoverySecret(
  scope: Stack,
  props: GitLabTokenRotationStackProps,
): ISecret | undefined {
  const { recoverySecretArn: secretCompleteArn } = props;
  if (secretCompleteArn === undefined) {
    if (props.recoverySecretKeyArn !== undefined) {
      throw new Error('recoverySecretKeyArn needs recoverySecretArn too');
    }
    return undefined;
  }
  checkRecoverySecretArn(secretCompleteArn);
  const encryptionKey = importKey(scope, 'RecoverySecretKey', props, 'recoverySecretKeyArn');
  const recoverySecret = Secret.fromSecretAttributes(scope, 'RecoverySecret', {
    secretCompleteArn,
    ...(encryptionKey && { encryptionKey }),
  });
  if ('create' in props.secret) {
    checkOtherName(scope, recoverySecret, props.secret.create);
  }
  return recoverySecret;
}

function importKey(
  scope: Stack,
  id: string,
  props: GitLabTokenRotationStackProps,
  name: 'encryptionKeyArn' | 'recoverySecretKeyArn',
): IKey | undefined {
  const keyArn = props[name];
  if (keyArn === undefined) {
    return undefined;
  }
  checkKeyArn(name, keyArn);
  return Key.fromKeyArn(scope, id, keyArn);
}

function arnOf(stack: Stack, secretName: string): string {
  return stack.formatArn({
    service: 'secretsmanager',
    resource: 'secret',
    resourceName: secretName,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}
