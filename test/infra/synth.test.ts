import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { presentStack } from '../../infra/stack-summary.ts';
import { ROOT } from './cdk-app.ts';

const folder = mkdtempSync(join(tmpdir(), 'synth-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the command where nobody has credentials. */
function synth(...args: readonly string[]) {
  const env = {
    // The CLI starts `node`, which must be this one.
    PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
    HOME: folder,
    AWS_EC2_METADATA_DISABLED: 'true',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
  };
  const command = [join('infra', 'synth.ts'), ...args];
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, command, { cwd: ROOT, env }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

// Generous: the CLI, the app and a bundle, on a machine that has other tests to run.
describe('npm run synth', { timeout: 90_000 }, () => {
  it('shows what would be deployed, with the settings that were given', async () => {
    const output = join(folder, 'cdk.out');

    const { code, stdout } = await synth(
      ...['-c', 'gitlabUrl=https://git.example.org', '-c', 'secretName=team/token'],
      ...['-c', 'alertEmail=me@example.org', '-c', 'intervalDays=20', '--output', output],
    );

    expect(code).toBe(0);
    const text = stdout.replace(/\s+/g, ' ');
    expect(text).toContain('Stack GitLabTokenRotation: 14 resources');
    expect(text).toContain('Secret team/token; created empty; stays when the stack is deleted');
    expect(text).toContain('GitLab is https://git.example.org');
    expect(text).toContain('Rotation schedule rate(20 days); a deployment rotates nothing');
    expect(text).toContain('Subscription email to me@example.org');
    expect(text).toContain('secretsmanager:UpdateSecretVersionStage');
    expect(text).toContain(join(output, 'GitLabTokenRotation.template.json'));
    expect(text).not.toContain('Examples of cdk.json');
    expect(stdout).not.toContain('AWS::');
    expect(stdout.split('\n').filter((line) => line.length > 80 && !line.includes(output))).toEqual(
      [],
    );
  });

  it.each(['-o', '-o=', '-vo'])('takes the output folder with %s before it, too', async (form) => {
    const output = join(folder, `form${form.length}${form.at(1)}`);

    const { code, stdout } = await synth(`${form}${output}`);

    expect(code).toBe(0);
    expect(stdout).toContain(join(output, 'GitLabTokenRotation.template.json'));
  });

  it('says which settings are nothing but the examples of cdk.json', async () => {
    const { stdout } = await synth('--output', join(folder, 'examples'));

    expect(stdout.replace(/\s+/g, ' ')).toContain(
      'Examples of cdk.json, not settings of yours: gitlabUrl https://gitlab.example.com, secretName gitlab-token. Pass',
    );
  });

  it.each([
    ['gitlabUrl=', 'context gitlabUrl is missing: pass -c gitlabUrl=https://gitlab.example.com'],
    ['gitlabURL=https://git.example.org', 'unknown context gitlabURL; known are gitlabUrl, '],
    ['intervalDays=often', 'intervalDays must be a whole number of days, got "often"'],
    ['gitlabUrl=http://git.example.org', 'gitlabUrl'],
  ])('says in plain words what is wrong with %s', async (setting, words) => {
    const { code, stdout, stderr } = await synth('-c', setting);

    expect(code).toBe(1);
    expect(stderr).toContain(words);
    expect(`${stdout}${stderr}`).not.toMatch(/^ +at |Node\.js v|Stack GitLab/m);
  });
});

describe('the summary of a stack', () => {
  it('shows what it has no words for, too', () => {
    const template = { Resources: { Queue4A: { Type: 'AWS::SQS::Queue', Properties: {} } } };

    expect(presentStack({ stackName: 'Mine', template }, 80)).toMatch(/AWS::SQS::Queue {2}Queue4A/);
  });

  it('shows no value of a variable but the URL of GitLab', () => {
    const Variables = {
      GITLAB_URL: 'https://gitlab.example.com',
      HTTPS_PROXY: 'http://me:first@proxy',
    };
    const Function1 = { Type: 'AWS::Lambda::Function', Properties: { Environment: { Variables } } };

    const text = presentStack({ stackName: 'Mine', template: { Resources: { Function1 } } }, 80);

    expect(text).toContain('HTTPS_PROXY');
    expect(text).not.toContain('first');
  });
});
