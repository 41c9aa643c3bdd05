import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { GitLab } from '../../../infra/local/gitlab/gitlab.ts';
import { checkOut } from '../local/checkout.ts';
import { startRealGitLab } from '../local/real/real-gitlab.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function start(folder: string, gitlab: GitLab, args: readonly string[] = ['--yes']) {
  const script = join(folder, 'infra', 'local', 'start.ts');
  const { PATH = '' } = process.env;
  const env = { PATH, GITLAB_URL: gitlab.url, GITLAB_TOKEN: 'first' };
  return spawn(process.execPath, [script, '--project', 'group/app', ...args], { env });
}

function exitOf(child: ChildProcess) {
  return new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
}

/** Something that happens after GitLab's commit, and before its answer. */
function beforeAnswer(gitlab: GitLab, run: () => unknown): void {
  gitlab.faults.add({ operation: 'rotate', at: 'after', effect: { kind: 'run', run } });
}

/** What the secret in the state file holds under a label. */
function storedIn(folder: string, label: string): string | undefined {
  const { secrets } = JSON.parse(readFileSync(join(folder, '.local', 'secrets.json'), 'utf8'));
  const versions: { labels: string[]; value?: { text: string } }[] = secrets[0].versions;
  return versions.find(({ labels }) => labels.includes(label))?.value?.text;
}

// Side by side: each mostly waits.
describe.concurrent('npm start -- --project, interrupted', () => {
  it('rotates to the end when it is interrupted between the commit of GitLab and its answer', async () => {
    await using folder = await checkOut();
    await using gitlab = await startRealGitLab();
    const child = start(folder.path, gitlab);
    beforeAnswer(gitlab, async () => {
      child.kill('SIGINT');
      await sleep(300);
    });

    const [output, told, exit] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      exitOf(child),
    ]);

    expect(exit).toEqual({ code: 0, signal: null });
    expect(output).toContain('Rotated.');
    expect(told).toContain('The rotation is under way, and ends by itself within minutes.');
    expect(gitlab.isAlive('successor-1')).toBe(true);
    expect(storedIn(folder.path, 'AWSCURRENT')).toContain('successor-1');
  });

  it('tells the result however often it gets any signal, also while its servers stop', async () => {
    await using folder = await checkOut();
    await using gitlab = await startRealGitLab();
    const child = start(folder.path, gitlab);
    let again: NodeJS.Timeout | undefined;
    beforeAnswer(gitlab, () => {
      again = setInterval(() => {
        for (const signal of SIGNALS) {
          child.kill(signal);
        }
      }, 5);
    });
    child.stderr.resume();

    const [output] = await Promise.all([text(child.stdout), exitOf(child)]);
    clearInterval(again);

    expect(output).toContain('Rotated.');
    expect(storedIn(folder.path, 'AWSCURRENT')).toContain('successor-1');
  });

  it('rotates to the end when the terminal closes, though nobody can read its output', async () => {
    await using folder = await checkOut();
    await using gitlab = await startRealGitLab();
    const child = start(folder.path, gitlab);
    beforeAnswer(gitlab, async () => {
      child.stdout.destroy();
      child.stderr.destroy();
      child.kill('SIGHUP');
      await sleep(300);
    });

    const exit = await exitOf(child);

    expect(exit).toEqual({ code: 0, signal: null });
    expect(storedIn(folder.path, 'AWSCURRENT')).toContain('successor-1');
  });
});
