import { STEPS, type Step } from '../../../../infra/local/secrets-manager/rotation/run.ts';
import type { FaultEffect } from '../../../../infra/local/server/faults.ts';
import type { Answer } from '../../../../infra/local/server/wire.ts';
import {
  dropPending,
  editSecret,
  replaceToken,
  startRotation,
} from '../../../rig/stage/meanwhile.ts';
import type { Scene, Stage } from '../../../rig/stage/stage.ts';
import { run } from '../../../rig/stage/strike.ts';
import type { Cell } from './cell.ts';
import { TIMEOUT_MS } from './ways.ts';

/** One way in which a step goes wrong at its beginning (`before`) or at its end (`after`). */
interface StepWay {
  readonly summary: string;
  readonly at: 'before' | 'after';
  /** For how many invocations from this one on. @default 1 */
  readonly times?: number;
  readonly effects: (scene: Scene, step: Step) => readonly FaultEffect[];
}

/** What people do meanwhile; that AWS refuses is an answer too. */
const HANDS = {
  'second rotation': { summary: 'somebody starts another rotation', what: startRotation },
  'edited by hand': { summary: 'somebody changes another field of the secret', what: editSecret },
  'replaced by hand': { summary: 'somebody puts another active token', what: replaceToken },
  'label taken off': { summary: 'somebody takes AWSPENDING off', what: dropPending },
} as const;

const STEP_WAYS: Readonly<Record<string, StepWay>> = {
  'not invoked': {
    summary: 'Lambda cannot run the function once',
    at: 'before',
    effects: () => [answerWith(refusal(500, 'ServiceException', 'Service error.'))],
  },
  throttled: {
    summary: 'Lambda refuses invocations as too many, until the last attempt',
    at: 'before',
    times: 2,
    effects: () => [answerWith(THROTTLED)],
  },
  'throttled for good': {
    summary: 'Lambda refuses invocations as too many, this one and all that follow',
    at: 'before',
    times: Number.POSITIVE_INFINITY,
    effects: () => [answerWith(THROTTLED)],
  },
  'killed before': {
    summary: 'the function is killed before its first line',
    at: 'before',
    effects: (scene) => [run(() => onceStarted(scene, () => scene.stage.cloud.lambda.kill()))],
  },
  'killed after': {
    summary: 'the function has done everything, and is killed before it says so',
    at: 'after',
    effects: ({ stage }) => [
      run(() => stage.cloud.lambda.kill()),
      answerWith(functionError('Runtime.ExitError', 'Runtime exited with error: signal: killed')),
    ],
  },
  'timed out before': {
    summary: "the function's time is up before its first line",
    at: 'before',
    effects: (scene) => [
      // Lambda begins to count right after it has written that line.
      run(() => onceStarted(scene, () => queueMicrotask(() => scene.stage.clock.jump(TIMEOUT_MS)))),
    ],
  },
  'timed out after': {
    summary: 'the function has done everything, and its time is up before it says so',
    at: 'after',
    effects: ({ stage }) => [
      run(() => stage.clock.jump(TIMEOUT_MS)),
      run(() => stage.cloud.lambda.kill()),
      answerWith(functionError('Sandbox.Timedout', 'Task timed out after 60.00 seconds')),
    ],
  },
  'result lost': {
    summary: 'the step is done, and Secrets Manager does not learn of it',
    at: 'after',
    effects: () => [{ kind: 'reset' }],
  },
  'delivered twice': {
    summary: 'the step runs twice, one after the other',
    at: 'after',
    effects: () => [{ kind: 'twice' }],
  },
  'delivered twice at once': {
    summary: 'the step runs twice at the same time',
    at: 'before',
    effects: ({ stage, cleanUps }, step) => {
      if (step === 'createSecret') {
        cleanUps.push(meetAtGitLab(stage));
      }
      return [{ kind: 'twice' }];
    },
  },
  ...handWays('before'),
  ...handWays('after'),
};

/** The invocation of a step, as Secrets Manager makes it, and what happens around it. */
export function stepCells(step: Step): Cell[] {
  return Object.entries(STEP_WAYS).map(([way, { summary, at, times = 1, effects }]) => ({
    group: 'steps',
    row: step,
    way,
    step,
    summary,
    arrange: (scene) => {
      const nth = STEPS.indexOf(step) + 1;
      for (const effect of effects(scene, step)) {
        scene.stage.cloud.lambda.faults.add({ operation: 'Invoke', at, nth, times, effect });
      }
    },
  }));
}

function handWays(at: 'before' | 'after'): Record<string, StepWay> {
  const when = at === 'before' ? 'before the step begins' : 'when the step is done';
  return Object.fromEntries(
    Object.entries(HANDS).map(([name, { summary, what }]) => [
      `${name} ${at}`,
      {
        summary: `${summary} ${when}`,
        at,
        effects: (scene: Scene) => [run(() => what(scene).catch(() => undefined))],
      },
    ]),
  );
}

/** Does something the moment before the function gets its event. */
function onceStarted({ stage, cleanUps }: Scene, what: () => void): void {
  const stop = stage.cloud.lambda.onLog(({ entry }) => {
    if (entry?.['type'] === 'platform.start') {
      stop();
      what();
    }
  });
  cleanUps.push(stop);
}

/** createSecret runs twice at the same time. */
export function runTwiceAtOnce({ stage, cleanUps }: Scene): void {
  cleanUps.push(meetAtGitLab(stage));
  stage.cloud.lambda.faults.add({ operation: 'Invoke', at: 'before', effect: { kind: 'twice' } });
}

/** Two runs that rotate at once do so at the very same moment: GitLab serves both. */
function meetAtGitLab({ gitlab }: Stage): () => void {
  const hold = gitlab.hold('before-commit', 2);
  void hold.arrived.then(hold.release);
  return hold.release;
}

function answerWith(answer: Answer): FaultEffect {
  return { kind: 'answer', answer };
}

/** As Lambda answers in place of a function that it did not invoke. */
function refusal(status: number, errorType: string, Message: string): Answer {
  const headers = { 'x-amzn-ErrorType': errorType };
  return { status, headers, body: JSON.stringify({ Type: 'User', Message }) };
}

const THROTTLED = refusal(429, 'TooManyRequestsException', 'Rate Exceeded.');

/** As Lambda answers for a function that it had to stop. */
function functionError(errorType: string, errorMessage: string): Answer {
  const headers = { 'X-Amz-Function-Error': 'Unhandled' };
  return { status: 200, headers, body: JSON.stringify({ errorType, errorMessage }) };
}
