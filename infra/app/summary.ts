import { beside, paragraph } from '../terminal/layout.ts';
import { faint, strong } from '../terminal/paint.ts';
import { countOf, type Properties } from './deployment/kinds.ts';

/** A stack as it was synthesised. */
export interface SynthesisedStack {
  readonly stackName: string;
  readonly template: { readonly Resources?: Readonly<Record<string, Resource>> };
}

interface Resource {
  readonly Type: string;
  readonly Properties?: Properties;
}

/**
 * What would be deployed, in plain words: a screen also for thirty secrets.
 *
 * @param names of all secrets that the function rotates
 */
export function presentStack(
  { stackName, template }: SynthesisedStack,
  names: readonly string[],
  width: number,
): string {
  const resources = Object.values(template.Resources ?? {});
  return [
    strong(`Stack ${stackName}`),
    '',
    ...facts(resources).flatMap(([name, text]) => beside(`  ${name.padEnd(10)}`, text, width)),
    '',
    ...presentSecrets(resources, names, width),
    '',
    ...paragraph(`${resources.length} resources: ${presentCounts(resources)}`, width),
  ].join('\n');
}

/** Variables of the function that the table of the secrets shows. */
const IN_TABLE = ['TOKEN_LIFETIME_DAYS', 'ALTERNATING_TOKENS', 'SECRET_SETTINGS'];

function facts(resources: readonly Resource[]): readonly (readonly [string, string])[] {
  const lambda = rotationFunction(resources);
  const [log = {}] = propertiesOf(resources, 'AWS::Logs::LogGroup');
  const addresses = propertiesOf(resources, 'AWS::SNS::Subscription').map(
    ({ Endpoint }) => Endpoint,
  );
  const { GITLAB_URL, FAILURE_TOPIC_ARN, ...variables } = variablesOf(lambda);
  const others = Object.keys(variables).filter((name) => !IN_TABLE.includes(name));
  return [
    ['GitLab', String(GITLAB_URL)],
    [
      'Function',
      `${lambda['Runtime']}, ${lambda['Architectures']}, ${lambda['MemorySize']} MB${lambda['VpcConfig'] === undefined ? '' : ', in a VPC'}`,
    ],
    ...(others.length > 0 ? [['Variables', others.join(', ')] as const] : []),
    ['Alerts', presentAlerts(FAILURE_TOPIC_ARN, addresses)],
    ['Watch', presentWatch(resources)],
    ['Alarms', presentAlarms(resources)],
    ['Dashboard', presentDashboard(resources)],
    ['Log', presentRetention(log)],
  ];
}

/** @param topic the ARN of one that exists, else a reference */
function presentAlerts(topic: unknown, addresses: readonly unknown[]): string {
  const own = typeof topic === 'string';
  const to = own ? topic : 'a new topic';
  if (addresses.length > 0) {
    return `${to}, by mail to ${addresses.join(', ')}`;
  }
  return own
    ? to
    : `${to}, to which nobody is subscribed: set alertEmails, or subscribe a chat (infra/operations.md, Alerts)`;
}

function presentRetention({ RetentionInDays: days }: Properties): string {
  if (days === undefined) {
    return 'kept for ever';
  }
  return days === 1 ? 'kept for a day' : `kept for ${days} days`;
}

/** Not the watch, which has the same variables. */
function rotationFunction(resources: readonly Resource[]): Properties {
  const functions = propertiesOf(resources, 'AWS::Lambda::Function');
  return functions.find(({ Handler }) => Handler !== 'index.watch') ?? {};
}

