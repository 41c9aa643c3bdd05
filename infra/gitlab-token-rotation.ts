import { Duration, Stack } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { type Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { CfnRotationSchedule } from 'aws-cdk-lib/aws-secretsmanager';
import type { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { createErrorsAlarm, createFailureRule, createFailureTopic } from './failure-alerts.ts';
import { checkRecoverySecret } from './recovery-secret.ts';
import { createRotationFunction, type RotationFunctionProps } from './rotation-function.ts';
import { createRotationRole, secretArnPattern } from './rotation-role.ts';
import {
  checkGitlabUrl,
  checkHttpsProxy,
  checkInterval,
  checkNoProxy,
  checkProjectId,
  checkScheduleExpression,
  checkTokenField,
  checkTokenLifetime,
} from './synth-checks.ts';

/** One token, its GitLab, and when it is rotated. */
export interface GitLabTokenRotationProps extends RotationFunctionProps {
  /**
   * How long from one rotation to the next: whole hours, from 4 hours, which is
   * the least that Secrets Manager allows, to 393 days, since no token lives
   * longer than 400. With alternating tokens, half of that.
   *
   * An interval of whole days begins at midnight UTC.
   *
   * @default Duration.days(30)
   */
  readonly interval?: Duration;

  /**
   * When to rotate, where an even interval cannot say it: a cron expression as
   * Secrets Manager reads them, such as `cron(0 4 ? * SUN *)` for four o'clock
   * UTC on Sundays.
   *
   * Say the longest time between two of its dates as `interval`.
   *
   * @default - every `interval`
   */
  readonly scheduleExpression?: string;

  /**
   * Whether the secret holds alternating tokens: a `standby` beside its token.
   *
   * A secret with a standby is rotated accordingly without this. Said here, it
   * makes sure at synthesis that a token lives long enough, which is for two
   * intervals, and lets the function refuse a secret that has no standby. So add
   * the standby before, and take this away before it is removed.
   *
   * @default false
   */
  readonly alternatingTokens?: boolean;

  /**
   * How long the function's log is kept.
   *
   * @default RetentionDays.ONE_YEAR
   */
  readonly logRetention?: RetentionDays;
}

/**
 * Rotates the GitLab token in a secret of AWS Secrets Manager, and tells people
 * when that fails.
 *
 * A deployment rotates nothing: Secrets Manager then runs testSecret alone, on a
 * copy of the current value.
 *
 * The ids `Function`, `Schedule`, `FailureTopic`, `Logs`, `ErrorsAlarm` and
 * `FailureRule` stay.
 */
export class GitLabTokenRotation extends Construct {
  readonly function: LambdaFunction;
  /** Who subscribes here learns of failures. */
  readonly failureTopic: Topic;
  readonly errorsAlarm: Alarm;
  /** Tells AWS's own verdict, where CloudTrail has a trail in this region. */
  readonly failureRule: Rule;
  readonly logGroup: LogGroup;

  /** @throws {Error} when a prop, or two together, could not work; the message says what is allowed */
  constructor(scope: Construct, id: string, props: GitLabTokenRotationProps) {
    super(scope, id);
    const { interval, tokenLifetime } = checkedDurations(props);
    const { secret, recoverySecret, scheduleExpression } = props;
    if (recoverySecret) {
      checkRecoverySecret(this, recoverySecret, secret);
    }

    this.logGroup = new LogGroup(this, 'Logs', {
      retention: props.logRetention ?? RetentionDays.ONE_YEAR,
    });
    const { logGroup } = this;
    const role = createRotationRole(this, { ...props, logGroup });
    const failureTopic = createFailureTopic(this, role);
    const settings = { ...props, tokenLifetime, role, logGroup, failureTopic };
    this.failureTopic = failureTopic;
    this.function = createRotationFunction(this, settings);
    this.errorsAlarm = createErrorsAlarm(this, this.function, failureTopic);
    this.failureRule = createFailureRule(this, secret, failureTopic);

    // `secret.addRotationSchedule()` would let Secrets Manager of any account
    // invoke the function, and grant GetRandomPassword on `*`: aws/aws-cdk#28406.
    this.function.addPermission('SecretsManager', {
      principal: new ServicePrincipal('secretsmanager.amazonaws.com'),
      sourceAccount: Stack.of(this).account,
      sourceArn: secretArnPattern(secret),
    });
    const schedule = new CfnRotationSchedule(this, 'Schedule', {
      secretId: secret.secretArn,
      rotationLambdaArn: this.function.functionArn,
      rotationRules: {
        scheduleExpression: scheduleExpression ?? Schedule.rate(interval).expressionString,
      },
      // CloudFormation's own default would rotate at every change of the schedule.
      rotateImmediatelyOnUpdate: false,
    });
    // Secrets Manager invokes the function as soon as there is a schedule: not
    // before the permission, which is a child of the function.
    schedule.node.addDependency(this.function);
  }
}

/** Checks at synthesis whatever the function, or AWS, would refuse later. */
function checkedDurations(props: GitLabTokenRotationProps) {
  const { gitlabUrl, scheduleExpression, projectId, tokenField } = props;
  const { interval = Duration.days(30), tokenLifetime = Duration.days(90) } = props;
  const { alternatingTokens = false, httpsProxy, noProxy } = props;
  checkGitlabUrl(gitlabUrl);
  checkInterval(interval, alternatingTokens);
  checkTokenLifetime(tokenLifetime, interval, alternatingTokens);
  if (scheduleExpression !== undefined) {
    checkScheduleExpression(scheduleExpression, props.interval);
  }
  if (projectId !== undefined) {
    checkProjectId(projectId);
  }
  if (tokenField !== undefined) {
    checkTokenField(tokenField);
  }
  if (httpsProxy !== undefined) {
    checkHttpsProxy(httpsProxy);
  }
  if (noProxy !== undefined) {
    checkNoProxy(noProxy);
  }
  return { interval, tokenLifetime };
}
