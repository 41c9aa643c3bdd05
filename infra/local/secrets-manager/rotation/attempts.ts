import { randomUUID } from 'node:crypto';
import type { LocalClock } from '../../server/clock.ts';
import type { SecretsState } from '../state/state.ts';
import { AWSCURRENT, holderOf } from '../state/versions.ts';
import type { RotationFunctions } from './function.ts';
import { makeManagedStep } from './managed.ts';
import {
  type AttemptEnd,
  interference,
  type RotationRun,
  type RunEvent,
  STEPS,
  type Step,
} from './run.ts';

/** What AWS does not publish, or does now one way and now another. */
export interface RotationSettings {
  /** How often all four steps are tried. */
  readonly maxAttempts: number;
  readonly retryDelayMs: number;
  /** `AWSPENDING` stays on the new version after a success. */
  readonly pendingLabelLingers: boolean;
  /** Whether events hold a RotationToken, as they do since December 2024. */
  readonly rotationTokens: boolean;
}

/** What a run needs while it runs. */
export interface AttemptDeps {
  readonly state: SecretsState;
  readonly functions: RotationFunctions;
  readonly settings: RotationSettings;
  readonly clock: LocalClock;
  readonly now: () => Date;
  /** Aborted when the server shuts down. */
  readonly signal: AbortSignal;
  readonly tell: (attempt: number, event: RunEvent) => void;
}

/**
 * Takes a run through its attempts: after a failed step all steps again, with the same
 * ClientRequestToken and new RotationTokens. A test run has one attempt and one step.
 */
export async function driveRun(
  run: RotationRun,
  deps: AttemptDeps,
): Promise<{ readonly attempts: number; readonly end: AttemptEnd }> {
  const { maxAttempts, retryDelayMs } = deps.settings;
  const limit = run.kind === 'test' ? 1 : maxAttempts;
  for (let attempt = 1; ; attempt += 1) {
    const end = await makeAttempt(run, attempt, deps);
    if (end.kind !== 'failed' || end.final || attempt >= limit) {
      return { attempts: attempt, end };
    }
    deps.tell(attempt, { what: 'retry-planned', delayMs: retryDelayMs });
    // Cut short by the shutdown, which the next attempt then notices.
    await deps.clock.sleep(retryDelayMs, deps.signal);
  }
}

async function makeAttempt(
  run: RotationRun,
  attempt: number,
  deps: AttemptDeps,
): Promise<AttemptEnd> {
  const steps: readonly Step[] = run.kind === 'test' ? ['testSecret'] : STEPS;
  const interrupted = interruption(run, deps);
  if (interrupted) {
    return interrupted;
  }
  for (const step of steps) {
    const succeeded = await makeStep(run, attempt, step, deps);
    // What others did meanwhile explains a failure, so it comes first.
    const end = interruption(run, deps) ?? (succeeded ? undefined : failedIn(step, run));
    if (end) {
      return end;
    }
  }
  const secret = deps.state.get(run.arn);
  const isPromoted = secret && holderOf(secret, AWSCURRENT)?.versionId === run.versionId;
  return run.kind === 'test' || isPromoted ? { kind: 'succeeded' } : failedIn('finishSecret', run);
}

async function makeStep(
  run: RotationRun,
  attempt: number,
  step: Step,
  deps: AttemptDeps,
): Promise<boolean> {
  const { functions, settings, signal, tell } = deps;
  const rotationToken = randomUUID();
  run.issued.add(rotationToken);
  const event = {
    ClientRequestToken: run.versionId,
    ...(settings.rotationTokens && { RotationToken: rotationToken }),
    SecretId: run.arn,
    Step: step,
  };
  tell(attempt, { what: 'step-started', step });
  const startedAt = performance.now();
  const result = run.external
    ? await makeManagedStep(run, run.external, step, deps)
    : await functions.invoke(run.lambdaArn, event);
  const durationMs = performance.now() - startedAt;
  if (result.succeeded) {
    tell(attempt, { what: 'step-succeeded', step, durationMs });
  } else if (!signal.aborted) {
    const { errorType, errorMessage } = result;
    tell(attempt, { what: 'step-failed', step, durationMs, errorType, errorMessage });
  }
  return result.succeeded;
}

function interruption(run: RotationRun, { state, signal }: AttemptDeps): AttemptEnd | undefined {
  if (signal.aborted) {
    return { kind: 'stopped' };
  }
  const secret = state.get(run.arn);
  return run.cancelled || !secret ? { kind: 'cancelled' } : interference(run, secret);
}

/** The text of a captured event; it names the step, not the cause. */
function failedIn(step: Step, { lambdaArn }: RotationRun): AttemptEnd {
  return {
    kind: 'failed',
    errorMessage: `Error when executing lambda ${lambdaArn} during ${step} step`,
  };
}
