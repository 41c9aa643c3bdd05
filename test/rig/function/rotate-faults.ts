import { accessDenied } from '../../../infra/local/secrets-manager/state/errors.ts';
import type { FaultEffect } from '../../../infra/local/server/faults.ts';
import { createSecret } from '../../../lambda/steps/create-secret.ts';
import type { Rig } from './rig.ts';
import { putPending } from './test-secret-rig.ts';

/** What comes runs in another process, which remembers nothing. */
export function restart({ steps }: Rig): void {
  Object.assign(steps, { createSecret: createSecret() });
}

/** Does something between the last probe of the token and the rotate request. */
export function beforeRotating(rig: Rig, run: () => unknown): void {
  rig.gitlab.faults.add({ operation: 'probe', at: 'after', nth: 2, effect: { kind: 'run', run } });
}

/** Does something to the next rotate requests, before GitLab carries them out or after. */
export function onRotate(rig: Rig, at: 'before' | 'after', effect: FaultEffect, times = 1): void {
  rig.gitlab.faults.add({ operation: 'rotate', at, effect, times });
}

/** Another run stores an active token of its own, right before ours is stored. */
export function beStoredFirst(rig: Rig): void {
  rig.services.secrets.storePending = async () => {
    rig.gitlab.createAccessToken({
      resource: rig.project,
      scopes: ['self_rotate'],
      value: 'another',
    });
    await putPending(rig, '{"token":"another"}');
    return 'taken';
  };
}

/** Refuses to store the successor; the first put is the one that proves that it can be stored. */
export function refusePuts({ secretsManager }: Rig, { nth = 2, times = 1000 } = {}): void {
  const answer = accessDenied('secretsmanager:PutSecretValue');
  const effect = { kind: 'answer', answer } as const;
  secretsManager.faults.add({ operation: 'PutSecretValue', at: 'before', nth, times, effect });
}
