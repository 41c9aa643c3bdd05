import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { readContext } from '../../infra/context.ts';
import { GitLabTokenRotationStack } from '../../infra/stack.ts';
import { examplesIn, presentStack } from '../../infra/stack-summary.ts';
import { readOptions } from '../../infra/synth-options.ts';
import { sharedBundle } from '../rig/vitest/shared-bundle.ts';
import { CDK_CONTEXT, createApp } from './cdk-app.ts';

const folder = mkdtempSync(join(tmpdir(), 'synth-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the app of cdk.json in this process. @returns what the CDK CLI, too, finds in the folder */
async function synthesise(settings: Readonly<Record<string, string>>): Promise<CloudAssembly> {
  vi.stubEnv('CDK_OUTDIR', folder);
  vi.stubEnv('CDK_CONTEXT_JSON', JSON.stringify({ ...CDK_CONTEXT, ...settings }));
  const others = process.listeners('beforeExit');
  await import('../../infra/app.ts');
  vi.unstubAllEnvs();
  // An app with such a folder is synthesised when its process has nothing else to do.
  for (const listener of process.listeners('beforeExit')) {
    if (!others.includes(listener)) {
      process.off('beforeExit', listener);
      listener(0);
    }
  }
  return new CloudAssembly(folder);
}

// The command itself, with the CDK CLI: synth.prove.ts.
describe('the app of cdk.json', () => {
  it('holds what would be deployed with the settings that were given, and the very bytes of npm run build', async () => {
    const { stacks } = await synthesise({
      gitlabUrl: 'https://git.example.org',
      secretName: 'team/token',
      alertEmail: 'me@example.org',
      intervalDays: '20',
    });

    const [{ stackName, template } = { stackName: '', template: {} }, ...others] = stacks;
    expect(others).toEqual([]);
    const lines = presentStack({ stackName, template }, 80);
    const text = lines.replace(/\s+/g, ' ');
    expect(text).toContain('Stack GitLabTokenRotation: 14 resources');
    expect(text).toContain('Secret team/token; created empty; stays when the stack is deleted');
    expect(text).toContain('GitLab is https://git.example.org');
    expect(text).toContain('Rotation schedule rate(20 days); a deployment rotates nothing');
    expect(text).toContain('Subscription email to me@example.org');
    expect(text).toContain('secretsmanager:UpdateSecretVersionStage');
    expect(lines).not.toContain('AWS::');
    expect(lines.split('\n').filter((line) => line.length > 80)).toEqual([]);
    const [asset = ''] = readdirSync(folder).filter((name) => name.startsWith('asset.'));
    expect(readdirSync(join(folder, asset))).toEqual(['index.mjs']);
    const deployed = readFileSync(join(folder, asset, 'index.mjs'));
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
