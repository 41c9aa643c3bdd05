import { beside } from './terminal/layout.ts';
import { strong } from './terminal/paint.ts';

/** A stack as it was synthesised. */
export interface SynthesisedStack {
  readonly stackName: string;
  readonly template: { readonly Resources?: Readonly<Record<string, Resource>> };
}

interface Resource {
  readonly Type: string;
  readonly Properties?: Properties;
  readonly DeletionPolicy?: string;
}

type Properties = Readonly<Record<string, unknown>>;

/** What a type of resource is called, and what is worth knowing of one of them. */
interface Kind {
  readonly name: string;
  readonly facts: (properties: Properties) => readonly (string | false)[];
}

const KINDS: Readonly<Record<string, Kind>> = {
  'AWS::SecretsManager::Secret': {
    name: 'Secret',
    facts: ({ Name, SecretString, GenerateSecretString }) => [
      textOf(Name),
      SecretString === undefined && GenerateSecretString === undefined && 'created empty',
    ],
  },
  'AWS::SecretsManager::ResourcePolicy': {
    name: 'Policy of the secret',
    facts: ({ ResourcePolicy }) => statementsIn(ResourcePolicy).map(presentStatement),
  },
  'AWS::SecretsManager::RotationSchedule': {
    name: 'Rotation schedule',
    facts: ({ RotationRules, RotateImmediatelyOnUpdate }) => [
      textOf(membersOf(RotationRules)['ScheduleExpression']),
      RotateImmediatelyOnUpdate === false && 'a deployment rotates nothing',
    ],
  },
  'AWS::Lambda::Function': {
    name: 'Function',
    facts: ({ Runtime, Architectures, MemorySize, Timeout, VpcConfig, Environment }) => {
      const variables = membersOf(membersOf(Environment)['Variables']);
      return [
        [textOf(Runtime), ...listOf(Architectures), `${MemorySize} MB`, `${Timeout} s`].join(', '),
        VpcConfig !== undefined && 'in a VPC',
        `GitLab is ${textOf(variables['GITLAB_URL'])}`,
        // Without values: that of a proxy may hold a password.
        `variables ${Object.keys(variables).join(', ')}`,
      ];
    },
  },
  'AWS::Lambda::Permission': {
    name: 'Right to invoke',
    facts: ({ Principal, SourceArn }) => [
      `${textOf(Principal)} may invoke the function`,
      SourceArn !== undefined && 'for one source only',
    ],
  },
  'AWS::IAM::Role': {
    name: 'Role',
    facts: ({ AssumeRolePolicyDocument }) => [
      `taken on by ${statementsIn(AssumeRolePolicyDocument).map(principalsOf).join(', ')}`,
    ],
  },
  'AWS::IAM::Policy': {
    name: 'Rights of the role',
    facts: ({ PolicyDocument }) => [
      `may ${statementsIn(PolicyDocument)
        .flatMap(({ Action }) => listOf(Action))
        .join(', ')}`,
    ],
  },
  'AWS::Logs::LogGroup': {
    name: 'Log group',
    facts: ({ RetentionInDays }) => [
      RetentionInDays === undefined ? 'kept for ever' : `kept for ${RetentionInDays} days`,
    ],
  },
  'AWS::KMS::Key': { name: 'Key', facts: ({ Description }) => [textOf(Description)] },
  'AWS::SNS::Topic': {
    name: 'Topic of alerts',
    facts: ({ KmsMasterKeyId }) => [KmsMasterKeyId === undefined ? 'not encrypted' : 'encrypted'],
  },
  'AWS::SNS::TopicPolicy': {
    name: 'Policy of the topic',
    facts: ({ PolicyDocument }) => statementsIn(PolicyDocument).map(presentStatement),
  },
  'AWS::SNS::Subscription': {
    name: 'Subscription',
    facts: ({ Protocol, Endpoint }) => [`${textOf(Protocol)} to ${textOf(Endpoint)}`],
  },
  'AWS::CloudWatch::Alarm': {
    name: 'Alarm',
    facts: ({ MetricName, Namespace, Threshold, Period }) => [
      `${Threshold} or more ${textOf(MetricName)} of ${textOf(Namespace)} in ${Period} seconds`,
    ],
  },
  'AWS::Events::Rule': { name: 'Event rule', facts: ({ Description }) => [textOf(Description)] },
  'AWS::EC2::SecurityGroup': {
    name: 'Security group',
    facts: ({ GroupDescription }) => [textOf(GroupDescription)],
  },
};

