import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { type DimensionName, type MetricName, NAMESPACE } from '../../../lambda/metrics/names.ts';

interface MetricOptions {
  readonly statistic: 'Minimum' | 'Maximum' | 'Sum' | 'SampleCount';
  readonly period: Duration;
  readonly label?: string;
  readonly color?: string;
}

/** A metric of this function, without other dimensions. */
export function metricOf(
  metricName: MetricName,
  { functionName: FunctionName }: IFunction,
  options: MetricOptions,
): Metric {
  return new Metric({
    namespace: NAMESPACE,
    metricName,
    dimensionsMap: { FunctionName },
    ...options,
  });
}

/** By these dimensions, the ten with the most, or with the least. */
type Ranking = { readonly by: readonly DimensionName[] } & (
  | { readonly most: 'MAX' | 'SUM' }
  | { readonly least: 'MIN' }
);

/**
 * A query of CloudWatch Metrics Insights, for each day. It looks at up to 10,000 metrics; a SEARCH
 * would find no more than 500, and the ten would be those of the first secrets by name.
 */
export function queryOf(
  metricName: MetricName,
  { functionName }: IFunction,
  { by, ...ranking }: Ranking,
): MathExpression {
  const [statistic, order] = 'most' in ranking ? [ranking.most, 'DESC'] : [ranking.least, 'ASC'];
  // In quotes, since some names may be reserved words.
  const quoted = (...names: string[]) => names.map((name) => `"${name}"`).join(', ');
  return new MathExpression({
    expression: [
      `SELECT ${statistic}(${quoted(metricName)})`,
      `FROM SCHEMA(${quoted(NAMESPACE, 'FunctionName', ...by)})`,
      `WHERE ${quoted('FunctionName')} = '${functionName}'`,
      `GROUP BY ${quoted(...by)} ORDER BY ${statistic}() ${order} LIMIT 10`,
    ].join(' '),
    usingMetrics: {},
    // What differs is the names in GROUP BY.
    label: '',
    period: Duration.days(1),
  });
}
