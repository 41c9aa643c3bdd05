import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GitLab } from '../../../../infra/local/gitlab/gitlab.ts';
import { type Plan, rotateRealToken } from '../../../../infra/local/real/real-rotation.ts';
import { addToken, SILENT, startRealGitLab } from './real-gitlab.ts';

let folder: string;
let stateFile: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'real-rotation-'));
  stateFile = join(folder, 'secrets.json');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

interface Asked {
  readonly plans: Plan[];
  readonly lines: string[];
}

function run(gitlab: GitLab, token: string | undefined, agree = true, asked?: Asked) {
  return rotateRealToken({
    project: 'group/app',
    env: { GITLAB_URL: `${gitlab.url}/`, ...(token !== undefined && { GITLAB_TOKEN: token }) },
    stateFile,
    confirm: async (plan) => {
      asked?.plans.push(plan);
      return agree;
    },
    watcher: {
      onProgress: (progress) => asked?.lines.push(JSON.stringify(progress)),
      onLog: () => undefined,
    },
  });
}

describe('rotateRealToken', () => {
  it('keeps the successor in a file that only its owner can read', async () => {
    await using gitlab = await startRealGitLab();

    const result = await run(gitlab, 'first');

    expect(result?.outcome).toBe('succeeded');
    expect(gitlab.isAlive('first')).toBe(false);
    expect(gitlab.isAlive('successor-1')).toBe(true);
    expect(statSync(stateFile).mode & 0o777).toBe(0o600);
    expect(readFileSync(stateFile, 'utf8')).toContain('successor-1');
  });

  it('rotates the successor in the next run, with and without the old token in the environment', async () => {
    await using gitlab = await startRealGitLab();
    await run(gitlab, 'first');

    const second = await run(gitlab, undefined);
    const third = await run(gitlab, 'first');

    expect([second?.outcome, third?.outcome]).toEqual(['succeeded', 'succeeded']);
    expect(gitlab.isAlive('successor-3')).toBe(true);
    expect(gitlab.rotateRequests.filter(({ deadToken }) => deadToken)).toEqual([]);
  });

  it('says first what will happen, and does nothing when the person does not agree', async () => {
    await using gitlab = await startRealGitLab();
    const asked: Asked = { plans: [], lines: [] };

    const result = await run(gitlab, 'first', false, asked);

    expect(result).toBeUndefined();
    expect(asked.plans).toMatchObject([
      { project: 'group/app', source: 'environment', gitlabUrl: gitlab.url, stateFile },
    ]);
    expect(gitlab.calls).toEqual([]);
  });

  it('does not let a mistyped token take the place of one that lives', async () => {
    await using gitlab = await startRealGitLab();
    await run(gitlab, 'first');

    const mistyped = await run(gitlab, 'fisrt');
    const next = await run(gitlab, undefined);

    expect([mistyped?.outcome, next?.outcome]).toEqual(['rejected', 'succeeded']);
    expect(gitlab.isAlive('successor-2')).toBe(true);
    expect(readFileSync(stateFile, 'utf8')).not.toContain('fisrt');
  });

  it('takes a new token after the old one was lost', async () => {
    await using gitlab = await startRealGitLab();
    await run(gitlab, 'first');
    gitlab.revoke(2);
    await run(gitlab, undefined);
    addToken(gitlab, 'second');

    const result = await run(gitlab, 'second');

    expect(result?.outcome).toBe('succeeded');
    expect(gitlab.isAlive('second')).toBe(false);
    expect(gitlab.isAlive('successor-2')).toBe(true);
  });

  it('goes on with a rotation that was left unfinished', async () => {
    await using gitlab = await startRealGitLab();
    gitlab.settings.readOnly = true;
    const asked: Asked = { plans: [], lines: [] };

    const refused = await run(gitlab, 'first');
    gitlab.settings.readOnly = false;
    const result = await run(gitlab, undefined, true, asked);

    expect([refused?.outcome, result?.outcome]).toEqual(['failed', 'succeeded']);
    expect(refused?.told).toMatchObject([{ code: 'ROTATION_REFUSED' }]);
    expect(asked.plans).toMatchObject([{ source: 'unfinished rotation' }]);
    expect(gitlab.isAlive('successor-1')).toBe(true);
  });

  it('tells no token of what it does', async () => {
    await using gitlab = await startRealGitLab();
    const asked: Asked = { plans: [], lines: [] };

    const result = await run(gitlab, 'first', true, asked);

    const told = JSON.stringify([asked, result]);
    expect(told).not.toMatch(/"first"|successor-1/);
  });

  it.each([
    { NO_PROXY: 'localhost,127.0.0.1,10.0.0.0/8' },
    { NO_PROXY: 'localhost,10.0.0.0/8', HTTPS_PROXY: 'http://proxy.example.com:3128' },
  ])('rotates with what a person has set for other tools: %j', async (proxy) => {
    await using gitlab = await startRealGitLab();

    const result = await rotateRealToken({
      project: 'group/app',
      env: { GITLAB_URL: gitlab.url, GITLAB_TOKEN: 'first', ...proxy },
      stateFile,
      confirm: async () => true,
      watcher: SILENT,
    });

    expect(result).toMatchObject({ outcome: 'succeeded', told: [] });
  });

  it('says what is missing', async () => {
    await using gitlab = await startRealGitLab();

    await expect(run(gitlab, undefined)).rejects.toThrow(/GITLAB_TOKEN is missing/);
    await expect(
      rotateRealToken({
        project: '1',
        env: {},
        confirm: async () => true,
        watcher: SILENT,
      }),
    ).rejects.toThrow(/GITLAB_URL is missing or no URL: it must be like https:/);
  });
});
