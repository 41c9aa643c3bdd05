import type { Watcher } from '../../../../infra/local/demo/rotation.ts';
import { type GitLab, startGitLab } from '../../../../infra/local/gitlab/gitlab.ts';
import {
  type RealRotationProps,
  type RealRotationResult,
  rotateRealToken,
} from '../../../../infra/local/real/real-rotation.ts';
import { SimulatedClock } from '../../../rig/clock/simulated-clock.ts';
import { sharedBundle } from '../../../rig/vitest/shared-bundle.ts';

/** Nobody looks on. */
export const SILENT: Watcher = { onProgress: () => undefined, onLog: () => undefined };

/** A GitLab that stands for a real one. Its clock stands still unless `rotateReal` lets time pass. */
export type RealGitLab = GitLab & { readonly clock: SimulatedClock };

/** Starts it with a token named `first`. */
export async function startRealGitLab(): Promise<RealGitLab> {
  const clock = new SimulatedClock();
  const gitlab = await startGitLab({ clock, settings: { tokenValues: 'words' } });
  gitlab.addProject({ path: 'group/app' });
  addToken(gitlab, 'first');
  return Object.assign(gitlab, { clock });
}

/** Another token of the same project, of a bot user of its own. */
export function addToken(gitlab: GitLab, value: string): void {
  const resource = gitlab.addProject({ path: `copy-of-${value}` });
  gitlab.createAccessToken({
    resource: { ...resource, id: 1, path: 'group/app' },
    scopes: ['self_rotate'],
    value,
  });
}

/** Rotates as `npm start -- --project group/app` does, with a person who agrees unless told otherwise. */
export function rotateReal(
  { clock, url }: RealGitLab,
  { env, ...props }: Partial<RealRotationProps> & Pick<RealRotationProps, 'stateFile'>,
): Promise<RealRotationResult | undefined> {
  return clock.during(
    rotateRealToken({
      project: 'group/app',
      env: { GITLAB_URL: url, ...env },
      confirm: async () => true,
      watcher: SILENT,
      cloud: { clock, bundle: sharedBundle() },
      ...props,
    }),
  );
}
