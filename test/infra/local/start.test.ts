import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Nobody listens there. */
const DEAD = 'http://127.0.0.1:9';

/** Each of them wrong for a server on loopback. */
const OF_AWS = {
  AWS_DEFAULTS_MODE: 'unheard-of',
  AWS_RETRY_MODE: 'unheard-of',
  AWS_PROFILE: 'nobody',
  AWS_REGION: 'nowhere',
  AWS_ENDPOINT_URL: DEAD,
  AWS_ENDPOINT_URL_SECRETS_MANAGER: DEAD,
};

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

  it('shows a failure, and what its alert says first', async () => {
    const { code, stdout } = await start(['--fault', 'scope-missing']);

    expect(code).toBe(0);
    expect(stdout).toContain('Subject: [gitlab-token-rotation] SCOPE_MISSING: app/gitlab-token');
    expect(stdout).toMatch(/WHAT HAPPENED\n\n? +The token lives[\s\S]*WHO IS AFFECTED/);
    expect(stdout).toContain('Add --verbose for the whole mail, chat and calls');
    expect(stdout).not.toMatch(/IDS AND DETAILS|as a chat shows it|^Calls/m);
  });

  it('shows with --verbose all of every alert, as a mail and as a chat message', async () => {
    const { code, stdout } = await start(['--fault', 'scope-missing', '--verbose']);

    expect(code).toBe(0);
    expect(stdout).toMatch(/✗ createSecret +\d+ ms\n +SCOPE_MISSING: /);
    expect(stdout).toContain('Secrets Manager tries again');
    expect(stdout).toContain('Subject: [gitlab-token-rotation] SCOPE_MISSING: app/gitlab-token');
    expect(stdout).toContain('IDS AND DETAILS');
    expect(stdout).toContain('as a chat shows it');
    expect(stdout).toMatch(/^Calls$/m);
    expect(stdout).toContain('it was never dead');
    expect(stdout).toMatch(/AWSPENDING +- +empty version\n/);
    expect(stdout).toMatch(/AWS refuses another rotate-secret until the\s+label is taken off, as/);
  });

  it('names what it was asked for beside the rotation', async () => {
    const { code, stdout } = await start(['--alternating', '--recovery']);

    expect(code).toBe(0);
    expect(stdout).toMatch(/^One rotation .*, with alternating tokens and a recovery credential\n/);
    expect(stdout).toMatch(/standby +token 2, alive/);
  });

  it.each([
    [{ GITLAB_TOKEN: 'first' }, 'GITLAB_TOKEN'],
    [{ GITLAB_URL: 'https://gitlab.example.com' }, 'GITLAB_URL'],
    [{ GITLAB_URL: 'nonsense', GITLAB_TOKEN: 'first' }, 'GITLAB_URL, GITLAB_TOKEN'],
  ])('leaves alone what is set for other tools, and says how to use it: %j', async (env, names) => {
    const { code, stdout, stderr } = await start(['--json'], env);

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'succeeded' });
    expect(stderr).toBe(`Ignored: ${names}. To use: npm start -- --project group/app\n\n`);
  });

  it.each<[string, Readonly<Record<string, string>>]>([
    ['the AWS CLI', { ...OF_AWS, AWS_USE_FIPS_ENDPOINT: 'true' }],
    ['the AWS CLI, for two stacks', { ...OF_AWS, AWS_USE_DUALSTACK_ENDPOINT: 'true' }],
    ['a proxy', { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: DEAD, http_proxy: DEAD, no_proxy: 'x' }],
    ['Node', { NODE_OPTIONS: '--use-env-proxy', HTTP_PROXY: DEAD, NODE_ENV: 'production' }],
  ])('is not disturbed by what is set for other tools: %s', async (_name, env) => {
    const { code, stdout, stderr } = await start(['--json'], env);

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'succeeded' });
  });

  it('does not read the files of the AWS CLI', async () => {
    await using home = await mkdtempDisposable(join(tmpdir(), 'home-'));
    mkdirSync(join(home.path, '.aws'));
    writeFileSync(join(home.path, '.aws', 'config'), '[default]\nuse_fips_endpoint = true\n');

    const { code, stderr } = await start([], { HOME: home.path });

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it.each(['60', '80'])('fits %s columns', async (COLUMNS) => {
    const { stdout } = await start(['--alternating', '--verbose'], { COLUMNS });

    expect(stdout.split('\n').filter((line) => line.length > Number(COLUMNS))).toEqual([]);
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
    [['--nonsense'], {}, /Unknown option '--nonsense'/],
    [['--project', '1'], {}, /GITLAB_URL is missing/],
    [['--project', '1', '--fault', 'read-only'], {}, /for the local GitLab only/],
    [['--project', '1', '--recovery'], {}, /for the local GitLab only/],
    [['--project', '1', '--alternating'], {}, /for the local GitLab only/],
    [['--yes'], {}, /say --project, or leave it out/],
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
