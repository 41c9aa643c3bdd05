import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Key } from 'aws-cdk-lib/aws-kms';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { describe, expect, it } from 'vitest';
import {
  createApp,
  HERE,
  printedStatements,
  roleStatements,
  rotationOf,
  statementsOf,
  warningsOf,
} from '../../cdk-app.ts';

const TOPIC_ARN = 'arn:aws:sns:eu-west-1:123456789012:alerts';
const KEY_ARN = 'arn:aws:kms:eu-west-1:123456789012:key/of-the-topic';
const USE_OF_KEY = ['kms:Decrypt', 'kms:GenerateDataKey'];

function stackWith(
  failureTopic: (stack: Stack) => ITopic,
  alertEmails = ['platform@example.com'],
): Stack {
  const stack = new Stack(createApp(), 'Test', { env: HERE });
  rotationOf(stack, {
    failureTopic: failureTopic(stack),
    alertEmails,
  }).addSecret({ secretName: 'my-token' });
  return stack;
}

function imported(topicArn: string, keyArn?: string): (stack: Stack) => ITopic {
  return (stack) =>
    Topic.fromTopicAttributes(stack, 'Topic', {
      topicArn,
      ...(keyArn !== undefined && { keyArn }),
    });
}

/** What alarms of this account need. */
function alarms(actions: string | string[], resource: string) {
  return {
    Effect: 'Allow',
    Principal: { Service: 'cloudwatch.amazonaws.com' },
    Action: actions,
    Resource: resource,
    Condition: { StringEquals: { 'aws:SourceAccount': '123456789012' } },
  };
}

/** What the roles of the function's account need, in another one. */
function callers(actions: string | string[], resource: string) {
  const Principal = { AWS: 'arn:aws:iam::123456789012:root' };
  return { Effect: 'Allow', Principal, Action: actions, Resource: resource };
}

describe('an imported topic', () => {
  const stack = stackWith(imported(TOPIC_ARN));
  const template = Template.fromStack(stack);

  it('gets all alerts, and the addresses', () => {
    template.resourceCountIs('AWS::SNS::Topic', 0);
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { FAILURE_TOPIC_ARN: TOPIC_ARN } },
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', { AlarmActions: [TOPIC_ARN] });
    template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      DestinationConfig: { OnFailure: { Destination: TOPIC_ARN } },
    });
    template.hasResourceProperties('AWS::SNS::Subscription', {
      TopicArn: TOPIC_ARN,
      Endpoint: 'platform@example.com',
      Protocol: 'email',
    });
  });

  it('keeps its policy, for which the statements are printed', () => {
    template.resourceCountIs('AWS::SNS::TopicPolicy', 0);
    const [warning, ...others] = warningsOf(stack);

    expect(warning).toMatch(/^failureTopic is imported: its policy needs these statements:/);
    expect(printedStatements(warning)).toEqual([alarms('sns:Publish', TOPIC_ARN)]);
    expect(others).toEqual([]);
  });
});

it('an encrypted imported topic has printed what its key needs, too', () => {
  const stack = stackWith(imported(TOPIC_ARN, KEY_ARN));
  const [, warning, ...others] = warningsOf(stack);

  expect(warning).toMatch(/^The key of failureTopic is imported: its policy needs/);
  expect(printedStatements(warning)).toEqual([alarms(USE_OF_KEY, '*')]);
  expect(others).toEqual([]);
  for (const part of ['rotation', 'watch'] as const) {
    expect(roleStatements(Template.fromStack(stack), part)).toContainEqual({
      Effect: 'Allow',
      Action: USE_OF_KEY,
      Resource: KEY_ARN,
    });
  }
});

describe('a topic of another account', () => {
  const topicArn = TOPIC_ARN.replace('123456789012', '111122223333');
  const keyArn = KEY_ARN.replace('123456789012', '111122223333');
  const stack = stackWith(imported(topicArn, keyArn), []);
  const template = Template.fromStack(stack);

  it('takes no addresses, which AWS lets only its owner subscribe', () => {
    expect(() => stackWith(imported(topicArn, keyArn))).toThrow(
      'alertEmails must be absent: failureTopic is in account 111122223333. Subscribe the addresses there',
    );
  });

  it.each(['rotation', 'watch'] as const)('may be told by the role of the %s', (part) => {
    expect(roleStatements(template, part)).toEqual(
      expect.arrayContaining([
        { Effect: 'Allow', Action: 'sns:Publish', Resource: topicArn },
        { Effect: 'Allow', Action: USE_OF_KEY, Resource: keyArn },
      ]),
    );
  });

  it('has printed what its owner must allow alarms and this account', () => {
    const [onTopic, onKey, ...others] = warningsOf(stack);

    expect(printedStatements(onTopic)).toEqual([
      alarms('sns:Publish', topicArn),
      callers('sns:Publish', topicArn),
    ]);
    expect(printedStatements(onKey)).toEqual([alarms(USE_OF_KEY, '*'), callers(USE_OF_KEY, '*')]);
    expect(others).toEqual([]);
  });
});

it('a topic of the app has its policies extended, and nothing to warn of', () => {
  const stack = stackWith((scope) => {
    const masterKey: IKey = new Key(scope, 'TopicKey');
    return new Topic(scope, 'Topic', { masterKey });
  });
  const template = Template.fromStack(stack);

  expect(warningsOf(stack)).toEqual([]);
  expect(statementsOf(template, 'AWS::SNS::TopicPolicy', 'PolicyDocument')).toEqual([
    expect.objectContaining({ Principal: { Service: 'cloudwatch.amazonaws.com' } }),
  ]);
  expect(statementsOf(template, 'AWS::KMS::Key', 'KeyPolicy')).toContainEqual(
    alarms(USE_OF_KEY, '*'),
  );
});

it.each([
  ['a FIFO topic', `${TOPIC_ARN}.fifo`, /failureTopic .*fifo/i],
  [
    'one of another region',
    TOPIC_ARN.replace('west', 'north'),
    'failureTopic is in eu-north-1: alarms need a topic in the region of the function, eu-west-1',
  ],
])('%s is refused', (_, topicArn, message) => {
  expect(() => stackWith(imported(topicArn))).toThrow(message);
});
