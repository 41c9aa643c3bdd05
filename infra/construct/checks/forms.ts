import type {
  GitLabTokenRotationProps,
  RotatedEventOptions,
  RotatedSecretProps,
  TokenRotationOptions,
} from '../props.ts';
import { nearestName } from './names.ts';
import { holdsToken, TOKEN_PROBLEM } from './token.ts';

/** What a prop may be, in words, and whether a value is that. */
interface Form {
  readonly allowed: string;
  readonly is: (value: unknown) => boolean;
}

/** Every prop has one, which the compiler checks. */
export type Forms<Props> = Readonly<Record<keyof Props, Form>>;

interface Rules<Props> {
  readonly forms: Forms<Props>;
  /** What must be set. */
  readonly required?: readonly (keyof Props)[];
  /** What can be misspelt. @default - all of them */
  readonly names?: readonly string[];
}

interface Checked<Props> {
  /** Without those that are undefined or null, which counts as absent. */
  readonly given: Props;
  /** The names of what is no prop. */
  readonly others: readonly string[];
}

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
  dashboard: BOOLEAN,
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
 * should be. An object that an app uses for several things may have other members; TypeScript takes
 * those, too, so they are a problem only if they can be the misspelling of a prop that is not set.
 *
 * @param where precedes the name of a prop
 * @throws {Error} with a line for each prop that is misspelt, has another form, or holds a token
 */
export function checkForms<Props extends object>(
  where: string,
  props: Props,
  { forms, required = [], names = Object.keys(forms) }: Rules<Props>,
): Checked<Props> {
  if (typeof props !== 'object' || props === null) {
    throw new Error(`${where}the props must be an object, got ${shown(props)}`);
  }
  const given = withoutAbsent(props, Object.keys(forms));
  const meant = misspeltNames(given, names);
  const problems = [
    ...Object.entries(meant).map(([name, near]) => `${name} is not a prop. Did you mean ${near}?`),
    ...required
      .filter((name) => given[name] === undefined && !Object.values(meant).includes(String(name)))
      .map((name) => `${String(name)} is missing: it must be ${forms[name].allowed}`),
    ...Object.entries<Form>(forms).flatMap(([name, form]) =>
      problemOf(name, given[name as keyof Props], form),
    ),
  ];
  if (problems.length > 0) {
    throw new Error(problems.map((problem) => `${where}${problem}`).join('\n'));
  }
  const others = Object.keys(given).filter((name) => !names.includes(name) && !isToken(name));
  return { given, others };
}

function problemOf(name: string, value: unknown, { allowed, is }: Form): string | [] {
  if (value === undefined) {
    return [];
  }
  if (!is(value)) {
    return `${name} must be ${allowed}, got ${shown(value)}`;
  }
  return [value].flat().some(isToken) ? `${name} ${TOKEN_PROBLEM}` : [];
}

/** By the name as it was given: the prop that was meant. */
function misspeltNames(props: object, known: readonly string[]): Readonly<Record<string, string>> {
  const names = Object.keys(props).filter((name) => !known.includes(name));
  const unset = known.filter((name) => !(name in props));
  return Object.fromEntries(
    names.flatMap((name) => {
      const near = nearestName(name, unset);
      return near === undefined ? [] : [[name, near]];
    }),
  );
}

/** @param known are read from objects of any class, too */
function withoutAbsent<Props extends object>(props: Props, known: readonly string[]): Props {
  const entries = [...new Set([...known, ...Object.keys(props)])].map((name): [string, unknown] => [
    name,
    props[name as keyof Props] ?? undefined,
  ]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as Props;
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

/** Never a text, which may be a token in the wrong place; an object by its class alone. */
function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null) {
    return Array.isArray(value) ? 'a list' : `an object (${value.constructor?.name ?? 'Object'})`;
  }
  const isShown = ['number', 'boolean', 'undefined', 'object'].includes(typeof value);
  return isShown ? String(value) : `a ${typeof value}`;
}

function isToken(value: unknown): boolean {
  return typeof value === 'string' && holdsToken(value);
}
