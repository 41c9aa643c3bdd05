import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { expect, it } from 'vitest';
import type { RotatedEventOptions } from '../../../../infra/index.ts';
import { createApp, HERE, type Resource, resourcesOf, rotationOf } from '../../cdk-app.ts';

/** The stack with a rule, which is made before the secrets. */
function stackWith(options: RotatedEventOptions, secretNames: readonly string[]): Stack {
  const stack = new Stack(createApp(), 'Test', { env: HERE });
  const rotation = rotationOf(stack);
  rotation.onRotated('Restart', options);
  for (const secretName of secretNames) {
    rotation.addSecret({ secretName });
  }
  return stack;
}

function ruleOf(stack: Stack): Resource | undefined {
  const rules = resourcesOf(Template.fromStack(stack), 'AWS::Events::Rule');
  return rules.find(({ id }) => id.includes('Restart'));
}

it('a rule hears of all secrets, those that are added later too, and calls its target', () => {
  const owner = new Stack(createApp(), 'Owner', { env: HERE });
  const topic = Topic.fromTopicArn(owner, 'Topic', 'arn:aws:sns:eu-west-1:123456789012:restarts');
  const rule = ruleOf(stackWith({ target: new SnsTopic(topic) }, ['one', 'other']));

  expect(rule?.Properties).toMatchObject({
    EventPattern: {
      source: ['aws.secretsmanager'],
      'detail-type': ['Secret Label Updated'],
      detail: { name: ['one', 'other'], labelUpdated: ['AWSCURRENT'] },
    },
    Targets: [{ Arn: topic.topicArn }],
  });
});

it('a rule hears of chosen secrets, and of less by a pattern of its own', () => {
  const options = { secretNames: ['other'], eventPattern: { account: ['123456789012'] } };

  expect(ruleOf(stackWith(options, ['one', 'other']))?.Properties['EventPattern']).toMatchObject({
    account: ['123456789012'],
    detail: { name: ['other'] },
  });
});

it.each<[string, RotatedEventOptions, readonly string[], string]>([
  [
    'without secrets',
    {},
    [],
    'onRotated Restart: there is no secret: add one by addSecret, in this account',
  ],
  [
    'for a secret that is not here',
    { secretNames: ['one', 'third'] },
    ['one'],
    'onRotated Restart: secretNames ["third"] must be names that addSecret got, and of this account',
  ],
  [
    'for more names than a pattern holds',
    {},
    Array.from({ length: 80 }, (_, index) => `platform/team-${index}/gitlab-token`),
    'onRotated Restart: 80 names are too long for an event pattern of 2048 characters: use several rules with secretNames',
  ],
])('no rule is made %s', (_, options, names, message) => {
  expect(() => Template.fromStack(stackWith(options, names))).toThrow(message);
});
