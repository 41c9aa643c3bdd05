import type { Answer } from '../../../../infra/local/server/stand-in.ts';
import { GitLabAdministeredTokens } from '../../../../lambda/gitlab/administered-tokens.ts';
import { GitLabClient } from '../../../../lambda/gitlab/client.ts';
import type { Resource } from '../../../../lambda/ports/administered-tokens.ts';
import { recordingLog } from '../../recording-log.ts';
import { closedPort } from '../raw-server.ts';
import { startScriptedGitLab } from '../scripted-gitlab.ts';

export const TIMEOUT_MS = 5_000;
export const EXPIRES_AT = '2027-02-20';
export const PROJECT: Resource = { kind: 'project', id: '42' };

/** A GitLab that gives these answers, as its Maintainers see it. */
export async function given(...answers: readonly Answer[]) {
  const gitlab = await startScriptedGitLab(...answers);
  const { url: gitlabUrl, log } = gitlab;
  return Object.assign(gitlab, {
    administered: new GitLabAdministeredTokens(new GitLabClient({ gitlabUrl, log })),
  });
}

/** The same of a GitLab that is not there. */
export async function unreachable(): Promise<GitLabAdministeredTokens> {
  const gitlabUrl = `http://127.0.0.1:${await closedPort()}`;
  return new GitLabAdministeredTokens(new GitLabClient({ gitlabUrl, log: recordingLog() }));
}
