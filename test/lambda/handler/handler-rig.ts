import { RotationError } from '../../../lambda/failure.ts';
import { createHandler, type HandlerDeps, type Steps } from '../../../lambda/handler.ts';
import type { Alert } from '../../../lambda/ports/alert-publisher.ts';
import type { Services, StepFunction } from '../../../lambda/ports/step.ts';
import { recordingLog } from '../../rig/function/recording-log.ts';

export const ARN = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:app/token-AbC123';
export const VERSION = '6f2b8a1e-52a5-4bd3-9f64-0d4a30f1a1c1';
export const ROTATION_TOKEN = 'rotation-token-'.repeat(3);
export const EVENT = {
  Step: 'createSecret',
  SecretId: ARN,
  ClientRequestToken: VERSION,
  RotationToken: ROTATION_TOKEN,
};
/** What the log of the step says in every line. */
export const BOUND = { step: 'createSecret', secret: 'app/token', versionId: VERSION };

/** For steps that use none. */
const SERVICES = {} as Services;

interface Published {
  readonly alert: Alert;
  readonly timeoutMs: number;
}

/** A handler whose every step is `step`, with what it logs, tells and measures. */
export function givenHandler(step: StepFunction, overrides: Partial<HandlerDeps> = {}) {
  const log = recordingLog();
  const published: Published[] = [];
  const steps: Steps = {
    createSecret: step,
    setSecret: step,
    testSecret: step,
    finishSecret: step,
  };
  const failures = {
    publish: async (alert: Alert, timeoutMs: number) => {
      published.push({ alert, timeoutMs });
    },
  };
  const clock = { now: () => new Date(0), sleep: async () => {} };
  const measured: Readonly<Record<string, unknown>>[] = [];
  const metrics = (line: string) => measured.push(JSON.parse(line));
  const handle = createHandler({
    ...{ steps, services: SERVICES, clock, failures, log, metrics },
    ...overrides,
  });
  const invoke = (event: unknown = EVENT, remainingMs = 60_000) =>
    handle(event, {
      awsRequestId: 'request-1',
      functionName: 'rotation',
      invokedFunctionArn: 'arn:aws:lambda:eu-central-1:111122223333:function:rotation',
      getRemainingTimeInMillis: () => remainingMs,
    });
  return { invoke, log, published, measured };
}

/** A step that fails. */
export const refuse: StepFunction = () =>
  Promise.reject(
    new RotationError('ROTATION_REFUSED', 'GitLab refuses', { details: { status: 403 } }),
  );
