import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { html, startScript } from '../../../lambda/gitlab/scripted-gitlab.ts';
import { checkOut } from '../checkout.ts';
import { startRealGitLab } from './real-gitlab.ts';

/** What the command shows until it says how long it will wait: the rest is nothing but waiting. */
async function shownBy(gitlabUrl: string): Promise<string> {
  await using folder = await checkOut();
  const { PATH = '' } = process.env;
  const script = join(folder.path, 'infra', 'local', 'start.ts');
  const child = spawn(process.execPath, [script, '--project', 'group/app', '--yes'], {
    env: { PATH, GITLAB_URL: gitlabUrl, GITLAB_TOKEN: 'first' },
  });
  let output = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    output += chunk;
    if (output.includes('at the latest')) {
      child.kill('SIGKILL');
    }
  }
  return output.replace(/\s+/g, ' ');
}

it('npm start -- --project says of a GitLab that cannot be reached what fails, and until when it asks', async () => {
  await using gitlab = await startRealGitLab();
  gitlab.pause();

  expect(await shownBy(gitlab.url)).toMatch(
    /GitLab did not answer the probe request \(ECONNREFUSED\); the function keeps asking, until \d\d:\d\d:\d\d at the latest/,
  );
});

it.each([200, 302, 401, 403])(
  'npm start -- --project says of a page with status %i in the place of GitLab what it is',
  async (status) => {
    const { standIn } = await startScript(Array.from({ length: 9 }, () => html(status)));
    await using page = standIn;

    expect(await shownBy(page.url)).toMatch(
      new RegExp(
        `GitLab answered the probe request with status ${status} \\(NOT_GITLAB\\); the function keeps asking, until`,
      ),
    );
  },
);
