import { renderAlert } from './alerts/alert.ts';
import type { AlertIds } from './alerts/runbook-values.ts';
import { describeError, toRotationError } from './disclosure.ts';
import { type EventIds, parseRotationEvent, readEventIds, secretName } from './event.ts';
import { type Details, type NoticeCode, RotationError, riskAt, type Step } from './failure.ts';
import type { Log } from './log.ts';
import { type WriteLine, writeMetrics } from './metrics/embedded-format.ts';
import { measureStep } from './metrics/of-step.ts';
import type { Alert, AlertPublisher } from './ports/alert-publisher.ts';
import type { Clock, Run, Services, StepFunction } from './ports/step.ts';
import { FINAL_LOG_MS, NOTICE_TIMEOUT_MS } from './time/timing.ts';

/** The part of Lambda's context that the handler uses. */
export interface InvocationContext {
  readonly awsRequestId: string;
  readonly functionName: string;
  readonly invokedFunctionArn: string;
  getRemainingTimeInMillis(): number;
}

/** What to run in each step. Total: a step without an implementation does not compile. */
export type Steps = Readonly<Record<Step, StepFunction>>;

export interface HandlerDeps {
  readonly steps: Steps;
  /** What the steps work with, or why there is none: then every invocation fails so. */
  readonly services: Services | RotationError;
  readonly clock: Clock;
  /** Undefined where the environment does not even name the topic. */
  readonly failures: AlertPublisher | undefined;
  readonly log: Log;
  readonly metrics: WriteLine;
}

/** One invocation: what is known of it so far, and where it logs, publishes and is measured. */
interface Invocation extends Pick<HandlerDeps, 'failures' | 'log' | 'metrics' | 'clock'> {
  readonly ids: AlertIds & Pick<InvocationContext, 'functionName'>;
  readonly remainingMs: () => number;
  /** What was told so far. */
  readonly notices: NoticeCode[];
}

/**
 * Builds the function that Secrets Manager invokes once per rotation step.
 *
 * A failure is logged once, published once, and thrown, which makes Secrets
 * Manager try the rotation again. A publish that fails is only logged.
 */
export function createHandler({ steps, services, log, ...deps }: HandlerDeps) {
  return async (event: unknown, context: InvocationContext): Promise<void> => {
    const startedAt = performance.now();
    const remainingMs = () => context.getRemainingTimeInMillis();
    const known = readEventIds(event);
    const ids = { ...contextIds(context), ...known };
    const invocation: Invocation = {
      ...{ ...deps, ids, remainingMs, notices: [] },
      log: log.with(loggedIds(known)),
    };
    try {
      const { step, request } = parseRotationEvent(event);
      invocation.log.info('rotation step started');
      const work = forSecret(secretName(request.secretId), available(services));
      await steps[step]({ ...work, request, ...inInvocation(invocation) });
      const durationMs = msSince(startedAt);
      invocation.log.info('rotation step finished', { durationMs });
      measure(invocation, durationMs);
    } catch (error) {
      // Configuration errors take precedence over event errors.
      const failure = services instanceof RotationError ? services : toRotationError(error);
      await report(failure, invocation, msSince(startedAt));
      // The log has its name. Causes quote their input, and not every printer of
      // errors leaves them out as Lambda's own does.
      delete failure.cause;
      throw failure;
    }
  };
}

/** The ids that every log line of the invocation holds. */
function loggedIds({ secretId, ...ids }: EventIds): Details {
  return { ...ids, ...(secretId !== undefined && { secret: secretName(secretId) }) };
}

function inInvocation(invocation: Invocation): Pick<Run, 'log' | 'time' | 'notify'> {
  const { log, clock, ids, remainingMs, notices } = invocation;
  return {
    log,
    time: { now: () => clock.now(), sleep: (ms) => clock.sleep(ms), remainingMs },
    notify: (notice) => {
      notices.push(notice.code);
      return publish(invocation, () => renderAlert({ ...ids, notice }), NOTICE_TIMEOUT_MS);
    },
  };
}

async function report(
  failure: RotationError,
  invocation: Invocation,
  durationMs: number,
): Promise<void> {
  const { ids, log } = invocation;
  const risk = riskAt(ids.step, failure);
  log.error('rotation step failed', { durationMs, risk, error: describeError(failure) });
  // Before the alert, which may take all the time that is left.
  measure(invocation, durationMs, failure);
  await publish(invocation, () => renderAlert({ ...ids, failure }));
}

function measure(invocation: Invocation, durationMs: number, failure?: RotationError): void {
  const { ids, notices, clock } = invocation;
  const { functionName, step } = ids;
  writeMetrics(invocation, clock.now(), () => [
    measureStep({ functionName, step, durationMs, notices, failure }),
  ]);
}

/** Publishes in the time that is left. Never throws: an alert must not replace the failure. */
async function publish(
  { remainingMs, failures, log }: Invocation,
  render: () => Alert,
  limitMs = Number.POSITIVE_INFINITY,
): Promise<void> {
  if (failures === undefined) {
    log.error('alert not published: FAILURE_TOPIC_ARN names no topic');
    return;
  }
  try {
    const leftMs = Math.max(0, remainingMs() - FINAL_LOG_MS);
    await failures.publish(render(), Math.min(limitMs, leftMs));
  } catch (error) {
    log.error('alert not published', { error: describeError(error) });
  }
}

function available(services: Services | RotationError): Services {
  if (services instanceof RotationError) {
    throw services;
  }
  return services;
}

/** With the settings of this secret in place of those for all. */
function forSecret(
  name: string,
  { secretSettings, ...services }: Services,
): Omit<Services, 'secretSettings'> {
  return { ...services, settings: { ...services.settings, ...secretSettings?.get(name) } };
}

function contextIds({
  awsRequestId,
  functionName,
  invokedFunctionArn,
}: InvocationContext): Invocation['ids'] {
  const region = invokedFunctionArn.split(':')[3];
  return { requestId: awsRequestId, functionName, ...(region !== undefined && { region }) };
}

function msSince(startedAt: number): number {
  return Math.round(performance.now() - startedAt);
}
