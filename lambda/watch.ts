import { describeError, errorName, toRotationError } from './disclosure.ts';
import { RotationError } from './failure.ts';
import type { InvocationContext } from './handler.ts';
import type { Log } from './log.ts';
import { type Measured, type WriteLine, writeMetrics } from './metrics/embedded-format.ts';
import { measureEnd, measureReport } from './metrics/of-watch.ts';
import type { AlertPublisher } from './ports/alert-publisher.ts';
import type { Clock, RunTime, Services } from './ports/step.ts';
import { timeoutMs } from './time/time-left.ts';
import { AWS_CALL_TIMEOUT_MS, FINAL_LOG_MS } from './time/timing.ts';
import { hasFindings, renderReport } from './watch/message.ts';
import { type Report, watchSecrets } from './watch/run.ts';
import { parseWatchEvent, type WatchTask } from './watch/watch-event.ts';

export interface WatchDeps {
  /** What the watch reads with, or why there is nothing: then every invocation fails so. */
  readonly services: Services | RotationError;
  /** The function that should rotate the secrets, or why it is not known. */
  readonly rotationFunctionArn: string | RotationError;
  readonly clock: Clock;
  readonly failures: AlertPublisher | undefined;
  readonly log: Log;
  readonly metrics: WriteLine;
}

/**
 * Builds the function that looks at the secrets once a day, and at one of them when AWS reports
 * that its rotation failed. It only reads: no request of it changes anything.
 *
 * What it found is published in one message, and returned. Where it cannot do its work, or cannot
 * publish, the invocation fails, and Lambda's on-failure destination tells people.
 */
export function createWatch(deps: WatchDeps) {
  return async (event: unknown, context: InvocationContext): Promise<Report> => {
    try {
      return await run(deps, event, context);
    } catch (error) {
      const failure = toRotationError(error);
      deps.log.error('the watch failed', { error: describeError(failure) });
      // See createHandler.
      delete failure.cause;
      throw failure;
    }
  };
}

async function run(
  { services, rotationFunctionArn, clock, failures, log, metrics }: WatchDeps,
  event: unknown,
  context: InvocationContext,
): Promise<Report> {
  const { secrets, tokens, settings, secretSettings, recovery } = known(services);
  const task = parseWatchEvent(event);
  const time: RunTime = {
    now: () => clock.now(),
    sleep: (ms) => clock.sleep(ms),
    remainingMs: () => context.getRemainingTimeInMillis(),
  };
  log.info('watch started', { secrets: task.secrets.length });
  const functionArn = known(rotationFunctionArn);
  const report = await watchSecrets(
    {
      ...{ secrets, tokens, settings, secretSettings, time, log },
      recoverySecretId: recovery?.secretId,
      rotationFunctionArn: functionArn,
    },
    task,
  );
  logFindings(report, log);
  // Any other run may be over fewer secrets, and would say that the rest are well.
  const measure = (of: (seen: Report, functionName: string) => readonly Measured[]) =>
    task.daily &&
    writeMetrics({ metrics, log }, clock.now(), () => of(report, context.functionName));
  // Before the message: the alarm on days to expiry is another way to learn of them.
  measure(measureReport);
  if (isToBeTold(report, task)) {
    const alert = renderReport(report, idsOf(context, functionArn));
    await failures
      ?.publish(alert, timeoutMs(time, AWS_CALL_TIMEOUT_MS, FINAL_LOG_MS))
      .catch(notPublished);
  }
  // After it: a run that could tell nobody has not ended well.
  measure(measureEnd);
  return report;
}

function isToBeTold(report: Report, { quiet, reportWhenWell }: WatchTask): boolean {
  return !quiet && (reportWhenWell || hasFindings(report));
}

/** They are all that is left of the run where nobody gets the message. */
function logFindings({ secrets, recovery }: Report, log: Log): void {
  for (const { name, findings } of secrets) {
    for (const { code, risk, details } of findings) {
      log.warn('found', { ...details, secret: name, code, risk });
    }
  }
  for (const { code, risk, details } of recovery?.findings ?? []) {
    log.warn('found', { ...details, code, risk });
  }
  const ill = secrets.filter(({ findings }) => findings.length > 0).length;
  log.info('watch finished', { secrets: secrets.length, secretsWithFindings: ill });
}

function notPublished(cause: unknown): never {
  throw new RotationError('UNEXPECTED', 'the findings could not be published', {
    cause,
    details: { error: errorName(cause) },
  });
}

function idsOf(
  { awsRequestId, functionName, invokedFunctionArn }: InvocationContext,
  rotationFunctionArn: string,
) {
  const [, , , region, accountId] = invokedFunctionArn.split(':');
  return {
    watchFunctionName: functionName,
    functionName: rotationFunctionArn.slice(rotationFunctionArn.lastIndexOf(':') + 1),
    region: String(region),
    accountId: String(accountId),
    requestId: awsRequestId,
  };
}

function known<T>(value: T | RotationError): T {
  if (value instanceof RotationError) {
    throw value;
  }
  return value;
}
