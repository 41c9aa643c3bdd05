import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { npmStart } from './start-command.ts';

/** Nobody listens there. */
const DEAD = 'http://127.0.0.1:9';

/** Each of them wrong for a server on loopback. */
const OF_OTHER_TOOLS = {
  AWS_DEFAULTS_MODE: 'unheard-of',
  AWS_RETRY_MODE: 'unheard-of',
  AWS_PROFILE: 'nobody',
  AWS_REGION: 'nowhere',
  AWS_ENDPOINT_URL: DEAD,
  AWS_ENDPOINT_URL_SECRETS_MANAGER: DEAD,
  AWS_USE_DUALSTACK_ENDPOINT: 'true',
  NODE_ENV: 'production',
  NODE_OPTIONS: '--use-env-proxy',
  NODE_USE_ENV_PROXY: '1',
  HTTP_PROXY: DEAD,
  http_proxy: DEAD,
  no_proxy: 'x',
};

describe('npm start', () => {
  it('names what it was asked for, in colours where somebody sees them, and fits 60 columns', async () => {
    const { code, stdout } = await npmStart(['--alternating', '--recovery', '--verbose'], {
      FORCE_COLOR: '1',
      COLUMNS: '60',
    });

    const text = stripVTControlCharacters(stdout);
    expect(code).toBe(0);
    expect(text).not.toBe(stdout);
    expect(text.replace(/\s+/g, ' ')).toMatch(
      /^One rotation .*?, with two tokens and a recovery credential /,
    );
    expect(text).toMatch(/standby +token 2, active/);
    expect(text.split('\n').filter((line) => line.length > 60)).toEqual([]);
  });

  it('prints one JSON object for programs, whatever is set for other tools', async () => {
    await using home = await mkdtempDisposable(join(tmpdir(), 'home-'));
    mkdirSync(join(home.path, '.aws'));
    writeFileSync(join(home.path, '.aws', 'config'), '[default]\nuse_fips_endpoint = true\n');

    const { code, stdout, stderr } = await npmStart(['--json'], {
      ...OF_OTHER_TOOLS,
      HOME: home.path,
      GITLAB_URL: 'nonsense',
      GITLAB_TOKEN: 'first',
    });

    expect(code).toBe(0);
    expect(stderr).toBe(
      'Ignored: GITLAB_URL, GITLAB_TOKEN. To use: npm start -- --project group/app\n\n',
    );
    expect(JSON.parse(stdout)).toMatchObject({
      outcome: 'succeeded',
      ending: 'rotated',
      attempts: 1,
      steps: [{ step: 'createSecret' }, {}, {}, { step: 'finishSecret', succeeded: true }],
      after: {
        labels: [{ label: 'AWSCURRENT', tokenId: '2', status: 'active' }, {}, {}],
        orphans: [],
      },
      inactiveWindow: { ongoing: false },
      alerts: [],
    });
  });

  it('shows with --verbose all of every alert, as a mail and as a chat message', async () => {
    const { code, stdout } = await npmStart(['--fault', 'scope-missing', '--verbose']);

    expect(code).toBe(0);
    expect(stdout).toMatch(/✗ createSecret +\d+ ms\n +SCOPE_MISSING: /);
    expect(stdout).toContain('Secrets Manager tries again');
    expect(stdout).toContain('Subject: [gitlab-token-rotation] SCOPE_MISSING: app/gitlab-token');
    expect(stdout).toContain('IDS AND DETAILS');
    expect(stdout).toContain('as a chat shows it');
    expect(stdout).toMatch(/^Calls$/m);
    expect(stdout).toContain('AWSCURRENT leads to an active token, as it did all the time');
    expect(stdout).toMatch(/AWSPENDING +- +empty version\n/);
    expect(stdout).toMatch(
      /AWSPENDING is on an empty version, which blocks rotate-secret: --verbose shows/,
    );
  });

  it('lists options and faults', async () => {
    const { code, stdout } = await npmStart(['--help']);

    expect(code).toBe(0);
    expect(stdout).toMatch(
      /--fault <name>[\s\S]*--recovery[\s\S]*--alternating[\s\S]*--json[\s\S]*--project <id>[\s\S]*Exit codes[\s\S]*answer-lost/,
    );
  });

  it.each([
    [['--nonsense'], {}, /^--nonsense is not an option\. Known here: --fault, /],
    [['--project', '1'], {}, /GITLAB_URL is missing/],
    [['--project', '1', '--fault', 'read-only'], {}, /for the local GitLab only/],
    [['--yes'], {}, /say --project, or leave it out/],
    [['--project', '1', '--yes'], { GITLAB_URL: 'http://gitlab.example.com' }, /begin with https:/],
  ])('says what is wrong with %j, and what to do', async (args, env, text) => {
    const { code, stderr } = await npmStart(args, env);

    expect(code).toBe(2);
    expect(stderr).toMatch(text);
    expect(stderr).toContain('See npm start -- --help');
  });
});
