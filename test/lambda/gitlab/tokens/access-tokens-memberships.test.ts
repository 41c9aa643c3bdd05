import { describe, expect, it } from 'vitest';
import { startGitLab } from '../../../../infra/local/gitlab/gitlab.ts';
import type { Answer } from '../../../../infra/local/server/wire.ts';
import { GitLabAccessTokens } from '../../../../lambda/gitlab/access-tokens.ts';
import { GitLabClient } from '../../../../lambda/gitlab/client.ts';
import type { MembershipsAnswer } from '../../../../lambda/ports/access-tokens.ts';
import { recordingLog } from '../../../rig/function/recording-log.ts';
import { GRANULAR, REVOKED, ROUTE_404 } from '../../../rig/scripted/gitlab-answers.ts';
import { closedPort } from '../../../rig/scripted/raw-server.ts';
import { html, json, startScriptedGitLab } from '../../../rig/scripted/scripted-gitlab.ts';

const TIMEOUT_MS = 5_000;

describe('asking what a token can reach', () => {
  it('asks once, with a least role, so that not all that is public is listed', async () => {
    await using gitlab = await startScriptedGitLab(json(200, { groups: [], projects: [] }));

    const reach = await gitlab.tokens.memberships('first', TIMEOUT_MS);

    expect(reach).toStrictEqual({ kind: 'told', pages: [{}], isWhole: true });
    expect(gitlab.requests).toMatchObject([
      {
        method: 'GET',
        path: '/api/v4/personal_access_tokens/self/associations',
        headers: { authorization: 'Bearer first' },
        body: '',
      },
    ]);
    expect([...(gitlab.requests[0]?.query ?? [])]).toEqual([
      ['min_access_level', '10'],
      ['per_page', '100'],
      ['page', '1'],
    ]);
    expect(gitlab.log.lines).toMatchObject([{ call: 'memberships', status: 200 }]);
  });

  it('leaves out what is no object', async () => {
    const answer = json(200, { groups: [null, 'first'], projects: [7] });
    await using gitlab = await startScriptedGitLab(answer);

    expect(await gitlab.tokens.memberships('first', TIMEOUT_MS)).toStrictEqual({
      kind: 'told',
      pages: [{}],
      isWhole: true,
    });
  });

  it.each<[string, Answer, MembershipsAnswer]>([
    ['untold by a GitLab older than 17.4', ROUTE_404, { kind: 'untold' }],
    ['untold to a dead token', REVOKED, { kind: 'untold' }],
    ['untold to a fine-grained token without the permission', GRANULAR, { kind: 'untold' }],
    ['not taken from a page', html(200), { kind: 'unreachable' }],
    ['not to be had from a firewall', html(403), { kind: 'unreachable' }],
    [
      'not to be had behind a redirect',
      html(302, { location: 'https://elsewhere.example.com' }),
      { kind: 'unreachable' },
    ],
    ['untold by other lists', json(200, { groups: [] }), { kind: 'untold' }],
    [
      'not taken from a refusal, whatever it holds',
      json(403, { groups: [], projects: [] }),
      { kind: 'unreachable' },
    ],
    [
      'to be asked for again later',
      { status: 429, headers: { 'retry-after': '2' }, body: 'Retry later\n' },
      { kind: 'rate-limited', retryAfterMs: 2_000 },
    ],
    ['not to be had while GitLab is down', html(502), { kind: 'unreachable' }],
    ['not taken from an error', json(500, { groups: [], projects: [] }), { kind: 'unreachable' }],
  ])('is %s', async (_what, answer, expected) => {
    await using gitlab = await startScriptedGitLab(answer);

    expect(await gitlab.tokens.memberships('first', TIMEOUT_MS)).toStrictEqual(expected);
    expect(gitlab.requests).toHaveLength(1);
  });

  it('is not to be had when GitLab cannot be reached', async () => {
    const gitlabUrl = `http://127.0.0.1:${await closedPort()}`;
    const tokens = new GitLabAccessTokens(new GitLabClient({ gitlabUrl, log: recordingLog() }));

    expect(await tokens.memberships('first', TIMEOUT_MS)).toStrictEqual({ kind: 'unreachable' });
  });
});

