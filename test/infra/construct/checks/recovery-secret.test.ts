import { type Environment, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { type ISecret, Secret, type SecretAttributes } from 'aws-cdk-lib/aws-secretsmanager';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../../lambda/settings/config.ts';
import {
  createApp,
  FOR_SECRETS_ONLY,
  HERE,
  onlyResource,
  RECOVERY_SECRET_ARN,
  roleStatements,
  rotationOf,
  rotationStack,
  SECRET_ARN,
} from '../../cdk-app.ts';

const KEY_ARN = 'arn:aws:kms:eu-west-1:123456789012:key/of-the-recovery-secret';
const OTHER_ACCOUNT_ARN = RECOVERY_SECRET_ARN.replace('123456789012', '111122223333');

type MakeSecret = (stack: Stack) => ISecret;

function stackWith(
  recoverySecret: MakeSecret,
  { env = HERE, rotated = byFullArn(SECRET_ARN) }: { env?: Environment; rotated?: MakeSecret } = {},
): Stack {
  const stack = new Stack(createApp(), 'Test', { env });
  const rotation = rotationOf(stack, { recoverySecret: recoverySecret(stack) });
  rotation.addSecret({ secret: rotated(stack) });
  return stack;
}

function byFullArn(arn: string, attributes: SecretAttributes = {}): MakeSecret {
  return (stack) =>
    Secret.fromSecretAttributes(stack, nextId(stack), { ...attributes, secretCompleteArn: arn });
}

function created(stack: Stack): ISecret {
  // Under exactOptionalPropertyTypes a Secret is no ISecret.
  return new Secret(stack, 'Recovery') as ISecret;
}

function byName(name: string): MakeSecret {
  return (stack) => Secret.fromSecretNameV2(stack, nextId(stack), name);
}

function nextId({ node }: Stack): string {
  return `Secret${node.children.length}`;
}

function withKey(arn: string): MakeSecret {
  return (stack) => byFullArn(arn, { encryptionKey: Key.fromKeyArn(stack, 'Key', KEY_ARN) })(stack);
}

/** What the role may do with a recovery secret, beside what it may do without one. */
function addedStatements(stack: Stack) {
  const before = roleStatements(Template.fromStack(rotationStack())).map((each) =>
    JSON.stringify(each),
  );
  return roleStatements(Template.fromStack(stack)).filter(
    (statement) => !before.includes(JSON.stringify(statement)),
  );
}

describe('the recovery secret', () => {
  it('is told to the function, in an environment that it can read', () => {
    const template = Template.fromStack(stackWith(byFullArn(RECOVERY_SECRET_ARN)));
    const { Properties } = onlyResource(template, 'AWS::Lambda::Function');
    const { Variables } = Properties['Environment'] as { Variables: Record<string, string> };

    const config = loadConfig({
      ...Variables,
      FAILURE_TOPIC_ARN: 'arn:aws:sns:eu-west-1:123456789012:failures',
    });

    expect(config).toMatchObject({ recoverySecretArn: RECOVERY_SECRET_ARN });
  });

  it('can be read by the function, and nothing else', () => {
    expect(addedStatements(stackWith(byFullArn(RECOVERY_SECRET_ARN)))).toEqual([
      { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: RECOVERY_SECRET_ARN },
    ]);
  });

  it('has its own key used to decrypt it alone, through Secrets Manager', () => {
    expect(addedStatements(stackWith(withKey(RECOVERY_SECRET_ARN)))).toEqual([
      { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: RECOVERY_SECRET_ARN },
      {
        Effect: 'Allow',
        Action: 'kms:Decrypt',
        Resource: KEY_ARN,
        Condition: FOR_SECRETS_ONLY,
      },
    ]);
  });

  it('may be one of the same app', () => {
    const template = Template.fromStack(stackWith(created));

    const recoverySecret = { Ref: onlyResource(template, 'AWS::SecretsManager::Secret').id };
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ RECOVERY_SECRET_ARN: recoverySecret }) },
    });
  });

  it.each<[string, MakeSecret, Parameters<typeof stackWith>[1]]>([
    ['in another account, with its key', withKey(OTHER_ACCOUNT_ARN), {}],
    ['where nobody knows the account yet', byFullArn(RECOVERY_SECRET_ARN), { env: {} }],
    ['beside a secret by name', byFullArn(RECOVERY_SECRET_ARN), { rotated: byName('my-token') }],
    [
      'of the same name in another account',
      withKey(SECRET_ARN.replace('123456789012', '111122223333')),
      { rotated: byName('my-token') },
    ],
    ['of the app, beside a secret by name', created, { rotated: byName('my-token') }],
  ])('is taken %s', (_, recoverySecret, options) => {
    expect(() => stackWith(recoverySecret, options)).not.toThrow();
  });
});

describe('at synthesis', () => {
  const ANOTHER = 'addSecret "my-token": recoverySecret must be another secret';

  it.each<[string, MakeSecret, Parameters<typeof stackWith>[1], string]>([
    [
      'one that is known by its name',
      byName('recovery'),
      {},
      'recoverySecret "recovery" must be known by its full ARN: import it with Secret.fromSecretCompleteArn',
    ],
    [
      'one that is known by a part of its ARN',
      (stack) =>
        Secret.fromSecretPartialArn(stack, 'Recovery', RECOVERY_SECRET_ARN.replace(/-\w+$/, '')),
      {},
      'recoverySecret "recovery" must be known by its full ARN: import it with Secret.fromSecretCompleteArn',
    ],
    ['the rotated one', byFullArn(SECRET_ARN), { rotated: byFullArn(SECRET_ARN) }, ANOTHER],
    ['the rotated one by name', byFullArn(SECRET_ARN), { rotated: byName('my-token') }, ANOTHER],
    [
      'what may be the rotated one',
      byFullArn(SECRET_ARN),
      { rotated: byName('my-token'), env: {} },
      ANOTHER,
    ],
    [
      'one of another region',
      byFullArn(RECOVERY_SECRET_ARN.replace('eu-west-1', 'eu-north-1')),
      {},
      'recoverySecret is in eu-north-1: it must be in the region of the function, eu-west-1',
    ],
    [
      'one of another account without its key',
      byFullArn(OTHER_ACCOUNT_ARN),
      {},
      'recoverySecret is in account 111122223333: it must be encrypted with a KMS key of its own, and be imported with it by Secret.fromSecretAttributes',
    ],
  ])('refuses %s', (_, recoverySecret, options, message) => {
    expect(() => stackWith(recoverySecret, options)).toThrow(new Error(message));
  });
});
