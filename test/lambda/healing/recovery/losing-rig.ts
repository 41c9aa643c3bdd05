import { addRecovery } from '../../../rig/function/recovery-rig.ts';
import { type Rig, type RigProps, startRig } from '../../../rig/function/rig.ts';
import { onRotate } from '../../../rig/function/rotate-faults.ts';

/** A GitLab that loses its next answer to a rotation; `successor-1` is the one to recover. */
export async function startLosing(props: RigProps = {}) {
  const rig = await startRig(props);
  const credential = await addRecovery(rig);
  onRotate(rig, 'after', { kind: 'reset' });
  return Object.assign(rig, { credential });
}

/** The rotations by id that GitLab was asked for. */
export function requestsById({ gitlab }: Rig) {
  return gitlab.rotateRequests.filter(({ operation }) => operation === 'rotateById');
}

/** Before such a request is carried out. */
export const byId = { operation: 'rotateById', at: 'before' } as const;
