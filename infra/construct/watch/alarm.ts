import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  type CfnAlarm,
  ComparisonOperator,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { MARGIN_DAYS } from '../props.ts';
import { metricOf } from './metrics.ts';

const MORE = 'More: infra/operations.md, "When an alarm sounds".';
/** A day on which the clocks change may have 25, and one is for runs that are late. */
const HOURS = 26;

/**
 * Sounds when no daily run of the watch has ended for more than a day, for then nobody would be told of
 * what it would find. It counts a metric that each daily run writes, and no other run: invocations by
 * hand or for a verdict of Secrets Manager must not silence it.
 *
 * It is silent for the first 26 hours, in which the watch need not have run yet.
 */
export function createWatchAlarm(scope: Construct, watch: IFunction, topic: ITopic): Alarm {
  const alarm = new Alarm(scope, 'Alarm', {
    alarmDescription: [
      'The daily watch over the GitLab tokens has not ended a run for more than a day.',
      'Until it does, nobody is told of a token that expires or of a rotation that is off.',
      'npm run status shows both now.',
      `Then see its schedule in EventBridge Scheduler, and the log of ${watch.functionName}.`,
      MORE,
    ].join(' '),
    metric: metricOf('SecretsWithFindings', watch, {
      statistic: 'SampleCount',
      period: Duration.hours(1),
    }),
    comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
    threshold: 1,
    evaluationPeriods: HOURS,
    // In an hour without a run there is no data point at all.
    treatMissingData: TreatMissingData.BREACHING,
  });
  // The oldest CDK does not know this property.
  (alarm.node.defaultChild as CfnAlarm).addPropertyOverride('WarmUpConfiguration', {
    WarmUpPeriodDurationInMinutes: HOURS * 60,
    OnlyStartEvaluatingAfterWarmUpPeriodEnds: true,
  });
  alarm.addAlarmAction(new SnsAction(topic));
  return alarm;
}

/**
 * Sounds when the watch finds a token that expires in less than a week, or is dead: of any secret, a
 * standby and the recovery credential too. It is a second way to learn that, for one who misses the
 * message of the watch.
 *
 * It is silent where all is well, for every token outlives its next rotation by that week, which the
 * props must allow. infra/operations.md lists the exceptions.
 *
 * It ends when the run that found such a token is 26 hours old, unless the next one has found one, too.
 * So it also ends if no token expires any more, and then no run writes this metric.
 */
export function createExpiryAlarm(scope: Construct, watch: IFunction, topic: ITopic): Alarm {
  const alarm = new Alarm(scope, 'ExpiryAlarm', {
    alarmDescription: [
      `A GitLab token expires in less than ${MARGIN_DAYS} days, or is expired or revoked already.`,
      'npm run status shows which one.',
      'If it has a finding there, do what lambda/alerts/runbook.md says of its code. If not, its next rotation comes before its end.',
      MORE,
    ].join(' '),
    metric: metricOf('DaysToExpiry', watch, { statistic: 'Minimum', period: Duration.hours(1) }),
    comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
    threshold: MARGIN_DAYS,
    evaluationPeriods: HOURS,
    datapointsToAlarm: 1,
    // As in all hours but that of the run. If there is no run, the other alarm sounds.
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
  alarm.addAlarmAction(new SnsAction(topic));
  return alarm;
}
