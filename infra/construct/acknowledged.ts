import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

const PACKS = ['AwsSolutions', 'Serverless', 'NIST.800.53.R5', 'HIPAA.Security', 'PCI.DSS.321'];

/** The findings of cdk-nag that stay, and why. infra/README.md tells them too. */
const REASONS = {
  CloudWatchLogGroupEncrypted:
    'CloudWatch Logs encrypts every log, and no token is in this one. logEncryptionKey encrypts it with a key of yours.',
  EventBusDLQ:
    'EventBridge tries for 24 hours. The same failure is told by the function and by its alarm.',
  IAMNoInlinePolicy:
    'The policy is for this role alone: a managed one could be attached to others.',
  'IAM5[Resource::*]':
    'Lambda creates the network interfaces of a function in a VPC under ids that nobody knows beforehand, and ec2:DescribeNetworkInterfaces knows no resources.',
  LambdaConcurrency: 'Reserved concurrency can stop a rotation between two of its steps.',
  LambdaDLQ:
    'Secrets Manager waits for the answer of the function, so a dead-letter queue would stay empty.',
  LambdaInsideVPC:
    'Only Lambda invokes it, and it opens no port. vpc places it in a VPC, from where it reaches a private GitLab.',
  LambdaTracing:
    'The log tells each step. X-Ray would need a permission on all resources, and a way out of a VPC.',
  SecretsManagerRotationEnabled:
    'The schedule names the secret by its name, which cdk-nag does not look for.',
  SecretsManagerUsingKMSKey:
    'Secrets Manager encrypts every secret. encryptionKey encrypts it with a key of yours.',
  SNSRedrivePolicy: 'The failure that an e-mail tells is in the log and in the alarm too.',
  SMG4: 'The schedule names the secret by its name, which cdk-nag does not look for.',
} as const;

/** Of the construct and of all below it. */
export function acknowledge(construct: IConstruct, ...rules: (keyof typeof REASONS)[]): void {
  for (const rule of rules) {
    const ids = PACKS.map((pack) => ({ id: `${pack}-${rule}`, reason: REASONS[rule] }));
    Validations.of(construct).acknowledge(...ids);
  }
}