/** What cdk.json is shipped with, so that the app can be synthesised as it is. */
const EXAMPLES = { gitlabUrl: 'https://gitlab.example.com', secretName: 'gitlab-token' } as const;

/**
 * The settings of a stack that are still the examples, as `key value`.
 *
 * @param given - as `key=value`: what somebody has chosen
 */
export function examplesIn(
  { Resources = {} }: SynthesisedStack['template'],
  given: readonly string[],
): readonly string[] {
  const resources = Object.values(Resources);
  const isThere = {
    gitlabUrl: resources.some(
      ({ Properties }) =>
        membersOf(membersOf(Properties?.['Environment'])['Variables'])['GITLAB_URL'] ===
        EXAMPLES.gitlabUrl,
    ),
    secretName: resources.some(
      ({ Type, Properties }) =>
        Type === 'AWS::SecretsManager::Secret' &&
        Properties?.['Name'] === EXAMPLES.secretName &&
        // It is a good name, too.
        !given.includes(`secretName=${EXAMPLES.secretName}`),
    ),
  };
  return (['gitlabUrl', 'secretName'] as const)
    .filter((key) => isThere[key])
    .map((key) => `${key} ${EXAMPLES[key]}`);
}

/** The resources of a stack in plain words, one after the other. */
export function presentStack({ stackName, template }: SynthesisedStack, width: number): string {
  const resources = Object.entries(template.Resources ?? {}).map(([id, resource]) =>
    describe(id, resource),
  );
  const nameWidth = Math.max(0, ...resources.map(({ name }) => name.length)) + 2;
  return [
    strong(`Stack ${stackName}: ${resources.length} resources`),
    '',
    ...resources.flatMap(({ name, text }) => beside(`  ${name.padEnd(nameWidth)}`, text, width)),
  ].join('\n');
}

function describe(id: string, { Type, Properties = {}, DeletionPolicy = '' }: Resource) {
  // What nobody has words for yet is shown all the same.
  const { name, facts } = KINDS[Type] ?? { name: Type, facts: () => [id] };
  const isKept = DeletionPolicy.startsWith('Retain');
  const known = [...facts(Properties), isKept && 'stays when the stack is deleted'];
  return { name, text: known.filter((fact) => fact !== false && fact !== '').join('; ') };
}

interface Statement {
  readonly Effect?: unknown;
  readonly Action?: unknown;
  readonly Principal?: unknown;
  readonly Condition?: unknown;
}

function statementsIn(policy: unknown): readonly Statement[] {
  const { Statement: statements = [] } = membersOf(policy);
  return Array.isArray(statements) ? statements : [membersOf(statements)];
}

function presentStatement(statement: Statement): string {
  const { Effect, Action, Condition } = statement;
  const verb = Effect === 'Deny' ? 'denied' : 'allowed';
  const limit = Condition === undefined ? '' : ', under a condition';
  return `${listOf(Action).join(', ')} ${verb} to ${principalsOf(statement)}${limit}`;
}

function principalsOf({ Principal }: Statement): string {
  if (Principal === '*') {
    return 'everybody';
  }
  const { Service, AWS } = membersOf(Principal);
  const accounts = listOf(AWS).map((arn) => (arn.endsWith(':root') ? 'the account' : arn));
  return [...listOf(Service), ...accounts].join(', ');
}

function membersOf(value: unknown): Properties {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function listOf(value: unknown): readonly string[] {
  if (value === undefined) {
    return [];
  }
  return Array.isArray(value) ? value.map(textOf) : [textOf(value)];
}

/** A text of the template; where CloudFormation puts it together, its fixed parts. */
function textOf(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number') {
    return String(value);
  }
  const { Ref, 'Fn::Join': join } = membersOf(value);
  if (Array.isArray(join) && Array.isArray(join[1])) {
    return join[1].map(textOf).join(String(join[0]));
  }
  return typeof Ref === 'string' ? `<${Ref}>` : '';
}
