import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readable } from '../../../infra/construct/warnings.ts';
import type { GitLabTokenRotationProps } from '../../../infra/index.ts';
import {
  createApp,
  FOR_SECRETS_ONLY,
  HERE,
  RECOVERY_SECRET_ARN,
  roleStatements,
  rotationOf,
  type Statement,
} from '../../infra/cdk-app.ts';
import { sharedBundles } from '../../rig/stage/shared-bundles.ts';
import { type Stage, setScene, startStage } from '../../rig/stage/stage.ts';
import { EXPECTED } from './outcome/expectations.ts';

/** What Lambda itself does with the role, and what the services do with keys on its behalf. */
const BEHIND_THE_CALLS = [
  'logs:CreateLogStream',
  'logs:PutLogEvents',
  'kms:Decrypt',
  'kms:GenerateDataKey',
];
/** Those of the person who puts the token and starts the rotation. */
const OF_THE_OPERATOR = ['CreateSecret', 'RotateSecret'];

const KEY_ARN = 'arn:aws:kms:eu-west-1:123456789012:key/1';
const RECOVERY_KEY_ARN = 'arn:aws:kms:eu-west-1:123456789012:key/2';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage('one token, recovery', sharedBundles());
});
afterAll(() => stage[Symbol.asyncDispose]());

/** The actions that a rotation needs whose successor is lost, found, stored and told of. */
async function actionsOfRotation(): Promise<string[]> {
  const { gitlab, cloud } = stage;
  const scene = await setScene(stage, 'calls');
  gitlab.faults.add({ operation: 'rotate', at: 'after', effect: { kind: 'reset' } });
  const { kind } = await scene.rotate();
  expect(kind).toBe('succeeded');
  const operations = (calls: readonly { readonly operation: string }[]) =>
    [...new Set(calls.map(({ operation }) => operation))].filter(
      (operation) => !OF_THE_OPERATOR.includes(operation),
    );
  return [
    ...operations(cloud.secretsManager.calls).map((operation) => `secretsmanager:${operation}`),
    ...operations(cloud.sns.calls).map((operation) => `sns:${operation}`),
  ];
}

/** What the role may do, with props for all that it may need but a VPC. */
function statements(props: Partial<GitLabTokenRotationProps> = {}): readonly Statement[] {
  const stack = new Stack(createApp(), 'Test', { env: HERE });
  const encryptionKey = Key.fromKeyArn(stack, 'Key', KEY_ARN);
  const recoverySecret = Secret.fromSecretAttributes(stack, 'Recovery', {
    secretCompleteArn: RECOVERY_SECRET_ARN,
    encryptionKey: Key.fromKeyArn(stack, 'RecoveryKey', RECOVERY_KEY_ARN),
  });
  const rotation = rotationOf(stack, { recoverySecret, ...props });
  rotation.addSecret({ secretName: 'my-token', encryptionKey });
  rotation.addSecret({ secretName: 'created', create: true });
  return roleStatements(Template.fromStack(stack));
}

function actionsOf(statements: readonly Statement[]): readonly string[] {
  return [...new Set(statements.flatMap(({ Action }) => Action))].sort();
}

/** ARNs; of what the stack creates, the id without the hash at its end. */
function resourcesOf(statements: readonly Statement[]): string[] {
  return statements
    .flatMap(({ Resource }) => Resource)
    .map((resource) => readable(resource).replace(/^\$\{(\w+)[0-9A-F]{8}(\.Arn)?\}$/, '$1'));
}

it('the role may do what the function does in a rotation, and nothing else', async () => {
  expect(actionsOf(statements())).toEqual(
    [...BEHIND_THE_CALLS, ...(await actionsOfRotation())].sort(),
  );
});

it('the role may make every call of Secrets Manager that a cell of the matrix makes fail', () => {
  const cells = Object.values(EXPECTED).flatMap((expected) => [...expected.keys()]);
  // `calls / createSecret PutSecretValue 2 / …`; GitLab's are in lower case.
  const names = cells.flatMap((cell) => /^calls \/ \w+ ([A-Z]\w+)/.exec(cell)?.[1] ?? []);

  expect(new Set(names).size).toBeGreaterThan(3);
  expect(actionsOf(statements())).toEqual(
    expect.arrayContaining([...new Set(names)].map((name) => `secretsmanager:${name}`)),
  );
});

it('the role may act on single resources only', () => {
  const secret = (name: string) => `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${name}`;

  expect(new Set(resourcesOf(statements()))).toEqual(
    new Set([
      'RotationLogs',
      'RotationFailureTopic',
      'RotationFailureTopicKey',
      KEY_ARN,
      RECOVERY_KEY_ARN,
      RECOVERY_SECRET_ARN,
      secret('my-token-??????'),
      'RotationSecretscreatedSecret',
    ]),
  );
});

it('the role may use the keys of secrets only through Secrets Manager, and for secrets', () => {
  const Condition = FOR_SECRETS_ONLY;
  const onKeys = statements().filter(({ Resource }) => String(Resource).includes(':kms:'));

  expect(onKeys).toHaveLength(2);
  expect(onKeys).toEqual(
    expect.arrayContaining([
      {
        Effect: 'Allow',
        Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
        Resource: KEY_ARN,
        Condition,
      },
      { Effect: 'Allow', Action: 'kms:Decrypt', Resource: RECOVERY_KEY_ARN, Condition },
    ]),
  );
});

it('the role may do with secrets nothing but read the recovery secret and rotate the others', () => {
  const reading = statements().filter((statement) =>
    resourcesOf([statement]).includes(RECOVERY_SECRET_ARN),
  );

  expect(actionsOf(reading)).toEqual(['secretsmanager:GetSecretValue']);
});

it('in a VPC, and only there, the role may also manage network interfaces', () => {
  const vpc = Vpc.fromVpcAttributes(new Stack(), 'Vpc', {
    vpcId: 'vpc-0123456789abcdef0',
    availabilityZones: ['eu-west-1a'],
    privateSubnetIds: ['subnet-0123456789abcdef0'],
    privateSubnetRouteTableIds: ['rtb-0123456789abcdef0'],
  });
  const outside = new Set(statements().map((statement) => JSON.stringify(statement)));
  const more = statements({ vpc }).filter((statement) => !outside.has(JSON.stringify(statement)));

  expect(more).toEqual([
    {
      Effect: 'Allow',
      Action: [
        'ec2:CreateNetworkInterface',
        'ec2:DeleteNetworkInterface',
        'ec2:DescribeNetworkInterfaces',
        'ec2:DetachNetworkInterface',
      ],
      Resource: '*',
    },
  ]);
});
