import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EXPECTED } from '../../prove/matrix/outcome/expectations.ts';
import { sharedBundles } from '../../prove/stage/shared-bundles.ts';
import { type Stage, setScene, startStage } from '../../prove/stage/stage.ts';
import { createApp, HERE, RECOVERY_SECRET_ARN, roleStatements, rotationOf } from '../cdk-app.ts';

/** What Lambda itself does with the role, and what the services do with keys on its behalf. */
const BEHIND_THE_CALLS = [
  'logs:CreateLogStream',
  'logs:PutLogEvents',
  'kms:Decrypt',
  'kms:GenerateDataKey',
];
/** Those of the person who puts the token and starts the rotation. */
const OF_THE_OPERATOR = ['CreateSecret', 'RotateSecret'];

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

function allowedActions(): readonly string[] {
  const stack = new Stack(createApp(), 'Test', { env: HERE });
  const encryptionKey = Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:123456789012:key/1');
  const recoverySecret = Secret.fromSecretCompleteArn(stack, 'Recovery', RECOVERY_SECRET_ARN);
  rotationOf(stack, { recoverySecret }).addSecret({ secretName: 'my-token', encryptionKey });
  const statements = roleStatements(Template.fromStack(stack));
  return [...new Set(statements.flatMap(({ Action }) => Action))].sort();
}

it('the role may do what the function does in a rotation, and nothing else', async () => {
  expect(allowedActions()).toEqual([...BEHIND_THE_CALLS, ...(await actionsOfRotation())].sort());
});

it('the role may make every call of Secrets Manager that a cell of the matrix makes fail', () => {
  const cells = Object.values(EXPECTED).flatMap((expected) => [...expected.keys()]);
  // `calls / createSecret PutSecretValue 2 / …`; GitLab's are in lower case.
  const names = cells.flatMap((cell) => /^calls \/ \w+ ([A-Z]\w+)/.exec(cell)?.[1] ?? []);

  expect(new Set(names).size).toBeGreaterThan(3);
  expect(allowedActions()).toEqual(
    expect.arrayContaining([...new Set(names)].map((name) => `secretsmanager:${name}`)),
  );
});
