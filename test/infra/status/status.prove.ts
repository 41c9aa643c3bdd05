import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { findAccess } from '../../../infra/app/access.ts';
import { askWatch } from '../../../infra/status/ask-watch.ts';
import { findWatch } from '../../../infra/status/deployed.ts';
import type { Report } from '../../../infra/status/report.ts';
import { ROOT } from '../../rig/documents/documents.ts';
import { COMPILE_CACHE } from '../../rig/vitest/compile-cache.ts';
import { rotationFile, startAws } from './aws.ts';

/** Runs the command as `npm run status` does, but without the colours and variables of a person. */
function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { PATH = '', TMPDIR = '' } = process.env;
  const script = join(ROOT, 'infra', 'status', 'status.ts');
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(
      process.execPath,
      [script, ...args],
      { env: { PATH, TMPDIR, ...COMPILE_CACHE, ...env } },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

/** Each of them wrong for a server on loopback. */
const OF_OTHER_TOOLS = {
  AWS_PROFILE: 'nobody',
  AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
  HTTP_PROXY: 'http://127.0.0.1:9',
};

describe('npm run status', () => {
  it('ends with 0 where nothing was found', async () => {
    const { code, stdout, stderr } = await run(['--local', '--secrets', '1']);

    expect(stdout).toMatch(/^✓ app\/gitlab-token .*\n\nNo findings in 1 secret\.\n$/m);
    expect(stderr).toBe('');
    expect(code).toBe(0);
  });

  it('ends with 1 where something was found, whatever is set for other tools', async () => {
    const { code, stdout } = await run(['--local', '--secrets', '30', '--json'], OF_OTHER_TOOLS);

    const { secrets } = JSON.parse(stdout);
    expect(secrets).toHaveLength(30);
    expect(secrets[0]).toMatchObject({ findings: [{ code: 'REVOKED' }] });
    expect(stdout).not.toMatch(/glpat-/);
    expect(code).toBe(1);
  });

  it('ends with 2 where it cannot find out, and prints why beside the result', async () => {
    const { code, stdout, stderr } = await run(['--json', '--secrets', '3']);

    expect(stdout).toBe('');
    expect(stderr).toBe(
      '--secrets belongs to --local: add it, or leave both out\nSee npm run status -- --help\n',
    );
    expect(code).toBe(2);
  });

  it('says in its help what the marks mean', async () => {
    const { stdout } = await run(['--help']);

    expect(stdout.replace(/\s+/g, ' ')).toContain(
      '✗ marks a secret whose consumers are affected now, ! one with other findings, ✓ one with none.',
    );
  });
});

describe('the access to AWS', () => {
  const NOWHERE = { AWS_CONFIG_FILE: devNull, AWS_SHARED_CREDENTIALS_FILE: devNull };

  function stub(env: Readonly<Record<string, string | undefined>>): void {
    for (const [name, value] of Object.entries({ AWS_EC2_METADATA_DISABLED: 'true', ...env })) {
      vi.stubEnv(name, value);
    }
  }

  async function ask(profile?: string): Promise<Report> {
    await using watch = await findWatch({
      findAccess: () => findAccess(profile),
      profile,
      names: [],
      rotationFile: rotationFile(),
    });
    return await askWatch(watch);
  }

  it('is that of the environment, with the region that the AWS CLI would take', async () => {
    const { events } = await startAws();
    stub({ ...NOWHERE, AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'key' });
    stub({ AWS_REGION: undefined, AWS_DEFAULT_REGION: 'eu-north-1' });

    await expect(findAccess(undefined)).resolves.toMatchObject({ region: 'eu-north-1' });
    await ask();

    expect(events).toHaveLength(1);
  });

  it('is that of a profile', async () => {
    const { events } = await startAws();
    const folder = mkdtempSync(join(tmpdir(), 'aws-'));
    const file = join(folder, 'config');
    writeFileSync(
      file,
      '[profile ops]\nregion = eu-west-3\naws_access_key_id = AKIA\naws_secret_access_key = key\n',
    );
    stub({ ...NOWHERE, AWS_CONFIG_FILE: file, AWS_REGION: undefined });

    await expect(findAccess('ops')).resolves.toMatchObject({ region: 'eu-west-3' });
    await ask('ops');

    expect(events).toHaveLength(1);
  });

  it.each([
    [undefined, /^There are no AWS credentials.*Log in until/],
    ['nobody', /^The AWS profile nobody does not exist, or has no credentials.*Log in until/],
  ])('that is missing is an error: profile %s', async (profile, message) => {
    const { calls } = await startAws();
    stub({ ...NOWHERE, AWS_REGION: 'eu-west-1' });
    stub({ AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined });

    await expect(ask(profile)).rejects.toThrow(message);
    expect(calls).toEqual([]);
  });
});
