import type {
  GitLabTokenRotationProps,
  RotatedEventOptions,
  RotatedSecretProps,
  TokenRotationOptions,
} from '../props.ts';
import { knownNames, nearestName } from './names.ts';

/** What a prop may be, in words, and whether a value is that. */
interface Form {
  readonly allowed: string;
  readonly is: (value: unknown) => boolean;
}

/** Every prop has one, which the compiler checks. */
export type Forms<Props> = Readonly<Record<keyof Props, Form>>;

const TEXT = ofType('string', 'a string');
const BOOLEAN = ofType('boolean', 'true or false');
const NUMBER = ofType('number', 'a number');
const KEY = withMember('keyArn', 'a KMS key, like Key.fromKeyArn(…)');
const ROLE = withMember('roleArn', 'a role, like Role.fromRoleArn(…)');
const SECRET = withMember('secretArn', 'a secret, like Secret.fromSecretCompleteArn(…)');

const OPTIONS: Forms<TokenRotationOptions> = {
  schedule: withMember(
    'expressionString',
    "a Schedule, like Schedule.expression('cron(0 1 ? * SUN *)')",
  ),
  window: withMember('toHours', 'a Duration, like Duration.hours(3)'),
  tokenLifetime: withMember('toDays', 'a Duration, like Duration.days(90)'),
  alternatingTokens: BOOLEAN,
  tokenField: TEXT,
  projectId: TEXT,
};

export const CONSTRUCT_FORMS: Forms<GitLabTokenRotationProps> = {
  ...OPTIONS,
  gitlabUrl: { allowed: 'a string, like https://gitlab.example.com', is: TEXT.is },
  failureTopic: withMember('topicArn', 'a topic, like Topic.fromTopicArn(…)'),
  alertEmails: listOf(TEXT, "a list of strings, like ['platform@example.com']"),
  recoverySecret: SECRET,
  watchTime: {
    allowed: 'a time like 07:30, or false if there is no daily watch',
    is: (value) => TEXT.is(value) || value === false,
  },
  watchTimeZone: withMember('timezoneName', 'a TimeZone, like TimeZone.EUROPE_BERLIN'),
  weeklyReport: BOOLEAN,
  logRetention: { allowed: 'a number of days, like RetentionDays.ONE_YEAR', is: NUMBER.is },
  logEncryptionKey: KEY,
  environmentEncryptionKey: KEY,
  vpc: withMember('vpcId', 'a VPC, like Vpc.fromLookup(…)'),
  vpcSubnets: ofType('object', 'a selection, like { subnetType: SubnetType.PRIVATE_WITH_EGRESS }'),
  securityGroups: listOf(
    withMember('securityGroupId', ''),
    'a list of security groups, like [SecurityGroup.fromSecurityGroupId(…)]',
  ),
  certificateAuthority: TEXT,
  httpsProxy: TEXT,
  noProxy: TEXT,
  role: ROLE,
  watchRole: ROLE,
  permissionsBoundary: withMember(
    'managedPolicyArn',
    'a managed policy, like ManagedPolicy.fromManagedPolicyArn(…)',
  ),
  memorySize: NUMBER,
};

export const SECRET_FORMS: Forms<RotatedSecretProps> = {
  ...OPTIONS,
  secretName: TEXT,
  secret: SECRET,
  create: BOOLEAN,
  encryptionKey: KEY,
};

export const EVENT_FORMS: Forms<RotatedEventOptions> = {
  secretNames: listOf(TEXT, "a list of names, like ['app/gitlab-token']"),
  target: withMember('bind', 'a target, like new LambdaFunction(…)'),
  eventPattern: ofType('object', 'a pattern, like { account: [...] }'),
  crossStackScope: withMember('node', 'a construct'),
  ruleName: TEXT,
  description: TEXT,
};

/**
 * What TypeScript would refuse, for apps in JavaScript: everything else reads the props as what they
 * should be.
 *
 * @param where precedes the name of a prop
 * @param required what must be set
 * @throws {Error} with a line for each prop that has another form, or that is not known
 */
export function checkForms<Props extends object>(
  where: string,
  props: Props,
  forms: Forms<Props>,
  required: readonly (keyof Props)[] = [],
): void {
  if (typeof props !== 'object' || props === null) {
    throw new Error(`${where}the props must be an object, got ${given(props)}`);
  }
  const known = Object.keys(forms);
  const unknown = Object.keys(props).filter((name) => !known.includes(name));
  const meant = unknown.map((name) => nearestName(name, known));
  const problems = [
    ...unknown.map((name) => `${name} is not a prop. ${knownNames(name, known)}`),
    ...required
      .filter((name) => props[name] === undefined && !meant.includes(String(name)))
      .map((name) => `${String(name)} is missing: it must be ${forms[name].allowed}`),
    ...Object.entries<Form>(forms).flatMap(([name, form]) => {
      const value: unknown = props[name as keyof Props];
      return value === undefined || form.is(value)
        ? []
        : `${name} must be ${form.allowed}, got ${given(value)}`;
    }),
  ];
  if (problems.length > 0) {
    throw new Error(problems.map((problem) => `${where}${problem}`).join('\n'));
  }
}

function ofType(type: string, allowed: string): Form {
  return { allowed, is: (value) => typeof value === type && value !== null };
}

/** By a member, not by its class: an app may have two copies of CDK. */
function withMember(name: string, allowed: string): Form {
  return { allowed, is: (value) => typeof value === 'object' && value !== null && name in value };
}

function listOf({ is }: Form, allowed: string): Form {
  return { allowed, is: (value) => Array.isArray(value) && value.every(is) };
}

/** An object by its class alone, and no text with an @, which may hold a password. */
function given(value: unknown): string {
  if (typeof value === 'object' && value !== null) {
    return Array.isArray(value) ? 'a list' : `an object (${value.constructor?.name ?? 'Object'})`;
  }
  const isShown = ['number', 'boolean', 'undefined', 'object'].includes(typeof value);
  const isText = typeof value === 'string' && !value.includes('@');
  return isShown || isText ? String(JSON.stringify(value)) : `a ${typeof value}`;
}
