import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Answer } from '../../../../infra/local/server/wire.ts';
import { GitLabAccessTokens } from '../../../../lambda/gitlab/access-tokens.ts';
import { GitLabClient } from '../../../../lambda/gitlab/client.ts';
import type { TokenOwner } from '../../../../lambda/ports/access-tokens.ts';
import { PROBED } from '../../../rig/function/probed-token.ts';
import { recordingLog } from '../../../rig/function/recording-log.ts';
import { GRANULAR, MAINTENANCE } from '../../../rig/scripted/gitlab-answers.ts';
import { closedPort } from '../../../rig/scripted/raw-server.ts';
import { html, json, startScriptedGitLab } from '../../../rig/scripted/scripted-gitlab.ts';

const TIMEOUT_MS = 5_000;
const EXPIRES_AT = '2027-02-20';
const UNAUTHORIZED = json(401, { message: '401 Unauthorized' });
const ISSUED = json(200, { id: 5, token: 'successor-1', expires_at: EXPIRES_AT });

afterEach(() => {
  vi.restoreAllMocks();
});

describe('the requests', () => {
  it.each<[TokenOwner, string]>([
    [{ kind: 'project', id: '42' }, '/api/v4/projects/42/access_tokens/self/rotate'],
    [
      { kind: 'project', id: 'group/sub/app' },
      '/api/v4/projects/group%2Fsub%2Fapp/access_tokens/self/rotate',
    ],
    [{ kind: 'group', id: '7' }, '/api/v4/groups/7/access_tokens/self/rotate'],
    [{ kind: 'group', id: 'group/sub' }, '/api/v4/groups/group%2Fsub/access_tokens/self/rotate'],
    [{ kind: 'token' }, '/api/v4/personal_access_tokens/self/rotate'],
  ])('rotate the token of %j by %s', async (owner, path) => {
    await using gitlab = await startScriptedGitLab(ISSUED);

    await gitlab.tokens.rotate('first', owner, EXPIRES_AT, TIMEOUT_MS, PROBED);

    expect(gitlab.requests).toMatchObject([
      {
        method: 'POST',
        path,
        body: '{"expires_at":"2027-02-20"}',
        headers: { authorization: 'Bearer first', 'content-type': 'application/json' },
      },
    ]);
    expect(gitlab.requests[0]?.query.size).toBe(0);
  });

  it('probe and revoke a token by itself', async () => {
    await using gitlab = await startScriptedGitLab(html(502), { status: 204, body: '' });

    await gitlab.tokens.probe('first', TIMEOUT_MS);
    await gitlab.tokens.revoke('orphan', TIMEOUT_MS);

    expect(gitlab.requests).toMatchObject([
      {
        method: 'GET',
        path: '/api/v4/personal_access_tokens/self',
        headers: { authorization: 'Bearer first' },
        body: '',
      },
      {
        method: 'DELETE',
        path: '/api/v4/personal_access_tokens/self',
        headers: { authorization: 'Bearer orphan', 'content-type': 'application/json' },
        body: '',
      },
    ]);
  });
});

describe('revoking', () => {
  it.each<[boolean, string, Answer]>([
    [true, 'GitLab has done it', { status: 204, body: '' }],
    [
      true,
      'the token was revoked before',
      json(401, { error: 'invalid_token', error_description: 'Token was revoked.' }),
    ],
    [true, 'GitLab does not know the token any more', UNAUTHORIZED],
    [false, 'a proxy wants to know who is there', html(401)],
    [false, 'GitLab is read-only', json(403, { message: 'read-only instance' })],
    [
      false,
      'a dead token is named with another status',
      json(400, { error: 'invalid_token', error_description: 'Token was revoked.' }),
    ],
    [false, 'the token is fine-grained, and lacks the permission', GRANULAR],
    [false, 'GitLab is in maintenance', MAINTENANCE],
    [false, 'a page comes instead', html(200)],
    [false, 'GitLab limits the rate', { status: 429, body: 'Retry later\n' }],
    [false, 'GitLab is down', html(502)],
  ])('is said to have worked: %j, when %s', async (revoked, _when, answer) => {
    await using gitlab = await startScriptedGitLab(answer);

    expect(await gitlab.tokens.revoke('orphan', TIMEOUT_MS)).toBe(revoked);
    expect(gitlab.requests).toHaveLength(1);
  });

  it('is not said to have worked when GitLab cannot be reached', async () => {
    const gitlabUrl = `http://127.0.0.1:${await closedPort()}`;
    const tokens = new GitLabAccessTokens(new GitLabClient({ gitlabUrl, log: recordingLog() }));

    expect(await tokens.revoke('orphan', TIMEOUT_MS)).toBe(false);
  });
});

