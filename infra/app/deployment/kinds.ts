/** The properties of a resource in a template. */
export type Properties = Readonly<Record<string, unknown>>;

/** One and many of a type of resource, and what tells one of them from the others. */
interface Kind {
  readonly one: string;
  readonly many: string;
  readonly label?: string;
}

const KINDS: Readonly<Record<string, Kind>> = {
  'AWS::SecretsManager::RotationSchedule': {
    one: 'rotation schedule',
    many: 'rotation schedules',
    label: 'SecretId',
  },
  'AWS::SecretsManager::Secret': { one: 'secret', many: 'secrets', label: 'Name' },
  'AWS::SecretsManager::ResourcePolicy': {
    one: 'policy of a secret',
    many: 'policies of secrets',
  },
  'AWS::Lambda::Function': { one: 'function', many: 'functions' },
  'AWS::Lambda::Permission': { one: 'permission to invoke', many: 'permissions to invoke' },
  'AWS::Lambda::EventInvokeConfig': {
    one: 'destination of failures',
    many: 'destinations of failures',
  },
  'AWS::Scheduler::Schedule': { one: 'schedule of the watch', many: 'schedules of the watch' },
  'AWS::IAM::Role': { one: 'role', many: 'roles' },
  'AWS::IAM::Policy': { one: 'policy of a role', many: 'policies of roles' },
  'AWS::IAM::ManagedPolicy': { one: 'managed policy', many: 'managed policies' },
  'AWS::Logs::LogGroup': { one: 'log group', many: 'log groups' },
  'AWS::KMS::Key': { one: 'key', many: 'keys' },
  'AWS::SNS::Topic': { one: 'topic', many: 'topics' },
  'AWS::SNS::TopicPolicy': { one: 'policy of the topic', many: 'policies of topics' },
  'AWS::SNS::Subscription': { one: 'subscription', many: 'subscriptions', label: 'Endpoint' },
  'AWS::CloudWatch::Alarm': { one: 'alarm', many: 'alarms' },
  'AWS::CloudWatch::Dashboard': { one: 'dashboard', many: 'dashboards' },
  'AWS::Events::Rule': { one: 'event rule', many: 'event rules' },
  'AWS::EC2::SecurityGroup': { one: 'security group', many: 'security groups' },
};

/** "1 topic", "30 rotation schedules". What nobody has words for yet is called by its type. */
export function countOf(type: string, count: number): string {
  const { one = type, many = type } = KINDS[type] ?? {};
  return `${count} ${count === 1 ? one : many}`;
}

/** "rotation schedule". */
export function kindOf(type: string): string {
  return KINDS[type]?.one ?? type;
}

/** What tells it from the others of its kind, such as the name of a secret; where that is known. */
export function labelOf(type: string, properties: Properties = {}): string | undefined {
  const label = properties[KINDS[type]?.label ?? ''];
  return typeof label === 'string' ? label : undefined;
}
