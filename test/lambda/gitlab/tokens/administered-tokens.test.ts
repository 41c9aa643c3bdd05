import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Answer } from '../../../../infra/local/server/stand-in.ts';
import type { Resource } from '../../../../lambda/ports/administered-tokens.ts';
import {
  BLOCKED,
  CRASH,
  DPOP,
  EXPIRED,
  GRANULAR,
  ISSUED,
  LIVING,
  limited,
  MAINTENANCE,
  PROJECT_404,
  REVOKED,
  ROUTE_404,
  SCOPE,
  UNAUTHORIZED,
} from '../gitlab-answers.ts';
import { html, json } from '../scripted-gitlab.ts';
import { EXPIRES_AT, given, PROJECT, TIMEOUT_MS, unreachable } from './administered-rig.ts';

/** GitLab's answer to the former path of a project. */
const MOVED_301: Answer = {
  status: 301,
  headers: { 'content-type': 'text/plain', location: 'http://127.0.0.1/api/v4/projects/1' },
  body: 'This resource has been moved permanently',
};
const CREATED_AT = '2026-11-22T09:03:36.008Z';
const LISTED = { ...LIVING, created_at: CREATED_AT };
const READ = { tokenId: '4', userId: '3', name: 'publish', createdAt: CREATED_AT };

/** What ends a look, whichever of the two, and how. */
const ENDS: readonly (readonly [string, Answer, object])[] = [
  ['its role is too low', UNAUTHORIZED, { kind: 'refused', refusal: 'not-a-member', status: 401 }],
  ['it is dead', REVOKED, { kind: 'dead', reason: 'revoked', status: 401 }],
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

/** What ends a look at a project that is named by its path. */
const PATH_ENDS: readonly (readonly [string, Answer, object])[] = [
  ['is not found', PROJECT_404, { kind: 'refused', refusal: 'path-not-found', status: 404 }],
  ['is decoded', ROUTE_404, { kind: 'refused', refusal: 'path-decoded', status: 404 }],
  ['is a former one', MOVED_301, { kind: 'refused', refusal: 'project-moved', status: 301 }],
  [
    'leads to a login page',
    html(301, { location: 'https://login.example.com/' }),
    { kind: 'unreachable', reason: 'NOT_GITLAB', status: 301 },
  ],
];

afterEach(() => {
  vi.restoreAllMocks();
});

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
      json(200, { ...LISTED, revoked: true, active: false }, { 'x-request-id': 'one' }),
    );

    expect(await gitlab.administered.find('maintainer', PROJECT, '4', TIMEOUT_MS)).toStrictEqual({
      kind: 'listed',
      tokens: [READ],
      status: 200,
      requestId: 'one',
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

describe('listing the living tokens', () => {
  it('reads page after page, as GitLab names them', async () => {
    await using gitlab = await given(
      json(200, [LISTED], { 'x-next-page': '2' }),
      json(200, [{ ...LISTED, id: 5 }, null, { id: 6 }], { 'x-next-page': '10' }),
      json(200, [{ ...LISTED, id: 8 }], { 'x-next-page': '', 'x-request-id': 'last' }),
    );

    const listing = await gitlab.administered.listActive('maintainer', PROJECT, TIMEOUT_MS);

    expect(listing).toStrictEqual({
      kind: 'listed',
      tokens: [READ, { ...READ, tokenId: '5' }, { ...READ, tokenId: '8' }],
      status: 200,
      requestId: 'last',
    });
    expect(gitlab.requests.map(({ query }) => query.get('page'))).toEqual(['1', '2', '10']);
  });

  it('is not taken for whole where the next page is not known', async () => {
    await using gitlab = await given(json(200, [LISTED], { 'x-next-page': 'two' }));

    expect(await gitlab.administered.listActive('maintainer', PROJECT, TIMEOUT_MS)).toStrictEqual({
      kind: 'unreachable',
      reason: 'UNEXPECTED_ANSWER',
      status: 200,
    });
    expect(gitlab.requests).toHaveLength(1);
  });

  it('goes on after a full page of which no header says what follows', async () => {
    const full = Array.from({ length: 100 }, (_, n) => ({ ...LISTED, id: n + 1 }));
    await using gitlab = await given(json(200, full), json(200, [LISTED]));

    const listing = await gitlab.administered.listActive('maintainer', PROJECT, TIMEOUT_MS);

    expect(listing).toMatchObject({ kind: 'listed', tokens: { length: 101 } });
    expect(gitlab.requests.map(({ query }) => query.get('page'))).toEqual(['1', '2']);
  });

  it('gives up a list that has no end', async () => {
    const page = json(200, [LISTED], { 'x-next-page': '1' });
    await using gitlab = await given(...Array.from({ length: 12 }, () => page));

    expect(await gitlab.administered.listActive('maintainer', PROJECT, TIMEOUT_MS)).toStrictEqual({
      kind: 'unreachable',
      reason: 'TOO_MANY_PAGES',
    });
    expect(gitlab.requests).toHaveLength(10);
  });

  it.each(ENDS)('ends when %s, on a later page too', async (_when, answer, end) => {
    await using gitlab = await given(json(200, [LISTED], { 'x-next-page': '2' }), answer);

    const listing = await gitlab.administered.listActive('maintainer', PROJECT, TIMEOUT_MS);

    expect(listing).toMatchObject(end);
    expect(listing).not.toHaveProperty('tokens');
    expect(gitlab.requests).toHaveLength(2);
  });

  it('has one time-out for all pages', async () => {
    const page = json(200, [LISTED], { 'x-next-page': '1' });
    await using gitlab = await given(page, page, page, page);
    const timeouts = vi.spyOn(AbortSignal, 'timeout');
    vi.spyOn(performance, 'now').mockImplementation(() => gitlab.requests.length * 400);

    const listing = await gitlab.administered.listActive('maintainer', PROJECT, 1_000);

    expect(listing).toMatchObject({ kind: 'unreachable', reason: 'TimeoutError' });
    expect(timeouts.mock.calls).toEqual([[1_000], [600], [200], [0]]);
  });

  it('ends when a page is cut, and does not ask again', async () => {
    await using gitlab = await given(json(200, [LISTED]));
    gitlab.faults.add({ operation: '*', at: 'after', effect: { kind: 'cut' } });

    const listing = await gitlab.administered.listActive('maintainer', PROJECT, TIMEOUT_MS);

    expect(listing).toMatchObject({ kind: 'unreachable', status: 200 });
    expect(gitlab.requests).toHaveLength(1);
  });

  it('ends when GitLab cannot be reached', async () => {
    const administered = await unreachable();

    expect(await administered.listActive('maintainer', PROJECT, TIMEOUT_MS)).toStrictEqual({
      kind: 'unreachable',
      reason: 'ECONNREFUSED',
    });
  });
});
