import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

const PACKS = ['AwsSolutions', 'Serverless', 'NIST.800.53.R5', 'HIPAA.Security', 'PCI.DSS.321'];

/** The findings of cdk-nag that stay, and why. infra/construct/README.md tells them too. */
export const REASONS = {
  CloudWatchLogGroupEncrypted:
    'CloudWatch Logs encrypts every log, and no token is in this one. logEncryptionKey encrypts it with a key of yours.',
  EventBusDLQ:
    'EventBridge tries for 24 hours, and the event stays in CloudTrail, from where it comes.',
  IAMNoInlinePolicy:
    'The policy is for this role alone: a managed one could be attached to others.',
  'IAM5[Resource::*]':
    'Lambda creates the network interfaces of a function in a VPC under ids that nobody knows beforehand, and ec2:DescribeNetworkInterfaces knows no resources.',
  LambdaConcurrency:
    'Reserved concurrency can stop a rotation between two of its steps, and the watch runs once a day.',
  LambdaDLQ:
    'Secrets Manager waits for the answer of the function, so a dead-letter queue would stay empty. The watch reports its failures to the topic.',
  LambdaInsideVPC:
    'Only AWS services invoke the functions, which open no port. vpc places them in a VPC, from where they reach a private GitLab.',
  LambdaTracing:
    'The log tells each step. X-Ray would need a permission on all resources, and a way out of a VPC.',
  SecretsManagerRotationEnabled:
    'The schedule names the secret by its name, which cdk-nag does not look for.',
  SecretsManagerUsingKMSKey:
    'Secrets Manager encrypts every secret. encryptionKey encrypts it with a key of yours.',
  SNSRedrivePolicy: 'What an e-mail tells is in the log of the function or in CloudTrail too.',
  SMG4: 'The schedule names the secret by its name, which cdk-nag does not look for.',
} as const;

/** Of the construct and of all below it. */
export function acknowledge(construct: IConstruct, ...rules: (keyof typeof REASONS)[]): void {
  for (const rule of rules) {
    const ids = PACKS.map((pack) => ({ id: `${pack}-${rule}`, reason: REASONS[rule] }));
    Validations.of(construct).acknowledge(...ids);
  }
}
