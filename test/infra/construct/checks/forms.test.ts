import { App, Duration, Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { describe, expect, it } from 'vitest';
import { GitLabTokenRotation } from '../../../../infra/index.ts';

const gitlabUrl = 'https://gitlab.example.com';

/** As an app in JavaScript does. */
function create(props: unknown): GitLabTokenRotation {
  return Reflect.construct(GitLabTokenRotation, [new Stack(new App(), 'Test'), 'GitLab', props]);
}

function add(props: unknown): void {
  Reflect.apply(GitLabTokenRotation.prototype.addSecret, create({ gitlabUrl }), [props]);
}

describe('props that TypeScript would refuse', () => {
  it.each<[unknown, string]>([
    [undefined, 'the props must be an object, got undefined'],
    [{}, 'gitlabUrl is missing: it must be a string, like https://gitlab.example.com'],
    [{ gitlabURL: gitlabUrl }, 'gitlabURL is not a prop. Did you mean gitlabUrl?'],
    [{ gitlabUrl, frobnicate: 1 }, 'frobnicate is not a prop. Known here: schedule, window, '],
    [{ gitlabUrl: 7 }, 'gitlabUrl must be a string, like https://gitlab.example.com, got 7'],
    [
      { gitlabUrl, schedule: 'rate(30 days)' },
      'schedule must be a Schedule, like Schedule.expression(\'cron(0 1 ? * SUN *)\'), got "rate(30 days)"',
    ],
    [
      { gitlabUrl, tokenLifetime: 90 },
      'tokenLifetime must be a Duration, like Duration.days(90), got 90',
    ],
    [{ gitlabUrl, window: null }, 'window must be a Duration, like Duration.hours(3), got null'],
    [
      { gitlabUrl, watchTime: true },
      'watchTime must be a time like 07:30, or false if there is no',
    ],
    [{ gitlabUrl, watchTimeZone: 'UTC' }, 'watchTimeZone must be a TimeZone, like TimeZone.EUROPE'],
    [
      { gitlabUrl, alertEmails: 'me@b.dev' },
      "alertEmails must be a list of strings, like ['platform@example.com'], got a string",
    ],
    [{ gitlabUrl, alertEmails: [1] }, 'alertEmails must be a list of strings'],
    [
      { gitlabUrl, securityGroups: ['sg-1'] },
      'securityGroups must be a list of security groups, like',
    ],
    [
      { gitlabUrl, failureTopic: Duration.days(1) },
      'failureTopic must be a topic, like Topic.fromTopicArn(…), got an object (Duration)',
    ],
    [
      { gitlabUrl, weeklyReport: 'yes', memorySize: '256' },
      'weeklyReport must be true or false, got "yes"\nmemorySize must be a number, got "256"',
    ],
  ])('are an error that says what is allowed: %j', (props, message) => {
    expect(() => create(props)).toThrow(message);
  });

  it.each<[unknown, string]>([
    [undefined, 'addSecret: the props must be an object, got undefined'],
    ['app/a', 'addSecret: the props must be an object, got "app/a"'],
    [{ name: 'app/a' }, 'addSecret: name is not a prop. Known here: schedule, '],
    [{ secretname: 'app/a' }, 'addSecret: secretname is not a prop. Did you mean secretName?'],
    [
      { secret: 'app/a' },
      'addSecret: secret must be a secret, like Secret.fromSecretCompleteArn(…), got "app/a"',
    ],
    [{ secretName: 'app/a', create: 'yes' }, 'addSecret: create must be true or false, got "yes"'],
  ])('are an error of a secret, too: %j', (props, message) => {
    expect(() => add(props)).toThrow(message);
  });

  it('are an error of a rule, which would be for all secrets', () => {
    const rotation = create({ gitlabUrl });

    expect(() => rotation.onRotated('Tell', JSON.parse('{"secretName":"a"}'))).toThrow(
      'onRotated Tell: secretName is not a prop. Did you mean secretNames?',
    );
  });

  it('are none where they are undefined, or from another copy of CDK', () => {
    const stack = new Stack(new App(), 'Other');
    const { secretArn, secretFullArn, env } = Secret.fromSecretCompleteArn(
      stack,
      'Secret',
      'arn:aws:secretsmanager:eu-west-1:123456789012:secret:app/a-AbCdEf',
    );
    const copy = { secretArn, secretFullArn, env, stack, node: stack.node };

    expect(() =>
      create({ gitlabUrl, schedule: undefined, recoverySecret: undefined }),
    ).not.toThrow();
    expect(() => add({ secret: copy, create: undefined })).not.toThrow();
  });
});
