import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { type App, Duration, Stack, TimeZone } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Schedule } from 'aws-cdk-lib/aws-events';
import { ManagedPolicy, Role } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import {
  AwsSolutionsChecks,
  HIPAASecurityChecks,
  NIST80053R5Checks,
  PCIDSS321Checks,
  ServerlessChecks,
} from 'cdk-nag';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { REASONS } from '../../../infra/construct/acknowledged.ts';
import { createApp, HERE, RECOVERY_SECRET_ARN, ROOT, rotationOf, SECRET_ARN } from '../cdk-app.ts';

const PACKS = [
  AwsSolutionsChecks,
  ServerlessChecks,
  NIST80053R5Checks,
  HIPAASecurityChecks,
  PCIDSS321Checks,
];

const folder = mkdtempSync(join(tmpdir(), 'nag-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

/** One secret, and nothing that is not needed. */
function defaultStack(): Stack {
  const stack = new Stack(createApp(), 'Default', { env: HERE });
  rotationOf(stack).addSecret({ secretName: 'my-token', create: true });
  return stack;
}

/** All that props can set, but for what excludes something else. */
function fullestStack(): Stack {
  const stack = new Stack(createApp(), 'Fullest', { env: HERE });
  const certificateAuthority = join(folder, 'ca.pem');
  writeFileSync(certificateAuthority, `${rootCertificates[0]}\n`);
  const encryptionKey = new Key(stack, 'Key', { enableKeyRotation: true });
  const rotation = rotationOf(stack, {
    alertEmails: ['platform@example.com'],
    window: Duration.hours(3),
    alternatingTokens: true,
    recoverySecret: Secret.fromSecretCompleteArn(stack, 'Recovery', RECOVERY_SECRET_ARN),
    logEncryptionKey: encryptionKey,
    environmentEncryptionKey: encryptionKey,
    vpc: Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-0123456789abcdef0',
      availabilityZones: ['eu-west-1a'],
      privateSubnetIds: ['subnet-0123456789abcdef0'],
      privateSubnetRouteTableIds: ['rtb-0123456789abcdef0'],
    }),
    certificateAuthority,
    httpsProxy: 'http://proxy.example.com:3128',
    permissionsBoundary: ManagedPolicy.fromManagedPolicyName(stack, 'Boundary', 'boundary'),
    memorySize: 512,
    noProxy: '.acme.internal',
    logRetention: RetentionDays.ONE_MONTH,
    schedule: Schedule.rate(Duration.days(7)),
    tokenLifetime: Duration.days(60),
    tokenField: 'password',
    projectId: '7',
    watchTime: '07:30',
    watchTimeZone: TimeZone.EUROPE_BERLIN,
    weeklyReport: true,
  });
  rotation.addSecret({ secretName: 'created', create: true, encryptionKey });
  rotation.addSecret({ secretName: 'existing', alternatingTokens: false });
  rotation.addSecret({ secret: Secret.fromSecretCompleteArn(stack, 'ByArn', SECRET_ARN) });
  const arn = 'arn:aws:sqs:eu-west-1:123456789012:reload';
  const target = { bind: () => ({ arn, deadLetterConfig: { arn: `${arn}-dead` } }) };
  rotation.onRotated('Reload', { target });
  return stack;
}

function importedRolesStack(): Stack {
  const stack = new Stack(createApp(), 'ImportedRoles', { env: HERE });
  const role = Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::123456789012:role/rotation');
  const watchRole = Role.fromRoleArn(stack, 'WatchRole', 'arn:aws:iam::123456789012:role/watch');
  rotationOf(stack, { role, watchRole }).addSecret({ secretName: 'my-token' });
  return stack;
}

/** Of another account, to which alarms and functions publish. */
function foreignTopicStack(): Stack {
  const stack = new Stack(createApp(), 'ForeignTopic', { env: HERE });
  const topicArn = 'arn:aws:sns:eu-west-1:111122223333:alerts';
  const keyArn = 'arn:aws:kms:eu-west-1:111122223333:key/of-the-topic';
  const failureTopic = Topic.fromTopicAttributes(stack, 'Topic', { topicArn, keyArn });
  rotationOf(stack, { failureTopic }).addSecret({ secretName: 'my-token' });
  return stack;
}

describe.each([
  ['the default', defaultStack()],
  ['the fullest configuration', fullestStack()],
  ['a topic of another account', foreignTopicStack()],
  ['imported roles', importedRolesStack()],
])('%s', (_, stack) => {
  it.each(PACKS.map((Pack) => new Pack()))(
    'leaves $packName of cdk-nag nothing to find',
    (pack) => {
      const { violations } = pack.validateScope(stack);

      expect(violations.map(({ ruleName, description }) => `${ruleName}: ${description}`)).toEqual(
        [],
      );
    },
  );

  it("leaves CDK's own checks of its template nothing to find", () => {
    vi.stubEnv('CDK_VALIDATION', 'true');

    const { directory } = (stack.node.root as App).synth();

    const { pluginReports }: { pluginReports: readonly { readonly pluginName: string }[] } =
      JSON.parse(readFileSync(join(directory, 'validation-report.json'), 'utf8'));
    // Our own warnings are in the report too.
    expect(
      pluginReports.filter(({ pluginName }) => pluginName !== 'Construct Annotations'),
    ).toEqual([]);
  });
});

it('each rule that is acknowledged stands in the table with its reason, and no other', () => {
  const readme = readFileSync(join(ROOT, 'infra', 'construct', 'README.md'), 'utf8');
  const [, chapter = ''] = /^## What cdk-nag says$(.+?)^## /ms.exec(readme) ?? [];
  const [, , ...rows] = chapter.matchAll(/^\| (.+?) \| (.+) \|$/gm);
  const told = rows.flatMap(([, rules = '', reason = '']) =>
    rules.split(', ').map((rule) => [rule, reason.replaceAll('`', '')]),
  );

  expect(Object.fromEntries(told)).toEqual(REASONS);
});
