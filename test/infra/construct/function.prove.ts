import { spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { expect, it } from 'vitest';
import { codeOf, createApp, rotationOf } from '../cdk-app.ts';
import { checkOut } from '../local/checkout.ts';

// What needs another checkout; the rest is in function.test.ts.

function runIn(cwd: string, script: string) {
  const options = ['--input-type=module-typescript', '--eval', script];
  return spawnSync(process.execPath, options, { cwd, encoding: 'utf8' });
}

it('Lambda can read the code of a bundle of one person alone, which is the same code', async () => {
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
  expect(readdirSync(code).map((file) => [file, statSync(join(code, file)).mode & 0o777])).toEqual([
    ['index.cjs', 0o644],
  ]);
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
