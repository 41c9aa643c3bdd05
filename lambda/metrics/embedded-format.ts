import { errorName } from '../disclosure.ts';
import type { StepLog } from '../ports/step.ts';
import { type DimensionName, METRICS, type MetricName, NAMESPACE } from './names.ts';

/** Some metrics with the same values of their dimensions. Nothing of it is secret. */
export interface Measured {
  readonly dimensions: Readonly<Partial<Record<DimensionName, string>>>;
  readonly values: Readonly<Partial<Record<MetricName, number>>>;
}

/** Takes a line of the log, without its end. */
export type WriteLine = (line: string) => void;

/**
 * Past the console, since Lambda's JSON format makes what goes through that a member of an object of
 * its own. What is written here reaches CloudWatch Logs as it is, which makes metrics of each line in
 * the embedded metric format. Such a line has no level, so to Lambda it is INFO.
 *
 * CloudWatch User Guide, "Using the embedded metric format with Lambda"; Lambda Developer Guide,
 * "Log-level filtering"; src/LogPatch.js of aws/aws-lambda-nodejs-runtime-interface-client, which
 * wraps the console alone; awslabs/aws-embedded-metrics-node#158, by which AWS's own library does so.
 */
export function writeToStdout(line: string): void {
  process.stdout.off('error', ignoreError).on('error', ignoreError);
  process.stdout.write(`${line}\n`);
}

/**
 * An error that nobody listens to, such as that stdout is closed, ends the process, and with it a new
 * token that is in memory only. A `Console` would ignore the first one, but not the second.
 */
function ignoreError(): void {
  // Without stdout there is nowhere to say so.
}

/** Best effort: a metric that cannot be written must not change what comes of the invocation. */
export function writeMetrics(
  { metrics, log }: { readonly metrics: WriteLine; readonly log: StepLog },
  now: Date,
  measure: () => readonly Measured[],
): void {
  try {
    for (const measured of measure()) {
      metrics(JSON.stringify(embedded(measured, now)));
    }
  } catch (error) {
    log.warn('metrics not written', { error: errorName(error) });
  }
}

/**
 * CloudWatch's embedded metric format: what is a metric, and of which dimensions, in `_aws`; names
 * and values beside it. At most 100 metrics in a line, and 30 dimensions in a set.
 */
function embedded({ dimensions, values }: Measured, now: Date): object {
  const names = Object.keys(values) as MetricName[];
  return {
    _aws: {
      Timestamp: now.getTime(),
      CloudWatchMetrics: names.map((Name) => ({
        Namespace: NAMESPACE,
        Dimensions: METRICS[Name].dimensions,
        Metrics: [{ Name, Unit: METRICS[Name].unit }],
      })),
    },
    ...dimensions,
    ...values,
  };
}
