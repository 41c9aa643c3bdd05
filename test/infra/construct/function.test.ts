import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { type App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { afterAll, expect, it } from 'vitest';
import { createApp, onlyResource, rotationOf } from '../cdk-app.ts';
import { checkOut } from '../local/checkout.ts';

const folder = mkdtempSync(join(tmpdir(), 'ca-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A PEM file with one of the public authorities. */
function caFile(name: string, index: number): string {
  const path = join(folder, name);
  writeFileSync(path, `${rootCertificates[index]}\n`);
  return path;
}

function createRotation(app: App, id: string, certificateAuthority: string): Stack {
  const stack = new Stack(app, id);
  rotationOf(stack, { certificateAuthority });
  return stack;
}

/** The folder that is deployed as the code of the stack's function. */
function codeOf(app: App, stack: Stack): string {
  const { Properties } = onlyResource(Template.fromStack(stack), 'AWS::Lambda::Function');
  const { S3Key } = Properties['Code'] as { S3Key: string };
  return join(app.outdir, `asset.${S3Key.replace(/\.zip$/, '')}`);
}

it('a CA file is deployed beside the code of its function, to where that looks for it', () => {
  const app = createApp();
  const stacks = [
    createRotation(app, 'First', caFile("GitLab's own CA.pem", 0)),
    createRotation(app, 'Second', caFile('second.pem', 1)),
  ];

  for (const [index, stack] of stacks.entries()) {
    const code = codeOf(app, stack);
    expect(readdirSync(code).sort()).toEqual(['gitlab-ca.pem', 'index.mjs']);
    expect(readFileSync(join(code, 'gitlab-ca.pem'), 'utf8')).toBe(`${rootCertificates[index]}\n`);
    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { GITLAB_CA_FILE: '/var/task/gitlab-ca.pem' } },
    });
  }
});

it('says how to build the code if it is missing', async () => {
  await using checkout = await checkOut();
  const script = `
    import { Stack } from 'aws-cdk-lib';
    import { GitLabTokenRotation } from './infra/index.ts';
    new GitLabTokenRotation(new Stack(), 'GitLab', { gitlabUrl: 'https://gitlab.example.com' });
  `;
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module-typescript', '--eval', script],
    { cwd: checkout.path, encoding: 'utf8' },
  );

  expect(status).toBe(1);
  expect(stderr).toMatch(/the code of the function is missing, .*index\.mjs: run npm run build/);
});
