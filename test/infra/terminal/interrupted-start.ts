import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GitLab } from '../../../infra/local/gitlab/gitlab.ts';

/** Rotates a real token, from a checkout. */
export function startReal(folder: string, gitlab: GitLab, args: readonly string[] = ['--yes']) {
  const script = join(folder, 'infra', 'local', 'start.ts');
  const { PATH = '' } = process.env;
  const env = { PATH, GITLAB_URL: gitlab.url, GITLAB_TOKEN: 'first' };
  return spawn(process.execPath, [script, '--project', 'group/app', ...args], { env });
}

export function exitOf(child: ChildProcess) {
  return new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
}

/** Something that happens after GitLab's commit, and before its answer. */
export function beforeAnswer(gitlab: GitLab, run: () => unknown): void {
  gitlab.faults.add({ operation: 'rotate', at: 'after', effect: { kind: 'run', run } });
}

/** What the secret in the state file holds under a label. */
export function storedIn(folder: string, label: string): string | undefined {
  const { secrets } = JSON.parse(readFileSync(join(folder, '.local', 'secrets.json'), 'utf8'));
  const versions: { labels: string[]; value?: { text: string } }[] = secrets[0].versions;
  return versions.find(({ labels }) => labels.includes(label))?.value?.text;
}
