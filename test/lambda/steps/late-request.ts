import type { Step } from '../../../lambda/failure.ts';
import { failureOf } from '../../rig/function/alternating-rig.ts';
import type { Rig } from '../../rig/function/rig.ts';
import { onRotate } from '../../rig/function/rotate-faults.ts';

export const STEPS: readonly Step[] = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];

/** The steps up to this one. */
export function upTo(step: Step): readonly Step[] {
  return STEPS.slice(0, STEPS.indexOf(step) + 1);
}

/**
 * Runs createSecret; GitLab reads its rotate request when another run has done these steps.
 *
 * @param afterwards - what happens after them
 * @returns what createSecret failed with
 */
export async function createLate(
  rig: Rig,
  steps: readonly Step[],
  {
    afterwards = () => {},
    request = rig.request,
  }: { afterwards?: () => unknown; request?: Rig['request'] } = {},
): Promise<unknown> {
  const run = async () => {
    for (const step of steps) {
      await rig.run(step);
    }
    await afterwards();
  };
  onRotate(rig, 'before', { kind: 'run', run });
  return failureOf(rig.run('createSecret', request));
}