/** "daily at 06:00 Etc/UTC". The days are those of all schedules. */
function presentWatch(resources: readonly Resource[]): string {
  const schedules = propertiesOf(resources, 'AWS::Scheduler::Schedule');
  const { ScheduleExpression, ScheduleExpressionTimezone } = schedules[0] ?? {};
  const [, minute, hour] = /^cron\((\d+) (\d+) /.exec(String(ScheduleExpression)) ?? [];
  if (minute === undefined || hour === undefined) {
    return 'not daily, only when AWS reports a failed rotation';
  }
  const time = `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`;
  const weekly = schedules.length > 1 ? ', on Mondays also if all is well' : '';
  return `daily at ${time} ${ScheduleExpressionTimezone}${weekly}`;
}

/** By the metric of the alarm: when it sounds. */
const ALARMS: Readonly<Record<string, string>> = {
  Errors: 'function fails',
  SecretsWithFindings: 'watch does not end',
  DaysToExpiry: 'token expires within a week',
};

function presentAlarms(resources: readonly Resource[]): string {
  const alarms = propertiesOf(resources, 'AWS::CloudWatch::Alarm');
  return alarms.map(({ MetricName: name }) => ALARMS[String(name)] ?? String(name)).join(', ');
}

function presentDashboard(resources: readonly Resource[]): string {
  const dashboards = propertiesOf(resources, 'AWS::CloudWatch::Dashboard');
  return dashboards.length > 0 ? 'in CloudWatch' : 'none';
}

function presentSecrets(
  resources: readonly Resource[],
  names: readonly string[],
  width: number,
): readonly string[] {
  const lambda = rotationFunction(resources);
  const schedules = propertiesOf(resources, 'AWS::SecretsManager::RotationSchedule');
  const created = propertiesOf(resources, 'AWS::SecretsManager::Secret').length;
  const rows = [
    ['Secret', 'Schedule (UTC)', 'Window', 'Lifetime', 'Tokens'],
    ...names.map((name) => {
      const schedule = schedules.find(({ SecretId }) => SecretId === name);
      return secretRow(name, schedule, variablesOf(lambda));
    }),
  ];
  const widths = rows[0]?.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const [head = '', ...lines] = rows.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths?.[column] ?? 0)).join('  ')}`.trimEnd(),
  );
  return [
    faint(head),
    ...lines,
    '',
    ...presentOwn(names, variablesOf(lambda), width),
    ...paragraph(`A deployment rotates nothing. ${presentCreated(created, names.length)}`, width),
  ];
}

function presentCreated(created: number, all: number): string {
  if (created === 0) {
    return all === 1 ? 'The secret exists already.' : 'The secrets exist already.';
  }
  const which =
    all === 1 ? 'The secret is' : `${created} of ${all} secrets ${created === 1 ? 'is' : 'are'}`;
  return `${which} created: empty, and kept when the stack is deleted.`;
}

/** @param schedule absent for a secret of another account, where its owner sets it */
function secretRow(
  name: string,
  schedule: Properties | undefined,
  variables: Properties,
): readonly string[] {
  const rules = membersOf(schedule?.['RotationRules']);
  const own = ownSettings(name, variables);
  const days = own['tokenLifetimeDays'] ?? variables['TOKEN_LIFETIME_DAYS'];
  const alternating = own['alternatingTokens'] ?? variables['ALTERNATING_TOKENS'] === 'true';
  return [
    name,
    String(rules['ScheduleExpression'] ?? 'set in its account'),
    String(rules['Duration'] ?? (schedule ? defaultWindow(rules) : '-')),
    `${days} days`,
    alternating === true ? 'two' : 'one',
  ];
}

/** What the table has no column for. */
function presentOwn(
  names: readonly string[],
  variables: Properties,
  width: number,
): readonly string[] {
  const lines = ['tokenField', 'projectId'].flatMap((key) => {
    const secrets = names.filter((name) => key in ownSettings(name, variables));
    return secrets.length === 0 ? [] : paragraph(`Own ${key}: ${secrets.join(', ')}`, width);
  });
  return lines.length === 0 ? [] : [...lines, ''];
}

function ownSettings(name: string, variables: Properties): Properties {
  return membersOf(membersOf(parsed(variables['SECRET_SETTINGS']))[name]);
}

/** Of a schedule in hours, one hour (Secrets Manager API, RotationRulesType). */
function defaultWindow({ ScheduleExpression }: Properties): string {
  return String(ScheduleExpression).includes(' hour') ? '1h' : 'rest of day';
}

function presentCounts(resources: readonly Resource[]): string {
  const types = [...new Set(resources.map(({ Type }) => Type))];
  return types
    .map((type) => countOf(type, resources.filter(({ Type }) => Type === type).length))
    .join(', ');
}

function propertiesOf(resources: readonly Resource[], type: string): readonly Properties[] {
  return resources.filter(({ Type }) => Type === type).map(({ Properties = {} }) => Properties);
}

function variablesOf(lambda: Properties): Properties {
  return membersOf(membersOf(lambda['Environment'])['Variables']);
}

function parsed(json: unknown): unknown {
  return typeof json === 'string' ? JSON.parse(json) : undefined;
}

function membersOf(value: unknown): Properties {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
