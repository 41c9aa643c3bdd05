import {
  type StandIn,
  type StandInProps,
  startStandIn,
} from '../../../infra/local/server/stand-in.ts';
import type { Answer, Call } from '../../../infra/local/server/wire.ts';
import { GitLabAccessTokens } from '../../../lambda/gitlab/access-tokens.ts';
import { GitLabClient } from '../../../lambda/gitlab/client.ts';
import type { GitLabResponse } from '../../../lambda/gitlab/response.ts';
import { type RecordingLog, recordingLog } from '../function/recording-log.ts';

/** A server that says what it was told to say, whatever it is asked. */
export interface ScriptedGitLab extends StandIn {
  /** Every request as it arrived, oldest first. */
  readonly requests: readonly Call[];
  /** What the code under test has of it. */
  readonly tokens: GitLabAccessTokens;
  readonly log: RecordingLog;
}

/** Starts a server that gives these answers one after the other. */
export async function startScriptedGitLab(...answers: readonly Answer[]): Promise<ScriptedGitLab> {
  const { standIn, requests } = await startScript(answers);
  const log = recordingLog();
  return {
    ...standIn,
    requests,
    log,
    tokens: new GitLabAccessTokens(new GitLabClient({ gitlabUrl: standIn.url, log })),
  };
}

/** The server alone, for other clients. */
export async function startScript(
  answers: readonly Answer[],
  props: Pick<StandInProps, 'tls'> = {},
): Promise<{ readonly standIn: StandIn; readonly requests: readonly Call[] }> {
  const requests: Call[] = [];
  const standIn = await startStandIn({
    ...props,
    operationOf: ({ method, path }) => `${method} ${path}`,
    answer: (call) => {
      requests.push(call);
      return answers[requests.length - 1] ?? { status: 500, body: 'the script is over' };
    },
  });
  return { standIn, requests };
}

/** GitLab's form: a JSON body, without a charset. */
export function json(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
}

/** A page of something that stands before GitLab. */
export function html(status: number, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { 'content-type': 'text/html', ...headers }, body: '<html></html>' };
}

/** What the client makes of an answer. */
export function asResponse({
  status,
  headers = {},
  body,
}: Answer): Extract<GitLabResponse, { kind: 'answered' }> {
  return { kind: 'answered', status, header: (name) => headers[name], text: body };
}
