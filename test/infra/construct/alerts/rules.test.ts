import { readFileSync } from 'node:fs';
import { join } from 'node:path';
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
  ROOT,
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
  readonly Targets: readonly [
    {
      readonly Arn: unknown;
      readonly InputTransformer: {
        readonly InputPathsMap: Readonly<Record<string, string>>;
        readonly InputTemplate: string;
      };
    },
  ];
}

const template = Template.fromStack(rotationStack());
const rule = ruleOf(template);

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

/** As EventBridge makes the message of an event: what stands in no quotes gets some. */
function messageOf({ Targets: [{ InputTransformer }] }: Rule, event: object): string {
  const { InputPathsMap, InputTemplate } = InputTransformer;
  return Object.entries(InputPathsMap).reduce((text, [name, path]) => {
    const value = valueAt(path, event);
    return text
      .replaceAll(`:<${name}>`, `:${JSON.stringify(value)}`)
      .replaceAll(`<${name}>`, value);
  }, InputTemplate);
}

/** @throws {Error} unless there is a string, since nobody knows what EventBridge would make of a gap */
function valueAt(path: string, event: object): string {
  const keys = path.split('.').slice(1);
  const value = keys.reduce<unknown>((found, key) => Object(found)[key], event);
  expect(value, path).toBeTypeOf('string');
  return String(value);
}

describe('the rule', () => {
  it('hears what CloudTrail tells of Secrets Manager, and publishes it on the topic', () => {
    template.hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.secretsmanager'],
        'detail-type': ['AWS Service Event via CloudTrail'],
      },
      State: 'ENABLED',
    });
    expect(rule.Targets).toHaveLength(1);
    expect(rule.Targets[0].Arn).toEqual({ Ref: onlyResource(template, 'AWS::SNS::Topic').id });
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

describe('its message', () => {
  const notification = JSON.parse(messageOf(rule, eventOf('RotationAbandoned')));

  it('names what the runbook has', () => {
    const [, heading] =
      /follow "(.*?)" in the runbook/.exec(notification.content.nextSteps.at(-1)) ?? [];
    const runbook = join(ROOT, 'lambda', 'alerts', 'runbook.md');

    expect(readFileSync(runbook, 'utf8')).toContain(`\n### ${heading}\n`);
  });

  it('is a custom notification, which chats show', () => {
    expect(notification).toMatchObject({
      version: '1.0',
      source: 'custom',
      content: { textType: 'client-markdown' },
    });
    expect(notification.content.title.length).toBeLessThanOrEqual(250);
    expect(notification.content.description.length).toBeLessThanOrEqual(8000);
    for (const step of notification.content.nextSteps) {
      expect(step.length).toBeLessThanOrEqual(350);
    }
  });

  it('says what happened, when, to which secret, and what to look at', () => {
    const { content, metadata } = notification;

    expect(content.title).toContain('RotationAbandoned');
    expect(content.description).toContain(
      `AWS Secrets Manager reports RotationAbandoned at 2026-03-01T12:00:00Z for the secret ${SECRET_ARN}.`,
    );
    expect(content.nextSteps[0]).toContain('Look for an alert of the function itself');
    expect(metadata.additionalContext).toEqual({
      eventName: 'RotationAbandoned',
      eventTime: '2026-03-01T12:00:00Z',
      secretArn: SECRET_ARN,
    });
  });

  it('means every event that the rule hears', () => {
    for (const eventName of rule.EventPattern.detail.eventName) {
      expect(notification.content.description).toContain(` ${eventName}: `);
    }
  });

  it('can be read as it is in a mail, which is all ASCII on one line', () => {
    expect(messageOf(rule, eventOf('RotationFailed'))).toMatch(/^[\x20-\x7e]+$/);
    expect(rule.Targets[0].InputTransformer.InputTemplate).not.toContain('\\n');
  });
});
