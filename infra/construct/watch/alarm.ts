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

/** A day with the change of clocks has 25, and one is for runs that are late. */
const HOURS = 26;

/**
 * Sounds when the watch has not run for more than a day, for then nobody would be told of what it
 * would find. A run for a verdict of Secrets Manager counts too, so it may sound that much later.
 *
 * It is silent for the first 26 hours, in which the watch need not have run yet.
 */
export function createWatchAlarm(scope: Construct, watch: IFunction, topic: ITopic): Alarm {
  const alarm = new Alarm(scope, 'Alarm', {
    alarmDescription: [
      'The daily watch over the GitLab tokens has not run for more than a day.',
      'Until it runs again, nobody is told of a token that expires or of a rotation that is off.',
      `See its schedule in EventBridge Scheduler, and the log of ${watch.functionName}.`,
    ].join(' '),
    metric: watch.metricInvocations({ period: Duration.hours(1), statistic: 'Sum' }),
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
 * props must allow. It may sound before a rotation where GitLab gives tokens a shorter life than is
 * asked for, or a token that somebody made has one.
 */
export function createExpiryAlarm(scope: Construct, watch: IFunction, topic: ITopic): Alarm {
  const alarm = new Alarm(scope, 'ExpiryAlarm', {
    alarmDescription: [
      `A GitLab token expires in less than ${MARGIN_DAYS} days, or is expired or revoked already.`,
      'The watch publishes which one, and what to do, on the topic of this alarm once a day; npm run status shows it, too.',
      `Its findings are also in the log of ${watch.functionName}.`,
    ].join(' '),
    metric: metricOf('DaysToExpiry', watch, { statistic: 'Minimum', period: Duration.hours(1) }),
    comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
    threshold: MARGIN_DAYS,
    // One of three hours, since metrics from a log may be late.
    evaluationPeriods: 3,
    datapointsToAlarm: 1,
    // Until the next run it stays as it is. If there is no run, the other alarm sounds.
    treatMissingData: TreatMissingData.IGNORE,
  });
  alarm.addAlarmAction(new SnsAction(topic));
  return alarm;
}
