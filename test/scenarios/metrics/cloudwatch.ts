import type { LogLine } from '../../../infra/local/lambda/log.ts';

/** One value of a metric, under one set of dimensions. */
export interface Datum {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly at: number;
  readonly value: number;
}

interface Directive {
  readonly Namespace: string;
  readonly Dimensions: readonly (readonly string[])[];
  readonly Metrics: readonly { readonly Name: string; readonly Unit: string }[];
}

/**
 * What CloudWatch Logs makes of the lines of a log that are in the embedded metric format.
 *
 * @throws {Error} for a line that it would not take
 */
export function metricsIn(lines: readonly LogLine[]): readonly Datum[] {
  return lines.flatMap(({ raw, entry }) => {
    const { Timestamp: at, CloudWatchMetrics: directives = [] } = Object(entry?.['_aws']) as {
      readonly Timestamp: number;
      readonly CloudWatchMetrics?: readonly Directive[];
    };
    const refuse = (reason: string): never => {
      throw new Error(`CloudWatch does not take ${raw}: ${reason}`);
    };
    const member = <T>(name: string, type: 'string' | 'number'): T => {
      const value = entry?.[name];
      return typeof value === type ? (value as T) : refuse(`${name} is no ${type}`);
    };
    const metrics = directives.flatMap(({ Metrics }) => Metrics);
    if (metrics.length > 100) {
      refuse('it has more than 100 metrics');
    }
    return directives.flatMap(({ Namespace: namespace, Dimensions, Metrics }) =>
      Dimensions.flatMap((names) => {
        const dimensions = Object.fromEntries(
          names.map((name) => [name, member<string>(name, 'string')]),
        );
        return Metrics.map(({ Name: name }) => ({
          ...{ namespace, name, dimensions, at },
          value: member<number>(name, 'number'),
        }));
      }),
    );
  });
}

/** What Lambda itself measures of a function. */
export function metricsOfLambda(
  FunctionName: string,
  invocations: readonly { readonly startedAt: Date; readonly outcome: string }[],
): readonly Datum[] {
  return invocations.flatMap(({ startedAt, outcome }) => {
    const of = { namespace: 'AWS/Lambda', dimensions: { FunctionName }, at: startedAt.getTime() };
    return [
      { ...of, name: 'Invocations', value: 1 },
      { ...of, name: 'Errors', value: outcome === 'success' ? 0 : 1 },
    ];
  });
}

/** A line of a graph. */
export interface Series {
  readonly label: string;
  readonly color?: string;
  readonly points: readonly { readonly at: number; readonly value: number }[];
}

const sum = (...values: number[]) => values.reduce((all, value) => all + value, 0);
const STATISTICS: Readonly<Record<string, (...values: number[]) => number>> = {
  ...{ Minimum: Math.min, Maximum: Math.max, Sum: sum, SampleCount: (...values) => values.length },
  ...{ MIN: Math.min, MAX: Math.max, SUM: sum },
};

export function aggregate(
  data: readonly Datum[],
  statistic: string,
  periodMs: number,
): Series['points'] {
  const periods = Map.groupBy(data, ({ at }) => Math.floor(at / periodMs) * periodMs);
  return [...periods]
    .map(([at, each]) => ({
      at,
      value: STATISTICS[statistic]?.(...each.map(({ value }) => value)) ?? Number.NaN,
    }))
    .toSorted((one, other) => one.at - other.at);
}

interface Options {
  readonly expression?: string;
  readonly stat?: string;
  readonly period: number;
  readonly label?: string;
  readonly color?: string;
}

/**
 * The lines of an entry in the `metrics` of a widget: a metric, or a query.
 *
 * @throws {Error} where nobody wrote such a metric with these dimensions
 */
export function seriesOf(entry: readonly unknown[], data: readonly Datum[]): readonly Series[] {
  const options = entry.at(-1) as Options;
  const found =
    options.expression === undefined
      ? metricOf(entry.slice(0, -1).map(String), options, data)
      : queried(options.expression, options, data);
  if (found.length === 0) {
    throw new Error(`no run wrote what this widget shows: ${JSON.stringify(entry)}`);
  }
  return found;
}

function metricOf(
  [namespace, name = '', ...pairs]: readonly string[],
  { stat = '', period, label = name, color }: Options,
  all: readonly Datum[],
): readonly Series[] {
  const wanted = Object.fromEntries(
    pairs.flatMap((key, index) => (index % 2 === 0 ? [[key, pairs[index + 1]]] : [])),
  );
  const data = all.filter(
    (each) =>
      each.namespace === namespace &&
      each.name === name &&
      Object.keys(each.dimensions).length === Object.keys(wanted).length &&
      Object.entries(wanted).every(([key, value]) => each.dimensions[key] === value),
  );
  const points = aggregate(data, stat, period * 1000);
  return points.length === 0 ? [] : [{ label, points, ...(color !== undefined && { color }) }];
}

const QUERY =
  /^SELECT (?<stat>MIN|MAX|SUM)\("(?<name>\w+)"\) FROM SCHEMA\("(?<namespace>\w+)", (?<schema>[^)]+)\) WHERE "(?<key>\w+)" = '(?<value>[^']+)' GROUP BY (?<by>.+) ORDER BY \k<stat>\(\) (?<order>ASC|DESC) LIMIT (?<limit>\d+)$/;

/** By CloudWatch Metrics Insights, as far as the dashboard uses it. */
function queried(query: string, { period }: Options, all: readonly Datum[]): readonly Series[] {
  const {
    stat = '',
    name,
    namespace,
    schema,
    key = '',
    value,
    by,
    order,
    limit,
  } = QUERY.exec(query)?.groups ?? {};
  const namesIn = (list = '') => [...list.matchAll(/"(\w+)"/g)].map(([, each = '']) => each);
  const data = all.filter(
    (each) =>
      each.namespace === namespace &&
      each.name === name &&
      Object.keys(each.dimensions).toSorted().join() === namesIn(schema).toSorted().join() &&
      each.dimensions[key] === value,
  );
  const groups = Map.groupBy(data, ({ dimensions }) =>
    namesIn(by)
      .map((each) => dimensions[each])
      .join(' '),
  );
  const rank = ({ points }: Series) =>
    (STATISTICS[stat]?.(...points.map((point) => point.value)) ?? 0) * (order === 'ASC' ? 1 : -1);
  return [...groups]
    .map(([label, each]) => ({ label, points: aggregate(each, stat, period * 1000) }))
    .toSorted((one, other) => rank(one) - rank(other))
    .slice(0, Number(limit));
}
