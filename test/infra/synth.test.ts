import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { afterAll, describe, expect, it } from 'vitest';
import { readContext } from '../../infra/context.ts';
import { GitLabTokenRotationStack } from '../../infra/stack.ts';
import { examplesIn, presentStack } from '../../infra/stack-summary.ts';
import { readOptions } from '../../infra/synth-options.ts';
import { sharedBundle } from '../rig/vitest/shared-bundle.ts';
import { createApp } from './cdk-app.ts';
import { synth } from './synth-command.ts';

const folder = mkdtempSync(join(tmpdir(), 'synth-'));
afterAll(() => rmSync(folder, { recursive: true }));

// Generous: the CLI, the app and a bundle, on a machine that has other tests to run. What it says of
// a wrong setting: synth.prove.ts.
describe('npm run synth', { timeout: 90_000 }, () => {
  it('shows what would be deployed with the settings that were given, and the very bytes of npm run build', async () => {
    const output = join(folder, 'cdk.out');

    const { code, stdout } = await synth(
      folder,
      ...['-c', 'gitlabUrl=https://git.example.org', '-c', 'secretName=team/token'],
      ...['-c', 'alertEmail=me@example.org', '-c', 'intervalDays=20', `-vo${output}`],
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
    const [asset = ''] = readdirSync(output).filter((name) => name.startsWith('asset.'));
    expect(readdirSync(join(output, asset))).toEqual(['index.mjs']);
    const deployed = readFileSync(join(output, asset, 'index.mjs'));
    expect(deployed.equals(readFileSync(sharedBundle()))).toBe(true);
  });
});

describe('the options of npm run synth', () => {
  it.each(['-o', '-o=', '--output=', '-vo'])('name the output folder with %s before it', (form) => {
    const { output, others } = readOptions(['-c', 'a=b', `${form}there`]);

    expect({ output, others }).toEqual({
      output: 'there',
      others: ['-c', 'a=b', ...(form === '-vo' ? ['-v'] : [])],
    });
  });

  it.each(['-o', '--output'])('name it after %s', (form) => {
    const { output, others } = readOptions(['-q', form, 'there', '-c', 'a=b']);

    expect({ output, others }).toEqual({ output: 'there', others: ['-q', '-c', 'a=b'] });
  });
});

describe('the summary of a stack', () => {
  it('says which settings are nothing but the examples of cdk.json', () => {
    const app = createApp();
    const stack = new GitLabTokenRotationStack(app, 'Test', readContext(app.node));
    const template = Template.fromStack(stack).toJSON();

    expect(examplesIn(template, [])).toEqual([
      'gitlabUrl https://gitlab.example.com',
      'secretName gitlab-token',
    ]);
    expect(examplesIn(template, ['secretName=gitlab-token'])).toEqual([
      'gitlabUrl https://gitlab.example.com',
    ]);
  });

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
