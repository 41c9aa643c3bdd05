import {
  badGateway,
  crash,
  rateLimited,
  serviceUnavailable,
} from '../../../infra/local/gitlab/api/fault-answers.ts';
import { json } from '../../../infra/local/gitlab/state/refusals.ts';
import { STEPS } from '../../../infra/local/secrets-manager/rotation/run.ts';
import {
  accessDenied,
  internalError,
  throttled,
} from '../../../infra/local/secrets-manager/state/errors.ts';
import type { FaultEffect } from '../../../infra/local/server/faults.ts';
import type { StandIn } from '../../../infra/local/server/stand-in.ts';
import type { Answer } from '../../../infra/local/server/wire.ts';
import type { Point } from './points.ts';
import type { Scene } from './stage.ts';

/** Does something when a call comes to this place. */
export function run(what: () => unknown): FaultEffect {
  return { kind: 'run', run: what };
}

/** Does something a moment later: by then, what goes beside the call is done, and has its answer. */
export function runLater({ clock }: Scene['stage'], what: () => unknown): FaultEffect {
  return run(async () => {
    await clock.sleep(1);
    await what();
  });
}

/** Where a call goes. */
export function serverOf({ stage }: Scene, { service }: Point): StandIn {
  return service === 'GitLab' ? stage.gitlab : stage.cloud.secretsManager;
}

/** @returns arranges effects for one call, one after the other */
export function strike(at: 'before' | 'after', first: FaultEffect) {
  return (scene: Scene, point: Point, more: readonly FaultEffect[] = []) => {
    const { operation, nth } = point;
    for (const effect of [first, ...more]) {
      serverOf(scene, point).faults.add({ operation, at, nth, effect });
    }
  };
}

/** What is wrong with the service. */
interface Trouble {
  readonly gateway?: boolean;
  readonly throttled?: boolean;
  readonly denied?: boolean;
  readonly times?: number;
}

/** What the service, or a gateway before it, answers from this call on. @returns takes it back */
export function strikeWith(
  scene: Scene,
  point: Point,
  at: 'before' | 'after',
  { times = 1, ...trouble }: Trouble,
): () => void {
  const { operation, nth } = point;
  const answer =
    point.service === 'GitLab' ? gitlabAnswer(trouble, scene) : awsAnswer(trouble, point);
  return serverOf(scene, point).faults.add({
    operation,
    at,
    nth,
    times,
    effect: { kind: 'answer', answer },
  });
}

function gitlabAnswer({ gateway, throttled: isThrottled, denied }: Trouble, scene: Scene): Answer {
  if (isThrottled) {
    return rateLimited(2, scene.stage.clock.now());
  }
  if (denied) {
    return json(403, { message: '403 Forbidden - Your account has been blocked.' });
  }
  return gateway ? badGateway() : crash();
}

function awsAnswer({ gateway, throttled: isThrottled, denied }: Trouble, point: Point): Answer {
  if (isThrottled) {
    return throttled();
  }
  if (denied) {
    return accessDenied(`secretsmanager:${point.operation}`);
  }
  return gateway ? serviceUnavailable() : internalError();
}

/** Does something before the server of this call can be reached for it. */
export function beforeCall(scene: Scene, point: Point, what: () => unknown): void {
  const { step, previous } = point;
  if (previous === undefined) {
    const nth = STEPS.indexOf(step) + 1;
    const { faults } = scene.stage.cloud.lambda;
    faults.add({ operation: 'Invoke', at: 'before', nth, effect: run(what) });
    return;
  }
  strike('after', run(what))(scene, previous);
}

/** Does something when time has passed. */
export function sleepThen({ stage }: Scene, ms: number, what: () => unknown): void {
  void stage.clock.sleep(ms).then(what);
}

/** What is mended while Secrets Manager waits with its next attempt. */
export function onRetry({ stage, cleanUps }: Scene, mend: () => unknown): void {
  const stop = stage.cloud.secretsManager.onRotation(({ what }) => {
    if (what === 'retry-planned') {
      stop();
      mend();
    }
  });
  cleanUps.push(stop);
}
