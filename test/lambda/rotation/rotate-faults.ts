import type { FaultEffect } from '../../../infra/local/faults.ts';
import type { Rig } from '../../rig.ts';

/** Does something between the last probe of the token and the rotate request. */
export function beforeRotating(rig: Rig, run: () => unknown): void {
  rig.gitlab.faults.add({ operation: 'probe', at: 'after', nth: 2, effect: { kind: 'run', run } });
}

/** Does something to the next rotate requests, before GitLab carries them out or after. */
export function onRotate(rig: Rig, at: 'before' | 'after', effect: FaultEffect, times = 1): void {
  rig.gitlab.faults.add({ operation: 'rotate', at, effect, times });
}
