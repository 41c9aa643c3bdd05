import { type GitLab, startGitLab } from '../../../../infra/local/gitlab/gitlab.ts';
import type { Watcher } from '../../../../infra/local/show/progress.ts';

/** Nobody looks on. */
export const SILENT: Watcher = { onProgress: () => undefined, onLog: () => undefined };

/** A GitLab that stands for a real one, with a token named `first`. */
export async function startRealGitLab(): Promise<GitLab> {
  const gitlab = await startGitLab({ settings: { tokenValues: 'words' } });
  gitlab.addProject({ path: 'group/app' });
  addToken(gitlab, 'first');
  return gitlab;
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
