import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { checkOut } from './checkout.ts';
import { startRealGitLab } from './real-gitlab.ts';

it('npm start -- --project says of a GitLab that cannot be reached what fails, and until when it asks', async () => {
  await using folder = await checkOut();
  await using gitlab = await startRealGitLab();
  gitlab.pause();
  const { PATH = '' } = process.env;
  const script = join(folder.path, 'infra', 'local', 'start.ts');
  const child = spawn(process.execPath, [script, '--project', 'group/app', '--yes'], {
    env: { PATH, GITLAB_URL: gitlab.url, GITLAB_TOKEN: 'first' },
  });

  let output = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    output += chunk;
    if (output.includes('at the latest')) {
      // The rest is nothing but waiting.
      child.kill('SIGKILL');
    }
  }

  expect(output.replace(/\s+/g, ' ')).toMatch(
    /GitLab did not answer the probe request \(ECONNREFUSED\); the function keeps asking, until \d\d:\d\d:\d\d at the latest/,
  );
});
