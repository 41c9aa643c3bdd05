import { Duration, type Environment } from 'aws-cdk-lib';
import type { Node } from 'constructs';
import type { GitLabTokenRotationStackProps } from './stack.ts';

/** What `npx cdk deploy -c <key>=<value>` can say; cdk.json holds examples of the first two. */
const KEYS = [
  'gitlabUrl',
  'secretName',
  'existingSecret',
  'encryptionKeyArn',
  'recoverySecretArn',
  'recoverySecretKeyArn',
  'alertEmail',
  'intervalDays',
  'scheduleExpression',
  'tokenLifetimeDays',
  'alternatingTokens',
  'tokenField',
  'projectId',
  'gitlabCaFile',
  'httpsProxy',
  'noProxy',
  'vpcId',
  'stackName',
] as const;
type Key = (typeof KEYS)[number];
type Given = Readonly<Partial<Record<Key, string>>>;

/**
 * The stack's props, as the context of the app (`node` is the app's) gives them.
 *
 * `secretName` names a secret to create, `existingSecret` (a name or a full ARN)
 * one to use, and goes before it. The other keys are the stack's props, with
 * days for a Duration.
 *
 * @throws {Error} when something needed is missing, and when a key is not known
 */
export function readContext(node: Node): GitLabTokenRotationStackProps {
  const { gitlabUrl, secretName, existingSecret, ...settings } = givenKeys(node);
  const { intervalDays, tokenLifetimeDays, alternatingTokens, ...others } = settings;
  if (gitlabUrl === undefined) {
    throw missing('gitlabUrl', 'https://gitlab.example.com');
  }
  return {
    ...others,
    gitlabUrl,
    secret: secretOf(secretName, existingSecret),
    ...(intervalDays !== undefined && { interval: days('intervalDays', intervalDays) }),
    ...(tokenLifetimeDays !== undefined && {
      tokenLifetime: days('tokenLifetimeDays', tokenLifetimeDays),
    }),
    ...(alternatingTokens !== undefined && {
      alternatingTokens: yesOrNo('alternatingTokens', alternatingTokens),
    }),
    ...(others.vpcId !== undefined && { env: deployerEnvironment() }),
  };
}

function secretOf(
  secretName: string | undefined,
  existingSecret: string | undefined,
): GitLabTokenRotationStackProps['secret'] {
  if (existingSecret !== undefined) {
    return { existing: existingSecret };
  }
  if (secretName === undefined) {
    throw missing('secretName', 'my-project/gitlab-token');
  }
  return { create: secretName };
}

/** Every key that has a value. A number in cdk.json is as good as its text. */
function givenKeys(node: Node): Given {
  const context: Record<string, unknown> = node.getAllContext();
  // A misspelt gitlabUrl must not leave the example in force, to which the token
  // would then be sent. CDK's own keys have other characters than letters.
  const unknown = Object.keys(context).filter(
    (key) => /^[a-z]+$/i.test(key) && !KEYS.some((known) => known === key),
  );
  if (unknown.length > 0) {
    throw new Error(`unknown context ${unknown.join(', ')}; known are ${KEYS.join(', ')}`);
  }
  const entries = KEYS.map((key) => [key, String(context[key] ?? '').trim()] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== ''));
}

function days(key: Key, value: string): Duration {
  if (!/^\d+$/.test(value)) {
    throw new Error(`${key} must be a whole number of days, got ${JSON.stringify(value)}`);
  }
  return Duration.days(Number(value));
}

function yesOrNo(key: Key, value: string): boolean {
  if (value !== 'true' && value !== 'false') {
    throw new Error(`${key} must be true or false, got ${JSON.stringify(value)}`);
  }
  return value === 'true';
}

/** Where the CLI's credentials lead: CDK looks the VPC up there. */
function deployerEnvironment(): Environment {
  const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region } = process.env;
  return { ...(account && { account }), ...(region && { region }) };
}

function missing(key: Key, example: string): Error {
  return new Error(`context ${key} is missing: pass -c ${key}=${example}, or set it in cdk.json`);
}
