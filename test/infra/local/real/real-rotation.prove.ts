import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Plan, rotateRealToken } from '../../../../infra/local/real/real-rotation.ts';
import { addToken, type RealGitLab, rotateReal, SILENT, startRealGitLab } from './real-gitlab.ts';

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

function run(gitlab: RealGitLab, token: string | undefined, agree = true, asked?: Asked) {
  return rotateReal(gitlab, {
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

// A token in the environment that is not the one in the file: real-rotation.prove.ts.
describe('rotateRealToken', () => {
  it('keeps the successor in a file that only its owner can read, and tells no token', async () => {
    await using gitlab = await startRealGitLab();
    const asked: Asked = { plans: [], lines: [] };

    const result = await run(gitlab, 'first', true, asked);

    expect(result?.outcome).toBe('succeeded');
    expect(gitlab.isActive('first')).toBe(false);
    expect(gitlab.isActive('successor-1')).toBe(true);
    expect(statSync(stateFile).mode & 0o777).toBe(0o600);
    expect(readFileSync(stateFile, 'utf8')).toContain('successor-1');
    expect(JSON.stringify([asked, result])).not.toMatch(/"first"|successor-1/);
  });

  it('rotates the successor in the next run, with and without the old token in the environment', async () => {
    await using gitlab = await startRealGitLab();
    await run(gitlab, 'first');

    const second = await run(gitlab, undefined);
    const third = await run(gitlab, 'first');

    expect([second?.outcome, third?.outcome]).toEqual(['succeeded', 'succeeded']);
    expect(gitlab.isActive('successor-3')).toBe(true);
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

  it('goes on with a rotation that was left unfinished', async () => {
    await using gitlab = await startRealGitLab();
    gitlab.settings.readOnly = true;
    const asked: Asked = { plans: [], lines: [] };

    const refused = await run(gitlab, 'first');
    gitlab.settings.readOnly = false;
    const result = await run(gitlab, undefined, true, asked);

    expect([refused?.outcome, result?.outcome]).toEqual(['failed', 'succeeded']);
    expect(refused?.alerts).toMatchObject([{ code: 'ROTATION_REFUSED' }]);
    expect(asked.plans).toMatchObject([{ source: 'unfinished rotation' }]);
    expect(gitlab.isActive('successor-1')).toBe(true);
  });

  it('rotates with what a person has set for other tools', async () => {
    await using gitlab = await startRealGitLab();
    const proxy = {
      NO_PROXY: 'localhost,10.0.0.0/8',
      HTTPS_PROXY: 'http://proxy.example.com:3128',
    };

    const result = await rotateReal(gitlab, {
      env: { GITLAB_TOKEN: 'first', ...proxy },
      stateFile,
    });

    expect(result).toMatchObject({ outcome: 'succeeded', alerts: [] });
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

  it('does not let a mistyped token take the place of an active one', async () => {
    await using gitlab = await startRealGitLab();
    await run(gitlab, 'first');

    const mistyped = await run(gitlab, 'fisrt');
    const next = await run(gitlab, undefined);

    expect([mistyped?.outcome, next?.outcome]).toEqual(['rejected', 'succeeded']);
    expect(gitlab.isActive('successor-2')).toBe(true);
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
    expect(gitlab.isActive('second')).toBe(false);
    expect(gitlab.isActive('successor-2')).toBe(true);
  });
});
