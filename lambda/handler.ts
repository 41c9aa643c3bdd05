import { type AlertIds, renderAlert } from './alerts/alert.ts';
import { describeError, toRotationError } from './disclosure.ts';
import { type EventIds, parseRotationEvent, readEventIds, secretName } from './event.ts';
import { type Details, RotationError, riskAt, type Step } from './failure.ts';
import type { Log } from './log.ts';
import type { Alert, AlertPublisher } from './ports/alert-publisher.ts';
import type { Deadline, Invocation, StepFunction } from './ports/step.ts';
import { LAST_WORDS_MS, NOTICE_TIMEOUT_MS } from './time/timing.ts';

/** The part of Lambda's context that is used. */
export interface InvocationContext {
  readonly awsRequestId: string;
  readonly functionName: string;
  readonly invokedFunctionArn: string;
  getRemainingTimeInMillis(): number;
}

/** What to run in each step. Total: a step without an implementation does not compile. */
export type Steps = Readonly<Record<Step, StepFunction>>;

export interface HandlerDeps {
  /** The steps, or why this function can run none: then every invocation fails so. */
  readonly steps: Steps | RotationError;
  /** Undefined where the environment does not even name the topic. */
  readonly failures: AlertPublisher | undefined;
  readonly log: Log;
}

/** One invocation: what is known of it so far, and where it speaks. */
interface Run extends Pick<HandlerDeps, 'failures' | 'log'> {
  readonly ids: AlertIds;
  readonly deadline: Deadline;
}

/**
 * Builds the function that Secrets Manager invokes once per rotation step.
 *
 * A failure is logged once, told to people once, and thrown, which makes Secrets
 * Manager try the rotation again. What goes wrong in telling is logged only.
 */
export function createHandler({ steps, failures, log }: HandlerDeps) {
  return async (event: unknown, context: InvocationContext): Promise<void> => {
    const startedAt = performance.now();
    const deadline = { remainingMs: () => context.getRemainingTimeInMillis() };
    const known = readEventIds(event);
    const ids = { ...contextIds(context), ...known };
    const run: Run = { ids, deadline, failures, log: log.with(loggedIds(known)) };
    try {
      const { step, request } = parseRotationEvent(event);
      run.log.info('rotation step started');
      await runnable(steps)[step](request, createInvocation(run));
      run.log.info('rotation step finished', { durationMs: msSince(startedAt) });
    } catch (error) {
      // What makes every invocation fail is told first, even where the event is bad too.
      const failure = steps instanceof RotationError ? steps : toRotationError(error);
      await report(failure, run, msSince(startedAt));
      // The log has its name. Causes quote their input, and not every printer of
      // errors leaves them out as Lambda's own does.
      delete failure.cause;
      throw failure;
    }
  };
}

/** What every line of the invocation says. */
function loggedIds({ secretId, ...ids }: EventIds): Details {
  return { ...ids, ...(secretId !== undefined && { secret: secretName(secretId) }) };
}

function createInvocation(run: Run): Invocation {
  return {
    deadline: run.deadline,
    log: run.log,
    notify: (notice) => tell(run, () => renderAlert({ ...run.ids, notice }), NOTICE_TIMEOUT_MS),
  };
}

async function report(failure: RotationError, run: Run, durationMs: number): Promise<void> {
  const risk = riskAt(run.ids.step, failure);
  run.log.error('rotation step failed', { durationMs, risk, error: describeError(failure) });
  await tell(run, () => renderAlert({ ...run.ids, failure }));
}

/** Publishes in the time that is left. Never throws: an alert must not replace what it reports. */
async function tell(
  { deadline, failures, log }: Run,
  render: () => Alert,
  limitMs = Number.POSITIVE_INFINITY,
): Promise<void> {
  if (failures === undefined) {
    log.error('alert not published: FAILURE_TOPIC_ARN names no topic');
    return;
  }
  try {
    const leftMs = Math.max(0, deadline.remainingMs() - LAST_WORDS_MS);
    await failures.publish(render(), Math.min(limitMs, leftMs));
  } catch (error) {
    log.error('alert not published', { error: describeError(error) });
  }
}

function runnable(steps: Steps | RotationError): Steps {
  if (steps instanceof RotationError) {
    throw steps;
  }
  return steps;
}

function contextIds({
  awsRequestId,
  functionName,
  invokedFunctionArn,
}: InvocationContext): AlertIds {
  const region = invokedFunctionArn.split(':')[3];
  return { requestId: awsRequestId, functionName, ...(region !== undefined && { region }) };
}

function msSince(startedAt: number): number {
  return Math.round(performance.now() - startedAt);
}
