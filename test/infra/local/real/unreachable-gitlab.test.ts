import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { expect, it } from 'vitest';
import { ProgressPrinter } from '../../../../infra/local/show/progress.ts';
import { html } from '../../../rig/scripted/scripted-gitlab.ts';
import { type RealGitLab, rotateReal, startRealGitLab } from './real-gitlab.ts';

/** What a person is shown until the function gives up. */
async function shownFor(gitlab: RealGitLab): Promise<string> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'unreachable-'));
  const lines: string[] = [];
  const result = await rotateReal(gitlab, {
    env: { GITLAB_TOKEN: 'first' },
    stateFile: join(folder.path, 'secrets.json'),
    watcher: new ProgressPrinter((line) => lines.push(line), gitlab.clock),
  });
  expect(result?.outcome).toBe('rejected');
  return stripVTControlCharacters(lines.join(' ')).replace(/\s+/g, ' ');
}

it('npm start -- --project says of a GitLab that cannot be reached what fails, and until when it asks', async () => {
  await using gitlab = await startRealGitLab();
  gitlab.pause();

  expect(await shownFor(gitlab)).toMatch(
    /GitLab did not answer the probe request \(ECONNREFUSED\); the function keeps asking, until \d\d:\d\d:\d\d at the latest/,
  );
});

it('npm start -- --project says of a page in the place of GitLab what it is', async () => {
  await using gitlab = await startRealGitLab();
  const effect = { kind: 'answer', answer: html(401) } as const;
  gitlab.faults.add({ operation: 'probe', at: 'before', times: Number.POSITIVE_INFINITY, effect });

  expect(await shownFor(gitlab)).toContain(
    'GitLab answered the probe request with status 401 (NOT_GITLAB); the function keeps asking, until',
  );
});
