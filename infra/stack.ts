import { CfnOutput, type Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Schedule } from 'aws-cdk-lib/aws-events';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { GitLabTokenRotation, type GitLabTokenRotationProps } from './index.ts';

/** The construct's props, with names and ids in the place of objects. */
export interface GitLabTokenRotationStackProps
  extends Omit<StackProps, 'permissionsBoundary'>,
    Omit<GitLabTokenRotationProps, 'schedule' | 'recoverySecret' | 'vpc' | 'permissionsBoundary'> {
  /** The secret: one that this stack creates, empty, by name; or one that exists, by name or full ARN. */
  readonly secret: { readonly create: string } | { readonly existing: string };

  /** How long from one rotation to the next. */
  readonly interval?: Duration;

  /** A cron expression, in the place of `interval`. */
  readonly scheduleExpression?: string;

  /** A local PEM file with the certificates of GitLab's authority. */
  readonly gitlabCaFile?: string;

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
    const { interval, scheduleExpression, gitlabCaFile } = props;
    const recoverySecret = importRecoverySecret(this, props);
    this.rotation = new GitLabTokenRotation(this, 'Rotation', {
      ...props,
      ...(scheduleExpression !== undefined
        ? { schedule: Schedule.expression(scheduleExpression) }
        : interval && { schedule: Schedule.rate(interval) }),
      ...(alertEmail !== undefined && { alertEmails: [alertEmail] }),
      ...(gitlabCaFile !== undefined && { certificateAuthority: gitlabCaFile }),
      ...(recoverySecret && { recoverySecret }),
      ...(vpcId !== undefined && { vpc: Vpc.fromLookup(this, 'Vpc', { vpcId }) }),
    });
    const encryptionKey = importKey(this, 'SecretKey', props, 'encryptionKeyArn');
    const key = encryptionKey && { encryptionKey };
    const create = 'create' in props.secret;
    const named = 'create' in props.secret ? props.secret.create : props.secret.existing;
    const secret = this.rotation.addSecret(
      named.startsWith('arn:')
        ? { secret: importSecret(this, named, encryptionKey) }
        : { secretName: named, create, ...key },
    );

    new CfnOutput(this, 'SecretArn', { value: secret.secretArn });
    new CfnOutput(this, 'FailureTopicArn', { value: this.rotation.failureTopic.topicArn });
    new CfnOutput(this, 'FunctionName', { value: this.rotation.function.functionName });
    new CfnOutput(this, 'LogGroupName', { value: this.rotation.logGroup.logGroupName });
  }
}

function importSecret(scope: Stack, secretCompleteArn: string, encryptionKey?: IKey): ISecret {
  return Secret.fromSecretAttributes(scope, 'Secret', {
    secretCompleteArn,
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
  const encryptionKey = importKey(scope, 'RecoverySecretKey', props, 'recoverySecretKeyArn');
  return Secret.fromSecretAttributes(scope, 'RecoverySecret', {
    secretCompleteArn,
    ...(encryptionKey && { encryptionKey }),
  });
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

/** A policy on an alias allows nothing. */
function checkKeyArn(name: string, keyArn: string): void {
  if (!/^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key\/[\w-]+$/.test(keyArn)) {
    throw new Error(
      `${name} must be the ARN of a key (arn:aws:kms:…:key/…), not of an alias, got ${JSON.stringify(keyArn)}`,
    );
  }
}
