import { aggregate, type Datum } from './cloudwatch.ts';

/** The properties of an alarm in a template that CloudWatch goes by, without references. */
export interface AlarmProperties {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions: readonly { readonly Name: string; readonly Value: string }[];
  readonly Statistic: string;
  readonly Period: number;
  readonly EvaluationPeriods: number;
  readonly DatapointsToAlarm?: number;
  readonly Threshold: number;
  readonly ComparisonOperator: string;
  readonly TreatMissingData: 'breaching' | 'notBreaching';
}

export type AlarmState = 'OK' | 'ALARM';

/** The state at this moment, as CloudWatch evaluates alarms (User Guide, "Alarm evaluation"). */
export function alarmStateOf(alarm: AlarmProperties, all: readonly Datum[], now: Date): AlarmState {
  const { Period, EvaluationPeriods, DatapointsToAlarm = EvaluationPeriods } = alarm;
  const { Threshold, ComparisonOperator, TreatMissingData } = alarm;
  const dimensions = Object.fromEntries(alarm.Dimensions.map(({ Name, Value }) => [Name, Value]));
  const data = all.filter(
    (each) =>
      each.namespace === alarm.Namespace &&
      each.name === alarm.MetricName &&
      JSON.stringify(each.dimensions) === JSON.stringify(dimensions),
  );
  const periodMs = Period * 1000;
  const points = aggregate(data, alarm.Statistic, periodMs);
  const last = Math.floor(now.getTime() / periodMs) * periodMs;
  const first = last - (EvaluationPeriods - 1) * periodMs;
  const recent = points.filter(({ at }) => at >= first);
  const isBreaching = (value: number) =>
    ComparisonOperator === 'LessThanThreshold' ? value < Threshold : value >= Threshold;
  const missing = TreatMissingData === 'breaching' ? EvaluationPeriods - recent.length : 0;
  const breaching = recent.filter(({ value }) => isBreaching(value)).length + missing;
  return breaching >= DatapointsToAlarm ? 'ALARM' : 'OK';
}
