import { Duration, RemovalPolicy, Stack, Token, TokenComparison } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { AccountPrincipal, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { type ITopic, Subscription, SubscriptionProtocol, Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { parseTopicArn } from '../../../lambda/settings/variables.ts';
import { acknowledge } from '../acknowledged.ts';
import { PUBLISH_WITH_KEY } from '../permissions.ts';
import type { GitLabTokenRotationProps } from '../props.ts';
import { needs, warn } from '../warnings.ts';

/**
 * The topic for failed rotations: theirs, or a new one that is encrypted at rest with a key of its
 * own, and in transit. It takes messages of this account's alarms, and of the roles of the functions.
 *
 * @throws {Error} if it is a topic that alarms or the functions cannot publish to
 */
export function failureTopicOf(
  scope: Construct,
  { failureTopic, alertEmails = [] }: GitLabTokenRotationProps,
): ITopic {
  const topic = failureTopic ? checkedTopic(scope, failureTopic) : createTopic(scope);
  admitPublishers(scope, topic);
  if (alertEmails.length > 0 && isForeign(scope, topic)) {
    // AWS lets no other account subscribe to it, unless the topic's policy says so.
    throw new Error(
      `alertEmails must be absent: failureTopic is in account ${topic.env.account}. Subscribe the addresses there`,
    );
  }
  for (const endpoint of alertEmails) {
    // Here, not below the topic: two constructs may share a topic and an address.
    const subscription = new Subscription(scope, `AlertEmail-${endpoint}`, {
      topic,
      endpoint,
      protocol: SubscriptionProtocol.EMAIL,
    });
    acknowledge(subscription, 'SNSRedrivePolicy');
  }
  return topic;
}

function createTopic(scope: Construct): Topic {
  // Not `alias/aws/sns`: that key cannot be opened to CloudWatch.
  const masterKey = new Key(scope, 'FailureTopicKey', {
    description: 'Encrypts the alerts of failed GitLab token rotations',
    enableKeyRotation: true,
    // It protects messages in transit only, so nothing is lost with it.
    removalPolicy: RemovalPolicy.DESTROY,
  });
  return new Topic(scope, 'FailureTopic', { masterKey, enforceSSL: true });
}

function checkedTopic(scope: Construct, topic: ITopic): ITopic {
  const { region } = Stack.of(scope);
  if (!Token.isUnresolved(topic.topicArn)) {
    const parsed = parseTopicArn(topic.topicArn);
    if (typeof parsed === 'object') {
      throw new Error(`failureTopic ${topic.topicArn} ${parsed.problem}`);
    }
  }
  if (topic.fifo) {
    throw new Error('failureTopic is a FIFO topic: use a standard topic');
  }
  if (Token.compareStrings(topic.env.region, region) === TokenComparison.DIFFERENT) {
    throw new Error(
      `failureTopic is in ${topic.env.region}: alarms need a topic in the region of the function, ${region}`,
    );
  }
  return topic;
}

/** Whether it is known to be in another account. */
function isForeign(scope: Construct, { env }: ITopic): boolean {
  return Token.compareStrings(env.account, Stack.of(scope).account) === TokenComparison.DIFFERENT;
}

/**
 * `SnsAction` opens neither topic nor key to alarms, and the first statement of a topic replaces the
 * default policy, which did. Never a `TopicPolicy` of ours on an imported topic: it would replace
 * its owner's.
 */
function admitPublishers(scope: Construct, topic: ITopic): void {
  const forTopic = senders(scope, topic, ['sns:Publish'], topic.topicArn);
  const missing = forTopic.filter((one) => !topic.addToResourcePolicy(one).statementAdded);
  if (missing.length > 0) {
    warn(scope, 'failureTopic', needs('failureTopic is imported: its policy', missing));
  }
  const key = topic.masterKey;
  if (key) {
    const forKey = senders(scope, topic, PUBLISH_WITH_KEY, '*');
    const missingInKey = forKey.filter((one) => !key.addToResourcePolicy(one).statementAdded);
    if (missingInKey.length > 0) {
      const what = 'The key of failureTopic is imported: its policy';
      warn(scope, 'failureTopicKey', needs(what, missingInKey));
    }
  }
}

function senders(scope: Construct, topic: ITopic, actions: string[], resource: string) {
  const { account } = Stack.of(scope);
  const resources = [resource];
  const alarms = new PolicyStatement({
    principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
    actions,
    resources,
    // Not those of other accounts.
    conditions: { StringEquals: { 'aws:SourceAccount': account } },
  });
  // In its own account, the policies of the roles are enough for the functions.
  const functions = { principals: [new AccountPrincipal(account)], actions, resources };
  return isForeign(scope, topic) ? [alarms, new PolicyStatement(functions)] : [alarms];
}

/**
 * Sounds when an invocation fails, whatever the reason. It sees what the function cannot report
 * itself: that it timed out, ran out of memory or did not start.
 */
export function createErrorsAlarm(scope: Construct, rotation: IFunction, topic: ITopic): Alarm {
  const alarm = new Alarm(scope, 'ErrorsAlarm', {
    alarmDescription: [
      'A rotation of a GitLab token failed.',
      'The function publishes the cause, and what to do, on the topic of this alarm: follow that message.',
      `If there is none, the function timed out or crashed: see the log of ${rotation.functionName}, and run npm run status.`,
      'More: infra/operations.md, "When an alarm sounds".',
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
