import type { Answer } from '../../../../infra/local/server/wire.ts';
import { GitLabAdministeredTokens } from '../../../../lambda/gitlab/administered-tokens.ts';
import { GitLabClient } from '../../../../lambda/gitlab/client.ts';
import type { Resource } from '../../../../lambda/ports/administered-tokens.ts';
import { recordingLog } from '../../../rig/function/recording-log.ts';
import {
  ACTIVE,
  BLOCKED,
  CRASH,
  DPOP,
  EXPIRED,
  GRANULAR,
  limited,
  MAINTENANCE,
  PROJECT_404,
  REVOKED,
  ROUTE_404,
  SCOPE,
  UNAUTHORIZED,
} from '../../../rig/scripted/gitlab-answers.ts';
import { closedPort } from '../../../rig/scripted/raw-server.ts';
import { html, json, startScriptedGitLab } from '../../../rig/scripted/scripted-gitlab.ts';

export const TIMEOUT_MS = 5_000;
export const EXPIRES_AT = '2027-02-20';
export const PROJECT: Resource = { kind: 'project', id: '42' };

/** GitLab's answer to the former path of a project. */
export const MOVED_301: Answer = {
  status: 301,
  headers: { 'content-type': 'text/plain', location: 'http://127.0.0.1/api/v4/projects/1' },
  body: 'This resource has been moved permanently',
};
const CREATED_AT = '2026-11-22T09:03:36.008Z';
export const LISTED = { ...ACTIVE, created_at: CREATED_AT };
export const READ = { tokenId: '4', userId: '3', name: 'publish', createdAt: CREATED_AT };

/** What ends a look, whichever of the two, and how. */
export const ENDS: readonly (readonly [string, Answer, object])[] = [
  ['its role is too low', UNAUTHORIZED, { kind: 'refused', refusal: 'not-a-member', status: 401 }],
  ['it is dead', REVOKED, { kind: 'dead', reason: 'revoked', status: 401 }],
  [
    'something else talks of a dead token',
    { ...REVOKED, status: 500 },
    { kind: 'unreachable', reason: 'UNEXPECTED_ANSWER', status: 500 },
  ],
  ['it is expired', EXPIRED, { kind: 'dead', reason: 'expired', status: 401 }],
  ['it needs a proof', DPOP, { kind: 'refused', refusal: 'other', status: 401 }],
  [
    'it is fine-grained, and lacks the permission',
    GRANULAR,
    {
      kind: 'refused',
      refusal: 'permission-missing',
      permission: 'Personal Access Token: Read',
      status: 403,
    },
  ],
  [
    'GitLab is in maintenance',
    MAINTENANCE,
    {
      kind: 'unreachable',
      reason: 'UNEXPECTED_ANSWER',
      status: 503,
      says: 'maintenance',
      retryAfterMs: 600_000,
    },
  ],
  ['its scope is another', SCOPE, { kind: 'refused', refusal: 'scope-missing', status: 403 }],
  ['its user is blocked', BLOCKED, { kind: 'refused', refusal: 'user-blocked', status: 403 }],
  [
    'it sees no such project',
    PROJECT_404,
    { kind: 'refused', refusal: 'project-not-found', status: 404 },
  ],
  ['there is no such path', ROUTE_404, { kind: 'refused', refusal: 'intercepted', status: 404 }],
  [
    'it is forbidden in words that name an access token',
    json(403, { message: '403 Forbidden - this access token' }),
    { kind: 'refused', status: 403 },
  ],
  [
    'GitLab calls it a bad request',
    json(400, { error: 'id is invalid' }),
    { kind: 'refused', status: 400 },
  ],
  [
    'a page says that nothing is there',
    html(404),
    { kind: 'unreachable', reason: 'NOT_GITLAB', status: 404 },
  ],
  ['a proxy forbids it', html(403), { kind: 'unreachable', reason: 'NOT_GITLAB', status: 403 }],
  [
    'GitLab says that the project has moved, though its number never does',
    MOVED_301,
    { kind: 'unreachable', reason: 'NOT_GITLAB', status: 301 },
  ],
  [
    'GitLab limits the rate',
    limited({ 'retry-after': '7' }),
    { kind: 'rate-limited', retryAfterMs: 7_000, status: 429 },
  ],
  ['GitLab fails', CRASH, { kind: 'unreachable', reason: 'UNEXPECTED_ANSWER', status: 500 }],
  ['something redirects', html(302), { kind: 'unreachable', reason: 'NOT_GITLAB' }],
  ['a page comes instead', html(200), { kind: 'unreachable', reason: 'NOT_GITLAB' }],
  [
    'the body is of another kind',
    json(200, { message: [LISTED] }),
    { kind: 'unreachable', reason: 'UNEXPECTED_ANSWER', status: 200 },
  ],
];

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