describe('a token that reaches more than a page holds', () => {
  const items = (count: number, from = 1) =>
    Array.from({ length: count }, (_, n) => ({ id: from + n, access_levels: 40 }));

  it('is asked about page after page', async () => {
    await using gitlab = await startScriptedGitLab(
      json(200, { groups: items(1), projects: items(100) }, { 'x-next-page': '2' }),
      json(200, { groups: [], projects: items(1, 101) }, { 'x-next-page': '' }),
    );

    const answer = await gitlab.tokens.memberships('first', TIMEOUT_MS);

    expect(answer).toMatchObject({
      kind: 'told',
      pages: [{ 'group 1': '40', 'project 100': '40' }, { 'project 101': '40' }],
      isWhole: true,
    });
    expect(gitlab.requests.map(({ query }) => query.get('page'))).toEqual(['1', '2']);
  });

  it('is asked on while a page is full of groups, of which the headers say nothing', async () => {
    await using gitlab = await startScriptedGitLab(
      json(200, { groups: items(100), projects: items(1) }, { 'x-next-page': '' }),
      json(200, { groups: items(1, 101), projects: [] }, { 'x-next-page': '' }),
    );

    expect(await gitlab.tokens.memberships('first', TIMEOUT_MS)).toMatchObject({
      kind: 'told',
      pages: [{ 'project 1': '40' }, { 'group 101': '40' }],
      isWhole: true,
    });
  });

  it.each<[string, Answer]>([
    ['GitLab fails', html(502)],
    ['GitLab limits the rate', { status: 429, headers: {}, body: 'Retry later\n' }],
    ['the page is another', html(200)],
  ])('keeps what it saw where on a later page %s', async (_what, answer) => {
    await using gitlab = await startScriptedGitLab(
      json(200, { groups: [], projects: items(1) }, { 'x-next-page': '2' }),
      answer,
    );

    expect(await gitlab.tokens.memberships('first', TIMEOUT_MS)).toStrictEqual({
      kind: 'told',
      pages: [{ 'project 1': '40' }],
      isWhole: false,
    });
  });

  it.each(['two', '1'])('is not taken for whole where the next page is %j', async (next) => {
    await using gitlab = await startScriptedGitLab(
      json(200, { groups: [], projects: items(1) }, { 'x-next-page': next }),
    );

    const answer = await gitlab.tokens.memberships('first', TIMEOUT_MS);

    expect(answer).toMatchObject({ kind: 'told', isWhole: false });
    expect(gitlab.requests.length).toBeLessThanOrEqual(10);
  });

  it('is compared to the end by a real list', async () => {
    await using gitlab = await startGitLab({ settings: { tokenValues: 'words' } });
    const group = gitlab.addGroup({ path: 'group' });
    for (let count = 1; count <= 101; count += 1) {
      gitlab.addProject({ path: `group/app-${count}` });
    }
    gitlab.createAccessToken({ resource: group, scopes: ['self_rotate'], value: 'first' });
    const log = recordingLog();
    const tokens = new GitLabAccessTokens(new GitLabClient({ gitlabUrl: gitlab.url, log }));

    const answer = await tokens.memberships('first', TIMEOUT_MS);

    expect(answer).toMatchObject({ kind: 'told', isWhole: true, pages: { length: 2 } });
    const reached = answer.kind === 'told' ? answer.pages.flatMap(Object.keys) : [];
    expect(new Set(reached).size).toBe(102);
  });
});

describe('two tokens of one project', () => {
  /** A project between others, one of them public, and three of its tokens. */
  async function givenGitLab(version?: string) {
    const gitlab = await startGitLab({
      settings: { tokenValues: 'words', ...(version !== undefined && { version }) },
    });
    const group = gitlab.addGroup({ path: 'group', visibility: 'public' });
    const project = gitlab.addProject({ path: 'group/app' });
    gitlab.addProject({ path: 'group/site', visibility: 'public' });
    const scopes = ['self_rotate'];
    gitlab.createAccessToken({ resource: project, scopes, value: 'first' });
    gitlab.createAccessToken({ resource: project, scopes, value: 'second' });
    gitlab.createAccessToken({ resource: project, scopes, accessLevel: 30, value: 'lower' });
    gitlab.createAccessToken({ resource: group, scopes, value: 'group-wide' });
    const log = recordingLog();
    const tokens = new GitLabAccessTokens(new GitLabClient({ gitlabUrl: gitlab.url, log }));
    return { gitlab, tokens };
  }

  it('reach the same in the same role', async () => {
    const { gitlab, tokens } = await givenGitLab();
    await using _ = gitlab;

    const [first, second] = await Promise.all([
      tokens.memberships('first', TIMEOUT_MS),
      tokens.memberships('second', TIMEOUT_MS),
    ]);

    expect(first).toStrictEqual({ kind: 'told', pages: [{ 'project 1': '40' }], isWhole: true });
    expect(second).toStrictEqual(first);
  });

  it('can be told from one in another role, and from one of the group', async () => {
    const { gitlab, tokens } = await givenGitLab();
    await using _ = gitlab;

    expect(await tokens.memberships('lower', TIMEOUT_MS)).toStrictEqual({
      kind: 'told',
      pages: [{ 'project 1': '30' }],
      isWhole: true,
    });
    expect(await tokens.memberships('group-wide', TIMEOUT_MS)).toStrictEqual({
      kind: 'told',
      pages: [{ 'group 1': '40', 'project 1': '40', 'project 2': '40' }],
      isWhole: true,
    });
  });

  it('still reach the same when somebody publishes another project in between', async () => {
    const { gitlab, tokens } = await givenGitLab();
    await using _ = gitlab;

    const before = await tokens.memberships('first', TIMEOUT_MS);
    gitlab.addProject({ path: 'somebody/else', visibility: 'public' });
    const after = await tokens.memberships('second', TIMEOUT_MS);

    expect(after).toStrictEqual(before);
  });

  it('are not compared by a GitLab that does not say, and none is harmed', async () => {
    const { gitlab, tokens } = await givenGitLab('17.3');
    await using _ = gitlab;

    expect(await tokens.memberships('first', TIMEOUT_MS)).toStrictEqual({ kind: 'untold' });
    expect(gitlab.isActive('first')).toBe(true);
  });
});
