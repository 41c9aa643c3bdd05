import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import {
  type ServiceEventName,
  serviceEvent,
} from '../../../../infra/local/secrets-manager/rotation/events.ts';
import {
  createApp,
  HERE,
  onlyResource,
  resourcesOf,
  rotationOf,
  rotationStack,
  SECRET_ARN,
} from '../../cdk-app.ts';

interface Rule {
  readonly EventPattern: {
    readonly detail: {
      readonly eventName: readonly string[];
      readonly additionalEventData: {
        readonly SecretId: readonly (string | { readonly prefix: string })[];
      };
    };
  };
}

const template = Template.fromStack(rotationStack());
const rule = ruleOf(template);
const WATCH_ARN = {
  'Fn::GetAtt': [onlyResource(template, 'AWS::Lambda::Function', 'watch').id, 'Arn'],
};

function ruleOf(from: Template): Rule {
  return onlyResource(from, 'AWS::Events::Rule').Properties as unknown as Rule;
}

/** What Secrets Manager reports, as EventBridge hands it to rules. */
function eventOf(eventName: ServiceEventName, secretArn = SECRET_ARN) {
  const detail = serviceEvent({
    eventName,
    region: 'eu-west-1',
    accountId: '123456789012',
    secretArn,
    versionId: 'version-1',
    at: new Date('2026-03-01T12:00:00Z'),
  });
  return {
    source: 'aws.secretsmanager',
    'detail-type': 'AWS Service Event via CloudTrail',
    detail,
  };
}

/** As EventBridge reads the pattern. */
function matches({ EventPattern }: Rule, { detail }: ReturnType<typeof eventOf>): boolean {
  const { eventName, additionalEventData } = EventPattern.detail;
  const { SecretId } = detail.additionalEventData;
  return (
    eventName.includes(detail.eventName) &&
    additionalEventData.SecretId.some((arn) =>
      typeof arn === 'string' ? arn === SecretId : SecretId.startsWith(arn.prefix),
    )
  );
}

describe('the rule', () => {
  it('hears what CloudTrail tells of Secrets Manager, and calls the watch with the event as it is', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.secretsmanager'],
        'detail-type': ['AWS Service Event via CloudTrail'],
      },
      State: 'ENABLED',
      Targets: [{ Arn: WATCH_ARN, Id: 'Target0' }],
    });
  });

  it('may call the watch, as all rules of this account, before it exists', () => {
    const permission = onlyResource(template, 'AWS::Lambda::Permission', 'watch');

    expect(permission.Properties).toEqual({
      Action: 'lambda:InvokeFunction',
      FunctionName: WATCH_ARN,
      Principal: 'events.amazonaws.com',
      SourceArn: 'arn:aws:events:eu-west-1:123456789012:rule/*',
    });
    expect(onlyResource(template, 'AWS::Events::Rule').DependsOn).toContain(permission.id);
  });

  it('is one of several where the ARNs are too long for one pattern, with one permission', () => {
    const stack = new Stack(createApp(), 'Test', { env: HERE });
    const rotation = rotationOf(stack);
    for (let index = 0; index < 40; index += 1) {
      rotation.addSecret({ secretName: `team-${index}/gitlab-token` });
    }
    const many = Template.fromStack(stack);

    const rules = resourcesOf(many, 'AWS::Events::Rule');
    expect(rules.length).toBeGreaterThan(2);
    for (const { Properties } of rules) {
      expect(Properties['Targets']).toEqual([{ Arn: WATCH_ARN, Id: 'Target0' }]);
    }
    onlyResource(many, 'AWS::Lambda::Permission', 'watch');
  });

  it.each<[ServiceEventName, boolean]>([
    ['RotationStarted', false],
    ['RotationSucceeded', false],
    ['RotationFailed', true],
    ['RotationAbandoned', true],
    ['TestRotationStarted', false],
    ['TestRotationSucceeded', false],
    ['TestRotationFailed', true],
  ])('tells what did not end well: %s %s', (eventName, isTold) => {
    expect(matches(rule, eventOf(eventName))).toBe(isTold);
  });

  it('hears of its own secret alone', () => {
    const other = SECRET_ARN.replace('my-token', 'my-token-2');

    expect(matches(rule, eventOf('RotationFailed', other))).toBe(false);
  });

  it('knows a secret by its name, whose ARN ends in six characters that nobody knows', () => {
    const stack = new Stack(createApp(), 'Test', { env: HERE });
    rotationOf(stack).addSecret({ secretName: 'my-token' });
    const byName = ruleOf(Template.fromStack(stack));
    const other = SECRET_ARN.replace('my-token', 'my-tokens');

    expect(matches(byName, eventOf('RotationFailed'))).toBe(true);
    expect(matches(byName, eventOf('RotationFailed', other))).toBe(false);
  });
});
