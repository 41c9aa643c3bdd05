import { type Stack, Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { RotationSettings } from '../../../infra/app/settings/schema.ts';
import { GitLabTokenRotationStack } from '../../../infra/app/stack.ts';
import { createApp, HERE, onlyResource, warningsOf } from '../cdk-app.ts';

const SECRET = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:app/a-AbCdEf';
const KEY = 'arn:aws:kms:eu-west-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef';
const TOPIC = 'arn:aws:sns:eu-west-1:123456789012:mine';

function abroad(arn: string): string {
  return arn.replace('eu-west-1', 'eu-central-1');
}

function foreign(arn: string): string {
  return arn.replace(HERE.account, '111122223333');
}

/** As the CDK sets it before the app runs; without credentials it knows no account. */
function stubPlace(account: string | undefined, region: string): void {
  vi.stubEnv('CDK_DEFAULT_ACCOUNT', account);
  vi.stubEnv('CDK_DEFAULT_REGION', region);
}

function createStack(settings: Partial<RotationSettings>): Stack {
  return new GitLabTokenRotationStack(createApp(), {
    gitlabUrl: 'https://gitlab.acme.dev',
    secrets: [{ name: 'app/b', create: true }],
    ...settings,
  });
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('the stack of rotation.json', () => {
  it('goes where the credentials lead', () => {
    stubPlace(HERE.account, HERE.region);

    expect(createStack({})).toMatchObject(HERE);
  });

  it('goes anywhere without credentials', () => {
    stubPlace(undefined, 'us-east-1');

    const { account, region } = createStack({});

    expect([account, region].map((each) => Token.isUnresolved(each))).toEqual([true, true]);
  });

  it('cannot look up a VPC without credentials', () => {
    stubPlace(undefined, 'us-east-1');

    expect(() => createStack({ vpc: { id: 'vpc-0123456789abcdef0' } })).toThrow(
      'vpc needs AWS credentials, to look up its subnets. Log in until this works: aws sts get-caller-identity',
    );
  });

  it('goes to the region of the ARNs without credentials', () => {
    stubPlace(undefined, 'us-east-1');

    const { account, region } = createStack({ failureTopic: { arn: TOPIC } });

    expect(region).toBe('eu-west-1');
    expect(Token.isUnresolved(account)).toBe(true);
  });

  it('has the same resources wherever it goes', () => {
    const ids = () =>
      Object.keys(
        Template.fromStack(
          createStack({ alertEmails: ['ops@acme.dev'], environmentEncryptionKeyArn: KEY }),
        ).toJSON()['Resources'],
      );
    stubPlace(undefined, 'us-east-1');
    const withoutCredentials = ids();
    stubPlace(HERE.account, HERE.region);

    expect(ids()).toEqual(withoutCredentials);
  });

  it('has no schedule for a secret of another account', () => {
    stubPlace(HERE.account, HERE.region);

    const stack = createStack({
      secrets: [
        { name: 'app/b', create: true },
        { arn: foreign(SECRET), encryptionKeyArn: foreign(KEY) },
      ],
      failureTopic: { arn: foreign(TOPIC) },
    });

    const template = Template.fromStack(stack);
    const schedule = onlyResource(template, 'AWS::SecretsManager::RotationSchedule');
    expect(schedule.Properties['SecretId']).toBe('app/b');
    const warnings = warningsOf(stack);
    expect(warnings.find((text) => text.startsWith('failureTopic is imported'))).toContain(
      `:iam::${HERE.account}:root`,
    );
  });
});

describe('what is in another place than the stack', () => {
  it.each<[string, Partial<RotationSettings>, readonly string[]]>([
    [
      'of another region',
      {
        secrets: [{ name: 'app/b' }, { arn: abroad(SECRET), encryptionKeyArn: abroad(KEY) }],
        recoverySecret: { arn: abroad(SECRET) },
        failureTopic: { arn: TOPIC },
        logEncryptionKeyArn: abroad(KEY),
      },
      [
        'secrets[1].arn is in eu-central-1, and the deployment goes to eu-west-1: both must be the same region. Set AWS_REGION=eu-central-1',
        'secrets[1].encryptionKeyArn is in',
        'recoverySecret.arn is in',
        'logEncryptionKeyArn is in',
      ],
    ],
    [
      'of another account',
      {
        secrets: [{ name: 'app/b' }, { arn: foreign(SECRET) }],
        recoverySecret: { arn: foreign(SECRET), encryptionKeyArn: foreign(KEY) },
        roleArn: 'arn:aws:iam::111122223333:role/rotation',
        permissionsBoundaryArn: 'arn:aws:iam::aws:policy/PowerUserAccess',
      },
      [
        'roleArn is in account 111122223333, and the deployment goes to 123456789012: both must be the same account',
        'secrets[1].arn is in account 111122223333, and the deployment goes to 123456789012: a secret of another account must have a KMS key of its own. Give it as secrets[1].encryptionKeyArn',
      ],
    ],
  ])('is refused when it is %s', (_, settings, problems) => {
    stubPlace(HERE.account, HERE.region);

    const lines = linesOf(() => createStack(settings));

    expect(lines).toEqual(problems.map((problem) => expect.stringContaining(problem)));
  });

  it('is refused without credentials when ARNs are in two regions', () => {
    stubPlace(undefined, 'us-east-1');

    const lines = linesOf(() =>
      createStack({ secrets: [{ arn: SECRET, encryptionKeyArn: abroad(KEY) }] }),
    );

    expect(lines).toEqual([
      'secrets[0].encryptionKeyArn is in eu-central-1, and secrets[0].arn in eu-west-1: all must be in one region',
    ]);
  });
});

/** The problems that are thrown. */
function linesOf(create: () => void): readonly string[] {
  try {
    create();
    return [];
  } catch (error) {
    return (error as Error).message.split('\n  ').slice(1);
  }
}
