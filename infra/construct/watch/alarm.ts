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

/** A day with the change of clocks has 25, and one is for runs that are late. */
const HOURS = 26;

/**
 * Sounds when the watch has not run for more than a day, for then nobody would be told of what it
 * would find. A run for a verdict of Secrets Manager counts too, so it may sound that much later.
 *
 * It is silent for the first 26 hours, in which the watch need not have run yet.
 */
export function createAlarm(scope: Construct, watch: IFunction, topic: ITopic): Alarm {
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
