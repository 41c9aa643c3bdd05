import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command as `npm start` does, with nobody at the keyboard. */
function start(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const script = join(import.meta.dirname, '..', '..', '..', 'infra', 'local', 'start.ts');
  const { PATH = '' } = process.env;
  return new Promise<Result>((resolve) => {
    const child = execFile(
      process.execPath,
      [script, ...args],
      { env: { PATH, ...env } },
      (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
      },
    );
    child.stdin?.end();
  });
}

describe('npm start', () => {
  it('shows the four steps, both sides before and after, and every kind of call', async () => {
    const { code, stdout } = await start([]);

    expect(code).toBe(0);
    for (const step of ['createSecret', 'setSecret', 'testSecret', 'finishSecret']) {
      expect(stdout).toMatch(new RegExp(`✓ ${step} +\\d+ ms`));
    }
    expect(stdout).toMatch(/AWSCURRENT +token 1, alive until \S+ +token 2, alive until/);
    expect(stdout).toMatch(/AWSPREVIOUS +- +token 1, dead/);
    expect(stdout).toMatch(/it was dead for \d+ ms/);
    expect(stdout).toMatch(/GitLab +4 {2}probe 3, rotate 1/);
  });

  it('prints no colours where nobody sees them, and some where somebody does', async () => {
    const [plain, coloured] = await Promise.all([start([]), start([], { FORCE_COLOR: '1' })]);

    expect(plain.stdout).not.toContain('\u001b[');
    expect(coloured.stdout).toContain('\u001b[');
  });

  it('prints one JSON object for programs', async () => {
    const { stdout } = await start(['--json']);

    expect(JSON.parse(stdout)).toMatchObject({
      outcome: 'succeeded',
      attempts: 1,
      steps: [{ step: 'createSecret' }, {}, {}, { step: 'finishSecret', succeeded: true }],
      after: { labels: [{ label: 'AWSCURRENT', tokenId: '2', alive: true }, {}, {}], orphans: [] },
      deadWindow: { ongoing: false },
      alerts: [],
    });
  });

  it('shows a failure, and the alert as a mail and as a chat message', async () => {
    const { code, stdout } = await start(['--fault', 'scope-missing']);

    expect(code).toBe(0);
    expect(stdout).toMatch(/✗ createSecret +\d+ ms\n +SCOPE_MISSING: /);
    expect(stdout).toContain('Secrets Manager tries again');
    expect(stdout).toContain('Subject: [gitlab-token-rotation] SCOPE_MISSING: app/gitlab-token');
    expect(stdout).toContain('as a chat shows it');
    expect(stdout).toContain('it was never dead');
    expect(stdout).toMatch(/AWSPENDING +- +empty version\n/);
    expect(stdout).toMatch(/AWS refuses another rotate-secret\s+until the label is taken off, as/);
  });

  it('names what it was asked for beside the rotation', async () => {
    const { code, stdout } = await start(['--alternating', '--recovery']);

    expect(code).toBe(0);
    expect(stdout).toMatch(/^One rotation .*, with alternating tokens and a recovery credential\n/);
    expect(stdout).toMatch(/standby +token 2, alive/);
  });

  it('lists options and faults', async () => {
    const { code, stdout } = await start(['--help']);

    expect(code).toBe(0);
    expect(stdout).toMatch(
      /--fault <name>[\s\S]*--recovery[\s\S]*--alternating[\s\S]*--json[\s\S]*--project <id>[\s\S]*answer-lost/,
    );
  });

  it.each([
    [['--fault', 'nope'], {}, /there is no fault "nope"; there are answer-lost/],
    [['--verbose'], {}, /Unknown option '--verbose'/],
    [['--project', '1'], {}, /GITLAB_URL is missing/],
    [['--project', '1', '--fault', 'read-only'], {}, /for the local GitLab only/],
    [['--project', '1', '--recovery'], {}, /for the local GitLab only/],
    [['--project', '1', '--alternating'], {}, /for the local GitLab only/],
    [[], { GITLAB_TOKEN: 'first' }, /say --project, or leave them out/],
    [['--yes'], {}, /say --project, or leave them out/],
    [['--project', '1'], { GITLAB_URL: 'https://me:first@host' }, /neither credentials/],
    [['--project', '1'], { GITLAB_URL: 'gitlab.example.com' }, /is missing or no URL/],
    [['--project', '1', '--yes'], { GITLAB_URL: 'http://gitlab.example.com' }, /begin with https:/],
  ])('says what is wrong with %j, and what to do', async (args, env, text) => {
    const { code, stderr } = await start(args, env);

    expect(code).toBe(2);
    expect(stderr).toMatch(text);
    expect(stderr).toContain('See npm start -- --help');
    expect(stderr).not.toContain('first');
  });
});
