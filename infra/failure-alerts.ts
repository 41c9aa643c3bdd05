import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Rule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, type Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { verdictMessage } from './verdict-message.ts';

/** What it takes to publish to an encrypted topic, on its key. `grantPublish` asks for more, with a wildcard. */
const USE_OF_KEY = ['kms:Decrypt', 'kms:GenerateDataKey'];

/**
 * The topic on which people learn of failed rotations: encrypted at rest, with a
 * key of its own, and on the way.
 *
 * Open to this account's alarms, to EventBridge, and to `publisher`.
 */
export function createFailureTopic(scope: Construct, publisher: Role): Topic {
  // Not `alias/aws/sns`: that key cannot be opened to CloudWatch and EventBridge.
  const key = new Key(scope, 'FailureTopicKey', {
    description: 'Encrypts the alerts of failed GitLab token rotations',
    enableKeyRotation: true,
    // It protects messages on their way only, so nothing is lost with it.
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const topic = new Topic(scope, 'FailureTopic', { masterKey: key, enforceSSL: true });

  // `enforceSSL` replaces the default policy, which let the account's alarms in;
  // `SnsAction` opens neither the topic nor its key to them.
  topic.addToResourcePolicy(allowAlarms(scope, ['sns:Publish'], topic.topicArn));
  key.addToResourcePolicy(allowAlarms(scope, USE_OF_KEY, '*'));
  topic.addToResourcePolicy(allowRules(['sns:Publish'], topic.topicArn));
  key.addToResourcePolicy(allowRules(USE_OF_KEY, '*'));

  publisher.addToPolicy(
    new PolicyStatement({ actions: ['sns:Publish'], resources: [topic.topicArn] }),
  );
  publisher.addToPolicy(new PolicyStatement({ actions: USE_OF_KEY, resources: [key.keyArn] }));
  return topic;
}

/**
 * Sounds when an invocation fails, whatever the reason. It sees what the
 * function cannot tell itself: that it timed out, ran out of memory or did not
 * start.
 */
export function createErrorsAlarm(scope: Construct, rotation: IFunction, topic: ITopic): Alarm {
  const alarm = new Alarm(scope, 'ErrorsAlarm', {
    alarmDescription: [
      'A rotation of a GitLab token failed.',
      'The function publishes the cause on the topic of this alarm.',
      `If it did not, it timed out or crashed: see the log of ${rotation.functionName}.`,
    ].join(' '),
    metric: rotation.metricErrors({ period: Duration.minutes(5), statistic: 'Sum' }),
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    threshold: 1,
    evaluationPeriods: 1,
    // Between rotations the function has no data points at all.
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
  alarm.addAlarmAction(new SnsAction(topic));
  return alarm;
}

/** AWS's names for rotations, and dry runs, that did not end well. */
const VERDICTS = ['RotationFailed', 'RotationAbandoned', 'TestRotationFailed'];

/**
 * Tells AWS's own verdict on a rotation. It sees what neither the function nor
 * its alarm can: that the function was not invoked at all, and that AWS gave the
 * rotation up, after which it does not ask the function again.
 *
 * The events come from CloudTrail. Without a trail that records management events
 * in this region the rule never hears of them.
 */
export function createFailureRule(scope: Construct, secret: ISecret, topic: ITopic): Rule {
  const rule = new Rule(scope, 'FailureRule', {
    description: 'Rotations of a GitLab token that Secrets Manager reports as failed or abandoned',
    eventPattern: {
      source: ['aws.secretsmanager'],
      detailType: ['AWS Service Event via CloudTrail'],
      detail: {
        eventName: VERDICTS,
        additionalEventData: { SecretId: [arnMatcher(secret)] },
      },
    },
  });
  // Not `SnsTopic`: it would open the key with a wildcard.
  rule.addTarget({ bind: () => ({ arn: topic.topicArn, input: verdictMessage() }) });
  return rule;
}

/**
 * A secret that is known by its name alone lacks the six characters at the end of
 * its ARN, and a pattern cannot count: another secret with the same beginning and
 * a dash is told of too, by its own ARN.
 */
function arnMatcher(secret: ISecret): string | { readonly prefix: string } {
  return secret.secretFullArn ?? { prefix: `${secret.secretArn}-` };
}

function allowAlarms(scope: Construct, actions: string[], resource: string): PolicyStatement {
  return new PolicyStatement({
    principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
    actions,
    resources: [resource],
    // Not those of other accounts.
    conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(scope).account } },
  });
}

/**
 * Without a condition: EventBridge does not support one in the policy of a key,
 * and its documentation of topics shows none. It publishes for a rule of another
 * account only with a role of that account, which this does not let in.
 */
function allowRules(actions: string[], resource: string): PolicyStatement {
  return new PolicyStatement({
    principals: [new ServicePrincipal('events.amazonaws.com')],
    actions,
    resources: [resource],
  });
}
