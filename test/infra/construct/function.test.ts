import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { type App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { afterAll, describe, expect, it } from 'vitest';
import { codeOf, createApp, rotationOf } from '../cdk-app.ts';
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

function runIn(cwd: string, script: string) {
  const options = ['--input-type=module-typescript', '--eval', script];
  return spawnSync(process.execPath, options, { cwd, encoding: 'utf8' });
}

it('a CA file is deployed beside the code of its function, to where that looks for it', () => {
  const app = createApp();
  const stacks = [
    createRotation(app, 'First', caFile("GitLab's own CA.pem", 0)),
    createRotation(app, 'Second', caFile('second.pem', 1)),
  ];

  for (const [index, stack] of stacks.entries()) {
    const code = codeOf(stack);
    expect(readdirSync(code).sort()).toEqual(['gitlab-ca.pem', 'index.cjs']);
    expect(readFileSync(join(code, 'gitlab-ca.pem'), 'utf8')).toBe(`${rootCertificates[index]}\n`);
    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { GITLAB_CA_FILE: '/var/task/gitlab-ca.pem' } },
    });
  }
});

describe('Lambda can read the code, whoever owned it here', () => {
  const modesIn = (code: string) =>
    readdirSync(code).map((file) => [file, statSync(join(code, file)).mode & 0o777]);

  it('with a CA file of one person alone', () => {
    const app = createApp();
    const path = caFile('private.pem', 2);
    chmodSync(path, 0o600);

    expect(modesIn(codeOf(createRotation(app, 'Private', path)))).toEqual([
      ['gitlab-ca.pem', 0o644],
      ['index.cjs', 0o644],
    ]);
  });

  it('with a bundle of one person alone, which is the same code', async () => {
    await using checkout = await checkOut('dist');
    chmodSync(join(checkout.path, 'dist', 'lambda', 'index.cjs'), 0o600);
    const { stderr } = runIn(
      checkout.path,
      `
        import { App, Stack } from 'aws-cdk-lib';
        import { GitLabTokenRotation } from './infra/index.ts';
        const stack = new Stack(new App({ outdir: 'cdk.out' }), 'Test');
        new GitLabTokenRotation(stack, 'GitLab', { gitlabUrl: 'https://gitlab.example.com' });
      `,
    );
    const app = createApp();
    const stack = new Stack(app, 'Test');
    rotationOf(stack);
    const code = join(checkout.path, 'cdk.out', basename(codeOf(stack)));

    expect(stderr).toBe('');
    expect(modesIn(code)).toEqual([['index.cjs', 0o644]]);
  });
});

it('says how to build the code if it is missing', async () => {
  await using checkout = await checkOut();
  const { status, stderr } = runIn(
    checkout.path,
    `
      import { Stack } from 'aws-cdk-lib';
      import { GitLabTokenRotation } from './infra/index.ts';
      new GitLabTokenRotation(new Stack(), 'GitLab', { gitlabUrl: 'https://gitlab.example.com' });
    `,
  );

  expect(status).toBe(1);
  expect(stderr).toMatch(/the code of the function is missing, .*index\.cjs: run npm run build/);
});