describe('the log', () => {
  it('has a line for each call, the one for the version included', async () => {
    await using gitlab = await startScriptedGitLab(
      json(401, { message: '401 Unauthorized' }, { 'x-request-id': '01JDF3Q8ZQ0000000000000001' }),
      json(200, { version: '17.8.0' }, { 'x-request-id': '01JDF3Q8ZQ0000000000000002' }),
      html(502),
      { status: 204, body: '' },
    );

    vi.spyOn(performance, 'now').mockReturnValue(1_000.5);

    await gitlab.tokens.rotate('first', { kind: 'token' }, EXPIRES_AT, TIMEOUT_MS, PROBED);
    await gitlab.tokens.probe('first', TIMEOUT_MS);
    await gitlab.tokens.revoke('first', TIMEOUT_MS);

    const line = { level: 'info', message: 'GitLab answered', durationMs: 0 };
    expect(gitlab.log.lines).toStrictEqual([
      { ...line, call: 'rotate', status: 401, gitlabRequestId: '01JDF3Q8ZQ0000000000000001' },
      { ...line, call: 'version', status: 200, gitlabRequestId: '01JDF3Q8ZQ0000000000000002' },
      { ...line, call: 'probe', status: 502, reason: 'UNEXPECTED_ANSWER' },
      { ...line, call: 'revoke', status: 204 },
    ]);
  });

  it('says that GitLab is in maintenance, and nothing of what its banner says', async () => {
    await using gitlab = await startScriptedGitLab(MAINTENANCE);

    await gitlab.tokens.revoke('first', TIMEOUT_MS);

    expect(gitlab.log.lines).toMatchObject([
      { call: 'revoke', status: 503, gitlabSays: 'maintenance' },
    ]);
    expect(JSON.stringify(gitlab.log.lines)).not.toMatch(/noon|glpat/);
  });

  it.each([200, 302, 401, 403])(
    'says of a page with status %i that it is not GitLab’s',
    async (status) => {
      await using gitlab = await startScriptedGitLab(html(status));

      await gitlab.tokens.probe('first', TIMEOUT_MS);

      expect(gitlab.log.lines).toMatchObject([{ call: 'probe', status, reason: 'NOT_GITLAB' }]);
    },
  );

  it('says why there was no answer', async () => {
    await using gitlab = await startScriptedGitLab(ISSUED);
    gitlab.faults.add({ operation: '*', at: 'after', effect: { kind: 'cut' } });

    await gitlab.tokens.rotate('first', { kind: 'token' }, EXPIRES_AT, TIMEOUT_MS, PROBED);
    gitlab.pause();
    await gitlab.tokens.probe('first', TIMEOUT_MS);

    const durationMs = expect.toSatisfy(Number.isInteger);
    const line = { level: 'info', message: 'GitLab did not answer', durationMs };
    expect(gitlab.log.lines).toStrictEqual([
      { ...line, call: 'rotate', status: 200, reason: 'ECONNRESET' },
      { ...line, call: 'probe', reason: 'ECONNREFUSED' },
    ]);
  });

  it('holds neither token nor answer', async () => {
    await using gitlab = await startScriptedGitLab(ISSUED, html(200));

    await gitlab.tokens.rotate('first', { kind: 'token' }, EXPIRES_AT, TIMEOUT_MS, PROBED);
    await gitlab.tokens.probe('first', TIMEOUT_MS);

    expect(JSON.stringify(gitlab.log.lines)).not.toMatch(/first|successor|html|Bearer/);
  });
});
