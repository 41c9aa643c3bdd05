import { describe, expect, it } from 'vitest';
import type { Answer } from '../../../../infra/local/server/wire.ts';
import type { Resource } from '../../../../lambda/ports/administered-tokens.ts';
import { ISSUED, PROJECT_404, ROUTE_404 } from '../../../rig/scripted/gitlab-answers.ts';
import { html, json } from '../../../rig/scripted/scripted-gitlab.ts';
import {
  ENDS,
  EXPIRES_AT,
  given,
  LISTED,
  MOVED_301,
  PROJECT,
  READ,
  TIMEOUT_MS,
  unreachable,
} from './administered-rig.ts';

/** What ends a look at a project that is named by its path. */
const PATH_ENDS: readonly (readonly [string, Answer, object])[] = [
  ['is not found', PROJECT_404, { kind: 'refused', refusal: 'path-not-found', status: 404 }],
  ['is decoded', ROUTE_404, { kind: 'refused', refusal: 'path-decoded', status: 404 }],
  ['is a former one', MOVED_301, { kind: 'refused', refusal: 'project-moved', status: 301 }],
  [
    'leads elsewhere for now',
    { ...MOVED_301, status: 302 },
    { kind: 'unreachable', reason: 'NOT_GITLAB', status: 302 },
  ],
  [
    'leads to a login page',
    html(301, { location: 'https://login.example.com/' }),
    { kind: 'unreachable', reason: 'NOT_GITLAB', status: 301 },
  ],
];

describe('the requests', () => {
  it.each<[Resource, string]>([
    [PROJECT, '/api/v4/projects/42/access_tokens'],
    [{ kind: 'project', id: 'group/sub/app' }, '/api/v4/projects/group%2Fsub%2Fapp/access_tokens'],
    [{ kind: 'group', id: '7' }, '/api/v4/groups/7/access_tokens'],
    [{ kind: 'group', id: 'group/sub' }, '/api/v4/groups/group%2Fsub/access_tokens'],
  ])('name %j by %s', async (resource, path) => {
    await using gitlab = await given(json(200, LISTED), json(200, []), json(200, ISSUED));

    await gitlab.administered.find('maintainer', resource, '4', TIMEOUT_MS);
    await gitlab.administered.listActive('maintainer', resource, TIMEOUT_MS);
    await gitlab.administered.rotateById('maintainer', resource, '4', EXPIRES_AT, TIMEOUT_MS);

    const headers = { authorization: 'Bearer maintainer' };
    expect(gitlab.requests).toMatchObject([
      { method: 'GET', path: `${path}/4`, headers, body: '' },
      { method: 'GET', path, headers, body: '' },
      { method: 'POST', path: `${path}/4/rotate`, headers, body: '{"expires_at":"2027-02-20"}' },
    ]);
    expect(gitlab.requests[2]?.headers['content-type']).toBe('application/json');
    expect([...(gitlab.requests[1]?.query ?? [])]).toEqual([
      ['state', 'active'],
      ['per_page', '100'],
      ['page', '1'],
    ]);
  });

  it('are logged, each by what it is for, and without any token', async () => {
    await using gitlab = await given(json(200, LISTED), json(200, [LISTED]), json(200, ISSUED));

    await gitlab.administered.find('maintainer', PROJECT, '4', TIMEOUT_MS);
    await gitlab.administered.listActive('maintainer', PROJECT, TIMEOUT_MS);
    await gitlab.administered.rotateById('maintainer', PROJECT, '4', EXPIRES_AT, TIMEOUT_MS);

    expect(gitlab.log.lines).toMatchObject([
      { call: 'find', status: 200 },
      { call: 'list', status: 200 },
      { call: 'rotate-by-id', status: 200 },
    ]);
    expect(JSON.stringify(gitlab.log.lines)).not.toMatch(/maintainer|successor|publish/);
  });
});

describe('the path of a project', () => {
  const resource: Resource = { kind: 'project', id: 'group/app' };

  it.each(PATH_ENDS)('%s', async (_what, answer, end) => {
    await using gitlab = await given(answer, answer);

    expect(await gitlab.administered.find('maintainer', resource, '4', TIMEOUT_MS)).toStrictEqual(
      end,
    );
    expect(await gitlab.administered.listActive('maintainer', resource, TIMEOUT_MS)).toStrictEqual(
      end,
    );
  });
});

describe('finding one token', () => {
  it('reads whose it is, and names the answer', async () => {
    await using gitlab = await given(
      json(
        200,
        { ...LISTED, revoked: true, active: false },
        { 'x-request-id': '01JDF3Q8ZQ0000000000000001' },
      ),
    );

    expect(await gitlab.administered.find('maintainer', PROJECT, '4', TIMEOUT_MS)).toStrictEqual({
      kind: 'listed',
      tokens: [READ],
      status: 200,
      requestId: '01JDF3Q8ZQ0000000000000001',
    });
  });

  it.each([
    '404 project Access Token Not Found',
    '404 group Access Token Not Found',
    '404 Could not find project access token with token_id: 4 Not Found',
  ])('finds none where GitLab says: %s', async (message) => {
    await using gitlab = await given(json(404, { message }));

    expect(await gitlab.administered.find('maintainer', PROJECT, '4', TIMEOUT_MS)).toStrictEqual({
      kind: 'listed',
      tokens: [],
      status: 404,
    });
  });

  it.each(ENDS)('ends when %s', async (_when, answer, end) => {
    await using gitlab = await given(answer);

    const found = await gitlab.administered.find('maintainer', PROJECT, '4', TIMEOUT_MS);

    expect(found).toMatchObject(end);
    expect(gitlab.requests).toHaveLength(1);
  });

  it('ends when a token comes with an error', async () => {
    await using gitlab = await given(json(500, LISTED));

    expect(await gitlab.administered.find('maintainer', PROJECT, '4', TIMEOUT_MS)).toMatchObject({
      kind: 'unreachable',
      status: 500,
    });
  });

  it('ends when it is nobody’s token', async () => {
    await using gitlab = await given(json(200, { ...LISTED, user_id: null }));

    expect(await gitlab.administered.find('maintainer', PROJECT, '4', TIMEOUT_MS)).toMatchObject({
      kind: 'unreachable',
      reason: 'UNEXPECTED_ANSWER',
    });
  });

  it('ends when GitLab cannot be reached', async () => {
    const administered = await unreachable();

    expect(await administered.find('maintainer', PROJECT, '4', TIMEOUT_MS)).toStrictEqual({
      kind: 'unreachable',
      reason: 'ECONNREFUSED',
    });
  });
});
