import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { z } from 'zod';
import {
  parseGitLabUrl,
  parseNoProxy,
  parseProxyUrl,
  parseRecoverySecretArn,
  parseTopicArn,
} from '../../../lambda/settings/variables.ts';
import { rotationSettings, SECRET_EXAMPLE, secrets } from './secret.ts';
import { distinct, keyArn, parsed, pattern, withoutCredentials } from './values.ts';

/** Of the stack, unless rotation.json has another. */
export const STACK_NAME = 'GitLabTokenRotation';

const WATCH_TIME = 'a time like "07:30", or false if there is no daily watch';

const roleArn = pattern(
  /^arn:[a-z-]+:iam::\d{12}:role\/(?:[\w+=,.@/-]*\/)?[\w+=,.@-]+$/,
  'the ARN of a role, like arn:aws:iam::123456789012:role/rotation',
);

/** Everything that rotation.json can say. Editors show the descriptions. */
export const rotationSchema = z
  .strictObject({
    $schema: z.string().optional(),
    stackName: pattern(
      /^[A-Za-z][A-Za-z0-9-]{0,127}$/,
      'the name of a stack: a letter, and up to 127 more letters, digits and hyphens',
    )
      .optional()
      .describe(`The CloudFormation stack. Default: ${STACK_NAME}`),
    gitlabUrl: parsed(withoutCredentials(parseGitLabUrl)).describe(
      'The https URL of GitLab, like https://gitlab.example.com. The tokens are sent nowhere else',
    ),
    alertEmails: distinct(z.email(), 'platform@example.com')
      .optional()
      .describe(
        'Who gets a mail when a rotation fails, once the link in the first mail is followed',
      ),
    ...rotationSettings,
    watchTime: z
      .union([pattern(/^(?:[01]\d|2[0-3]):[0-5]\d$/, WATCH_TIME), z.literal(false)], {
        error: ({ input }) => `must be ${WATCH_TIME}, got ${JSON.stringify(input)}`,
      })
      .optional()
      .describe('When the watch looks at all secrets each day, or false. Default: 06:00'),
    watchTimeZone: z
      .string()
      .optional()
      .describe('The time zone of watchTime, like Europe/Berlin. Default: Etc/UTC'),
    weeklyReport: z
      .boolean()
      .optional()
      .describe('Whether the watch also tells on Mondays that all is well. Default: false'),
    dashboard: z
      .boolean()
      .optional()
      .describe('Whether there is a CloudWatch dashboard. Default: true'),
    recoverySecret: z
      .strictObject({ arn: parsed(parseRecoverySecretArn), encryptionKeyArn: keyArn.optional() })
      .meta({
        examples: [
          { arn: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:recovery-AbCdEf' },
        ],
      })
      .optional()
      .describe('The full ARN of the secret with the recovery credential, and its KMS key'),
    failureTopic: z
      .strictObject({ arn: parsed(parseTopicArn), encryptionKeyArn: keyArn.optional() })
      .meta({ examples: [{ arn: 'arn:aws:sns:eu-central-1:123456789012:alerts' }] })
      .optional()
      .describe('An SNS topic of yours for the alerts, and its KMS key. Default: one is created'),
    certificateAuthority: z
      .string()
      .min(1)
      .optional()
      .describe('The path of a PEM file with the private certificate authority of GitLab'),
    httpsProxy: parsed(withoutCredentials(parseProxyUrl))
      .optional()
      .describe('The proxy to GitLab, like http://proxy.example.com:3128'),
    noProxy: parsed(withoutCredentials(parseNoProxy))
      .optional()
      .describe('Hosts that are reached without the proxy, separated by commas'),
    vpc: z
      .strictObject({
        id: pattern(/^vpc-[0-9a-f]+$/, 'the id of a VPC, like vpc-0123456789abcdef0'),
        subnetIds: distinct(
          pattern(/^subnet-[0-9a-f]+$/, 'the id of a subnet'),
          'subnet-0123456789abcdef0',
        )
          .min(1)
          .max(16)
          .optional(),
        securityGroupIds: distinct(
          pattern(/^sg-[0-9a-f]+$/, 'the id of a security group'),
          'sg-0123456789abcdef0',
        )
          .min(1)
          .max(5)
          .optional(),
      })
      .meta({
        examples: [{ id: 'vpc-0123456789abcdef0', subnetIds: ['subnet-0123456789abcdef0'] }],
      })
      .optional()
      .describe('The VPC of a private GitLab. It needs a way to Secrets Manager and SNS'),
    logRetentionDays: z
      .literal(Object.values(RetentionDays).filter((days) => typeof days === 'number'))
      .optional()
      .describe('Days for which the logs are kept; 9999 is for ever. Default: 365'),
    logEncryptionKeyArn: keyArn.optional().describe('A KMS key for the logs'),
    environmentEncryptionKeyArn: keyArn
      .optional()
      .describe('A KMS key for the environment of the functions'),
    roleArn: roleArn
      .optional()
      .describe('A role of yours for the rotation. Default: one is created'),
    watchRoleArn: roleArn
      .optional()
      .describe('A role of yours for the watch and its schedule. Default: two are created'),
    permissionsBoundaryArn: pattern(
      /^arn:[a-z-]+:iam::(?:aws|\d{12}):policy\/(?:[\w+=,.@/-]*\/)?[\w+=,.@-]+$/,
      'the ARN of a managed policy, like arn:aws:iam::123456789012:policy/boundary',
    )
      .optional()
      .describe('The permissions boundary of the new roles'),
    memorySize: z
      .int()
      .min(128)
      .max(10_240)
      .optional()
      .describe('The memory of the rotation function in MB. Default: 256'),
    secrets: secrets.describe('The secrets whose tokens rotate, at least one'),
  })
  .meta({
    title: 'rotation.json',
    description: 'The settings of gitlab-token-rotation',
    examples: [{ gitlabUrl: 'https://gitlab.example.com', secrets: [SECRET_EXAMPLE] }],
  });

export type RotationSettings = z.output<typeof rotationSchema>;

/** `infra/rotation.schema.json`, for editors. What is code here is not in it. */
export function jsonSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(rotationSchema, { io: 'input' }), null, 2)}\n`;
}
