import { App, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Schedule } from 'aws-cdk-lib/aws-events';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { describe, expect, it } from 'vitest';
import { GitLabTokenRotation, type RotatedSecretProps } from '../../../../infra/index.ts';
import { warningsOf } from '../../cdk-app.ts';

const gitlabUrl = 'https://gitlab.example.com';

/** As an app in JavaScript does. */
function create(props: unknown): GitLabTokenRotation {
  return Reflect.construct(GitLabTokenRotation, [new Stack(new App(), 'Test'), 'GitLab', props]);
}

function add(props: unknown): void {
  Reflect.apply(GitLabTokenRotation.prototype.addSecret, create({ gitlabUrl }), [props]);
}

function messageOf(use: () => unknown): string {
  try {
    use();
    return '';
  } catch (error) {
    return String(error);
  }
}

describe('props that TypeScript would refuse', () => {
  it.each<[unknown, string]>([
    [undefined, 'the props must be an object, got undefined'],
    [{}, 'gitlabUrl is missing: it must be a string, like https://gitlab.example.com'],
    [{ gitlabURL: gitlabUrl }, 'gitlabURL is not a prop. Did you mean gitlabUrl?'],
    [{ gitlabUrl: 7 }, 'gitlabUrl must be a string, like https://gitlab.example.com, got 7'],
    [
      { gitlabUrl, schedule: 'rate(30 days)' },
      "schedule must be a Schedule, like Schedule.expression('cron(0 1 ? * SUN *)'), got a string",
    ],
    [
      { gitlabUrl, tokenLifetime: 90 },
      'tokenLifetime must be a Duration, like Duration.days(90), got 90',
    ],
    [{ gitlabUrl: null }, 'gitlabUrl is missing: it must be a string, like https://gitlab.example'],
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
      'weeklyReport must be true or false, got a string\nmemorySize must be a number, got a string',
    ],
  ])('are an error that says what is allowed: %j', (props, message) => {
    expect(() => create(props)).toThrow(message);
  });

  it.each<[unknown, string]>([
    [undefined, 'addSecret: the props must be an object, got undefined'],
    ['app/a', 'addSecret: the props must be an object, got a string'],
    [{ name: 'app/a' }, 'addSecret: name is not a prop. Did you mean secretName?'],
    [{ secretname: 'app/a' }, 'addSecret: secretname is not a prop. Did you mean secretName?'],
    [
      { secret: 'app/a' },
      'addSecret: secret must be a secret, like Secret.fromSecretCompleteArn(…), got a string',
    ],
    [
      { secretName: 'app/a', create: 'yes' },
      'addSecret: create must be true or false, got a string',
    ],
  ])('are an error of a secret, too: %j', (props, message) => {
    expect(() => add(props)).toThrow(message);
  });

  it('are an error of a rule, which would be for all secrets', () => {
    const rotation = create({ gitlabUrl });
    rotation.addSecret({ secretName: 'app/a' });

    expect(() => rotation.onRotated('Tell', JSON.parse('{"secretName":"a"}'))).toThrow(
      'onRotated Tell: secretName is not a prop. Did you mean secretNames?',
    );
  });

  it.each<[string, (token: string) => unknown]>([
    ['recoverySecret', (token) => create({ gitlabUrl, recoverySecret: token })],
    ['projectId', (token) => create({ gitlabUrl, projectId: token })],
    ['alertEmails', (token) => create({ gitlabUrl, alertEmails: [token] })],
    ['gitlabUrl', (token) => create({ gitlabUrl: `http://${token}` })],
    ['the props', (token) => create(token)],
    ['a prop', (token) => add({ [token]: 1 })],
    ['secret', (token) => add({ secret: token })],
    ['secretName', (token) => add({ secretName: token, schedule: Schedule.expression('no') })],
    ['tokenField', (token) => add({ secretName: 'app/a', tokenField: token })],
    ['props of addSecret', (token) => add(token)],
    [
      'secretNames',
      (token) => create({ gitlabUrl }).onRotated('Tell', { secretNames: ['app/a', token] }),
    ],
  ])('are never a token in a message: %s', (_, use) => {
    const token = ['glpat', 'abcDEF123456abcDEF12'].join('-');
    const message = messageOf(() => use(token));

    expect(message).not.toBe('');
    expect(message).not.toContain(token);
  });

  it('may name a secret like a token', () => {
    expect(() => add({ secretName: 'ci/glpat-of-the-whole-platform-team' })).not.toThrow();
  });

  it('are none where TypeScript takes them, in an object for several things', () => {
    const stack = new Stack(new App(), 'Test');
    const shared = { gitlabUrl, vpcId: 'vpc-1', app: 'shop', secretName: 'app/a', foo: undefined };

    const rotation = new GitLabTokenRotation(stack, 'GitLab', shared);
    rotation.addSecret({ ...shared, name: 'shop' } as RotatedSecretProps);

    expect(warningsOf(stack).sort()).toEqual([
      'addSecret "app/a": app is not a prop, and has no effect',
      'addSecret "app/a": gitlabUrl is not a prop, and has no effect',
      'addSecret "app/a": name is not a prop, and has no effect',
      'addSecret "app/a": vpcId is not a prop, and has no effect',
      'app is not a prop, and has no effect',
      'secretName is not a prop, and has no effect',
      'vpcId is not a prop, and has no effect',
    ]);
  });

  it('are none where a later CDK has one more for rules', () => {
    const rotation = create({ gitlabUrl });
    rotation.addSecret({ secretName: 'app/a' });

    expect(() =>
      rotation.onRotated('Tell', JSON.parse('{"targets":[],"ruleNames":1}')),
    ).not.toThrow();
    expect(warningsOf(Stack.of(rotation))).toEqual([]);
  });

  it('are absent where they are null, also for what reads them later', () => {
    const rotation = create({ gitlabUrl, window: null, vpc: null, noProxy: null, watchTime: null });
    const rule = { target: null, eventPattern: null, secretNames: null };
    rotation.addSecret(JSON.parse('{"secretName":"app/a","schedule":null,"create":null}'));
    rotation.onRotated('Tell', JSON.parse(JSON.stringify(rule)));

    expect(() => Template.fromStack(Stack.of(rotation))).not.toThrow();
  });

  it('are read from an object of a class', () => {
    class Settings {
      get gitlabUrl() {
        return gitlabUrl;
      }
      get memorySize() {
        return 512;
      }
    }
    const template = Template.fromStack(Stack.of(create(new Settings())));

    template.hasResourceProperties('AWS::Lambda::Function', { MemorySize: 512 });
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
