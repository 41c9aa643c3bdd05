import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMPILE_CACHE } from '../../rig/vitest/compile-cache.ts';
import { sharedBundle } from '../../rig/vitest/shared-bundle.ts';
import { checkOut } from '../local/checkout.ts';
import { CloudFormation } from './deployment/cloudformation.ts';
import { synthesised } from './deployment/rig.ts';

let folder: Awaited<ReturnType<typeof checkOut>>;

beforeAll(async () => {
  folder = await checkOut('cdk.json');
  mkdirSync(join(folder.path, 'dist', 'lambda'), { recursive: true });
  copyFileSync(sharedBundle(), join(folder.path, 'dist', 'lambda', 'index.cjs'));
});
afterAll(() => folder[Symbol.asyncDispose]());

/** Runs a command of the checkout where nobody has credentials. */
function run(...command: readonly string[]) {
  return runWith({}, ...command);
}

function runWith(variables: Readonly<Record<string, string>>, ...command: readonly string[]) {
  const env = {
    // The CDK CLI starts `node`, which must be this one.
    PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
    HOME: folder.path,
    AWS_EC2_METADATA_DISABLED: 'true',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    ...COMPILE_CACHE,
    // Takes half of a synthesis: one test has it.
    CDK_VALIDATION: 'false',
    ...variables,
  };
  const options = { cwd: folder.path, env };
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, command, options, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

function write(settings: object): void {
  writeFileSync(join(folder.path, 'rotation.json'), JSON.stringify(settings));
}

/** Variables that lead to this AWS. */
async function credentialsFor(aws: CloudFormation) {
  return {
    AWS_ENDPOINT_URL: await aws.start(),
    AWS_ACCESS_KEY_ID: 'AKIA',
    AWS_SECRET_ACCESS_KEY: 'key',
    AWS_REGION: 'eu-west-1',
  };
}

/** Of a secret that has a value. */
const CURRENT = { VersionIdsToStages: { first: ['AWSCURRENT'] } };

const SYNTH = join('infra', 'app', 'synth.ts');
const DEPLOY = join('infra', 'app', 'deploy.ts');
const CDK = join('node_modules', 'aws-cdk', 'bin', 'cdk');
const TEMPLATE = 'GitLabTokenRotation.template.json';

describe('the commands of rotation.json', () => {
  it('say how to begin, without a stack trace', async () => {
    for (const command of [SYNTH, DEPLOY]) {
      const { code, stdout, stderr } = await run(command);

      expect(code).toBe(1);
      expect(stdout).toBe('');
      expect(stderr).toContain('cp infra/rotation.example.json rotation.json');
      expect(stderr).not.toMatch(/^ +at |Node\.js v/m);
    }
  });

  it('show the example, and do not deploy it', async () => {
    copyFileSync(
      join(folder.path, 'infra', 'rotation.example.json'),
      join(folder.path, 'rotation.json'),
    );

    const shown = await run(SYNTH);
    const refused = await run(DEPLOY);

    expect(shown).toMatchObject({ code: 0, stdout: expect.stringContaining('app/gitlab-token') });
    expect(shown.stdout.replace(/\s+/g, ' ')).toContain(
      'Still examples, which npm run deploy refuses: gitlabUrl https://gitlab.example.com, alertEmails[0] you@example.com',
    );
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('gitlabUrl https://gitlab.example.com is an example');
  });

  it('end in a sentence where there are no credentials', async () => {
    write({ gitlabUrl: 'https://gitlab.acme.dev', secrets: [{ name: 'app/a' }] });

    const { code, stderr } = await run(DEPLOY, '--require-approval', 'never');
    const profile = await run(DEPLOY, '--profile', 'theirs');

    expect(code).toBe(1);
    expect(stderr).toContain('There are no AWS credentials (CredentialsProviderError). Log in');
    expect(stderr).not.toMatch(/^ +at |Node\.js v/m);
    expect(profile.code).toBe(1);
    expect(profile.stderr).toContain(
      'The AWS profile theirs does not exist, or has no credentials',
    );
  });

  it('say what AWS has no room for, the CDK CLI too', async () => {
    write({
      gitlabUrl: 'https://gitlab.acme.dev',
      roleArn: 'arn:aws:iam::123456789012:role/rotation',
      secrets: Array.from({ length: 110 }, (_, index) => ({ name: `team-${index}/gitlab-token` })),
    });

    for (const command of [[SYNTH], [CDK, 'synth', '--quiet', '--build', 'true']]) {
      const { code, stderr } = await run(...command);

      expect(code).toBe(1);
      expect(stderr).toContain(
        '\nrotation.json has an error:\n  line 1: roleArn: the permissions for all',
      );
      expect(stderr).not.toMatch(/^ +at |Node\.js v/m);
    }
  });

  it('know where the credentials lead, and refuse what is in another place', async () => {
    await using aws = new CloudFormation();
    const credentials = await credentialsFor(aws);
    const arn = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:app/a-AbCdEf';
    write({ gitlabUrl: 'https://gitlab.acme.dev', secrets: [{ arn }] });

    for (const command of [SYNTH, DEPLOY]) {
      const { code, stderr } = await runWith(credentials, command);

      expect(code).toBe(1);
      expect(stderr).toContain(
        'secrets[0].arn is in account 111122223333, and the deployment goes to 123456789012',
      );
    }
    expect(aws.actions).not.toContain('CreateChangeSet');
  });

  it('end a rotation only where --allow-replacement says so', async () => {
    await using aws = new CloudFormation();
    const credentials = await credentialsFor(aws);
    const settings = (...names: readonly string[]) => ({
      gitlabUrl: 'https://gitlab.acme.dev',
      secrets: names.map((name) => ({ name })),
    });
    aws.deployed = synthesised(settings('app/a', 'app/b')).template;
    aws.proposed = synthesised(settings('app/a')).template;
    write(settings('app/a'));
    aws.secrets = { 'app/a': { RotationEnabled: true, LastRotatedDate: 1, ...CURRENT } };

    const refused = await runWith(credentials, DEPLOY, '--require-approval', 'never');

    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('The rotation would end: app/b.');
    expect(aws.actions).not.toContain('ExecuteChangeSet');

    // The CLI of CDK asks before any change, where there is a terminal.
    const cli = await runWith(credentials, CDK, 'deploy', '--build', 'true');

    expect(cli.code).toBe(1);
    expect(cli.stderr).toContain('unable to get a confirmation');
    expect(aws.actions).not.toContain('ExecuteChangeSet');

    const allowed = await runWith(
      credentials,
      DEPLOY,
      '--require-approval',
      'never',
      '--allow-replacement',
    );

    expect(allowed).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('There is nothing else to do.'),
    });
    expect(aws.actions).toContain('ExecuteChangeSet');
  });

  it('tell of a rotation that is off, by the exit code too', async () => {
    await using aws = new CloudFormation();
    const credentials = await credentialsFor(aws);
    const settings = { gitlabUrl: 'https://gitlab.acme.dev', secrets: [{ name: 'app/a' }] };
    write(settings);
    aws.proposed = synthesised(settings).template;
    aws.secrets = { 'app/a': { RotationEnabled: false, ...CURRENT } };

    const { code, stdout } = await runWith(credentials, DEPLOY, '--require-approval', 'never');

    expect(stdout).toContain('Rotation is NOT enabled for app/a.');
    expect(code).toBe(1);
  });

  it('and the CDK CLI make the same template, with the very bytes of npm run build', async () => {
    write({
      gitlabUrl: 'https://gitlab.acme.dev',
      alertEmails: ['ops@acme.dev'],
      noProxy: '.acme.dev',
      secrets: [{ name: 'app/a', create: true }],
    });

    expect(await runWith({ CDK_VALIDATION: 'true' }, SYNTH)).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('noProxy has no effect without httpsProxy'),
    });
    const output = join(folder.path, 'cdk.out');
    const template = readFileSync(join(output, TEMPLATE), 'utf8');
    const { code } = await run(CDK, 'synth', '--quiet', '--build', 'true', '--output', 'cli.out');

    expect(code).toBe(0);
    expect(readFileSync(join(folder.path, 'cli.out', TEMPLATE), 'utf8')).toBe(template);
    const [, asset = ''] = /"aws:asset:path": "(.*?)"/.exec(template) ?? [];
    const deployed = readFileSync(join(output, asset, 'index.cjs'));
    expect(deployed.equals(readFileSync(sharedBundle()))).toBe(true);
  });
});
