import { STEPS, type Step } from '../../../../infra/local/secrets-manager/rotation/run.ts';
import { deliverAgain } from '../../../rig/stage/meanwhile.ts';
import { nameOf, type Point } from '../../../rig/stage/points.ts';
import type { Scene } from '../../../rig/stage/stage.ts';
import { run, strike } from '../../../rig/stage/strike.ts';
import type { Cell } from './cell.ts';

/*
 * Two createSecret of one version, in two processes, have both seen the token active. The request
 * of one reaches GitLab, and the rotation goes on with its answer; that of the other is on its way.
 */

const SUMMARY = 'done, and GitLab reads a second rotate request, of another createSecret';

/** GitLab reads the second request when a call is done: each one from the first request on. */
export function secondRequestCallCells(rotation: readonly Point[]): Cell[] {
  const rotate = rotation.findIndex(({ operation }) => operation === 'rotate');
  return rotation.slice(rotate).map((point, index) => ({
    group: 'calls',
    row: nameOf(point),
    way: 'second request',
    isToldAtOnce: true,
    step: point.step,
    summary: SUMMARY,
    arrange: (scene) => {
      const { promise: stepEnded, resolve } = Promise.withResolvers<void>();
      scene.stage.cloud.lambda.faults.add({
        operation: 'Invoke',
        at: 'after',
        nth: invocationOf(point.step),
        effect: run(resolve),
      });
      if (index === 0) {
        strike('after', run(holdSecondRequest(scene, { stepEnded })))(scene, point);
        return;
      }
      // The other createSecret makes calls of the same names, until its request is held.
      const since = rotation.slice(rotate, rotate + index + 1);
      const nth = since.filter(({ operation }) => operation === point.operation).length;
      const onHeld = () => strike('after', run(readIt))(scene, { ...point, nth });
      const readIt = holdSecondRequest(scene, { stepEnded, onHeld });
    },
  }));
}

/** The same when a step is done. */
export function secondRequestStepCell(step: Step): Cell {
  return {
    group: 'steps',
    row: step,
    way: 'second request after',
    isToldAtOnce: true,
    step,
    summary: SUMMARY,
    arrange: (scene) => {
      scene.stage.cloud.lambda.faults.add({
        operation: 'Invoke',
        at: 'after',
        nth: invocationOf(step),
        effect: run(holdSecondRequest(scene)),
      });
    },
  };
}

/** The other createSecret, which begins during the first step, is an invocation too. */
function invocationOf(step: Step): number {
  return STEPS.indexOf(step) + (step === 'createSecret' ? 1 : 2);
}

interface Course {
  /** Until then the answer to the second request is on its way. @default - it comes at once */
  readonly stepEnded?: Promise<void>;
  readonly onHeld?: () => void;
}

/**
 * When the first rotate request comes to GitLab, the other createSecret begins; the first is read
 * when the request of the other has come too.
 *
 * @returns lets GitLab read that, and waits until it has
 */
function holdSecondRequest(scene: Scene, { stepEnded, onHeld }: Course = {}): () => Promise<void> {
  const { faults } = scene.stage.gitlab;
  const came = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const read = Promise.withResolvers<void>();
  const rotate = { operation: 'rotate' } as const;
  const begin = () => {
    void deliverAgain(scene, { step: 'createSecret' });
    return came.promise;
  };
  const hold = () => {
    onHeld?.();
    came.resolve();
    return released.promise;
  };
  faults.add({ ...rotate, at: 'before', nth: 1, effect: run(begin) });
  faults.add({ ...rotate, at: 'before', nth: 2, effect: run(hold) });
  const answer = () => {
    read.resolve();
    return stepEnded;
  };
  faults.add({ ...rotate, at: 'after', nth: 2, effect: run(answer) });
  return () => {
    released.resolve();
    return read.promise;
  };
}
