import type { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { type DimensionName, type MetricName, NAMESPACE } from '../../../lambda/metrics/names.ts';

interface MetricOptions {
  readonly statistic: 'Minimum' | 'Maximum' | 'Sum';
  readonly period: Duration;
  readonly label?: string;
  /** Besides the name of the function. */
  readonly dimensions?: Readonly<Partial<Record<DimensionName, string>>>;
}

/** A metric that this function writes. */
export function metricOf(
  metricName: MetricName,
  writer: IFunction,
  { dimensions, ...options }: MetricOptions,
): Metric {
  return new Metric({
    namespace: NAMESPACE,
    metricName,
    dimensionsMap: { FunctionName: writer.functionName, ...dimensions },
    ...options,
  });
}
