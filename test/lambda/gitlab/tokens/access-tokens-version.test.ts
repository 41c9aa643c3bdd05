import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Answer } from '../../../../infra/local/server/wire.ts';
import type { ActiveToken, TokenOwner } from '../../../../lambda/ports/access-tokens.ts';
import { VERSION_TIMEOUT_MS } from '../../../../lambda/time/timing.ts';
import { PROBED } from '../../../rig/function/probed-token.ts';
import { PROJECT_404, ROUTE_404 } from '../../../rig/scripted/gitlab-answers.ts';
import { html, json, startScriptedGitLab } from '../../../rig/scripted/scripted-gitlab.ts';

const TIMEOUT_MS = 5_000;
const EXPIRES_AT = '2027-02-20';
const UNAUTHORIZED = json(401, { message: '401 Unauthorized' });

afterEach(() => {
  vi.restoreAllMocks();
});

describe('a rotate request that GitLab calls unauthorized', () => {
  it.each<[string, string, Answer]>([
    ['not-a-member', 'GitLab is 17.9', json(200, { version: '17.9.0' })],
    ['not-a-member', 'GitLab is 17.10', json(200, { version: '17.10.1-ee' })],
    ['not-a-member', 'GitLab is 18.0', json(200, { version: '18.0.0' })],
    ['gitlab-too-old', 'GitLab is 17.8', json(200, { version: '17.8.7-ee' })],
    ['gitlab-too-old', 'GitLab is 16.11', json(200, { version: '16.11.0' })],
    [
      'not-a-member',
      'self_rotate is all that the token may do',
      json(403, { error: 'insufficient_scope', scope: 'api read_api read_user' }),
    ],
    [
      'not-a-member-or-gitlab-too-old',
      'the version is forbidden for another reason',
      json(403, { message: '403 Forbidden' }),
    ],
    [
      'not-a-member-or-gitlab-too-old',
      'the scope is said to be missing with another status',
      json(401, { error: 'insufficient_scope' }),
    ],
    ['not-a-member-or-gitlab-too-old', 'the version is none', json(200, { version: 'latest' })],
    ['not-a-member-or-gitlab-too-old', 'something else answers', html(200)],
    ['not-a-member-or-gitlab-too-old', 'something else forbids it', html(403)],
    [
      'not-a-member-or-gitlab-too-old',
      'the version comes with an error',
      json(500, { version: '18.0.0' }),
    ],
  ])('is refused as %s when %s', async (refusal, _when, version) => {
    await using gitlab = await startScriptedGitLab(UNAUTHORIZED, version);

    const outcome = await gitlab.tokens.rotate(
      'first',
      { kind: 'project', id: '42' },
      EXPIRES_AT,
      TIMEOUT_MS,
      PROBED,
    );

    expect(outcome).toStrictEqual({ kind: 'refused', refusal, status: 401 });
    expect(gitlab.requests).toHaveLength(2);
    expect(gitlab.requests[1]).toMatchObject({
      method: 'GET',
      path: '/api/v4/version',
      headers: { authorization: 'Bearer first' },
    });
  });

  it('is refused for one of two reasons when the version gets no answer', async () => {
    await using gitlab = await startScriptedGitLab(UNAUTHORIZED);
    gitlab.faults.add({
      operation: 'GET /api/v4/version',
      at: 'before',
      effect: { kind: 'reset' },
    });

    const outcome = await gitlab.tokens.rotate(
      'first',
      { kind: 'token' },
      EXPIRES_AT,
      TIMEOUT_MS,
      PROBED,
    );

    expect(outcome).toStrictEqual({
      kind: 'refused',
      refusal: 'not-a-member-or-gitlab-too-old',
      status: 401,
    });
  });

  it.each<[string, TokenOwner]>([
    ['not-a-member', { kind: 'project', id: '42' }],
    ['not-a-member', { kind: 'group', id: 'group/sub' }],
    // It names no project, and so no wrong one.
    ['other', { kind: 'token' }],
  ])('is %s where the scope proves the version, which is not asked: %j', async (refusal, owner) => {
    await using gitlab = await startScriptedGitLab(UNAUTHORIZED);

    const outcome = await gitlab.tokens.rotate('first', owner, EXPIRES_AT, TIMEOUT_MS, {
      ...PROBED,
      scopes: ['api', 'self_rotate'],
    });

    expect(outcome).toStrictEqual({ kind: 'refused', refusal, status: 401 });
    expect(gitlab.requests).toHaveLength(1);
  });
});

describe('a rotate request by a route that GitLab does not know', () => {
  const PATH: TokenOwner = { kind: 'project', id: 'group/app' };
  const NUMBER: TokenOwner = { kind: 'project', id: '42' };

  it.each<[string, TokenOwner, Partial<ActiveToken>]>([
    ['path-decoded', PATH, { scopes: ['self_rotate'] }],
    ['path-decoded', { kind: 'group', id: 'group/sub' }, { scopes: ['self_rotate'] }],
    ['path-decoded', PATH, { scopes: ['granular'], granular: true }],
    ['intercepted', NUMBER, { scopes: ['self_rotate'] }],
    ['intercepted', { kind: 'token' }, { scopes: ['self_rotate'] }],
  ])(
    'is refused as %s, for %j and a token that proves the version: %j',
    async (refusal, owner, active) => {
      await using gitlab = await startScriptedGitLab(ROUTE_404);

      const outcome = await gitlab.tokens.rotate('first', owner, EXPIRES_AT, TIMEOUT_MS, {
        ...PROBED,
        ...active,
      });

      expect(outcome).toStrictEqual({ kind: 'refused', refusal, status: 404 });
      expect(gitlab.requests).toHaveLength(1);
    },
  );

  it.each<[string, string, TokenOwner, Answer]>([
    ['path-decoded', 'is 17.9', PATH, json(200, { version: '17.9.0' })],
    ['intercepted', 'is 17.9', NUMBER, json(200, { version: '17.9.0' })],
    ['gitlab-too-old', 'is 15.11', PATH, json(200, { version: '15.11.0' })],
    ['gitlab-too-old', 'is 15.11', NUMBER, json(200, { version: '15.11.0' })],
    ['path-changed-or-gitlab-too-old', 'does not say what it is', PATH, html(502)],
    ['path-changed-or-gitlab-too-old', 'does not say what it is', NUMBER, html(502)],
  ])('is refused as %s where GitLab %s', async (refusal, _what, owner, version) => {
    await using gitlab = await startScriptedGitLab(ROUTE_404, version);

    const outcome = await gitlab.tokens.rotate('first', owner, EXPIRES_AT, TIMEOUT_MS, PROBED);

    expect(outcome).toStrictEqual({ kind: 'refused', refusal, status: 404 });
    expect(gitlab.requests).toHaveLength(2);
  });

  it('is not one that GitLab answers for a project which it does not find', async () => {
    await using gitlab = await startScriptedGitLab(PROJECT_404, PROJECT_404);

    const byPath = await gitlab.tokens.rotate('first', PATH, EXPIRES_AT, TIMEOUT_MS, PROBED);
    const byNumber = await gitlab.tokens.rotate('first', NUMBER, EXPIRES_AT, TIMEOUT_MS, PROBED);

    expect(byPath).toStrictEqual({ kind: 'refused', refusal: 'path-not-found', status: 404 });
    expect(byNumber).toStrictEqual({ kind: 'refused', refusal: 'project-not-found', status: 404 });
  });
});

describe('asking for the version', () => {
  it.each([
    ['what the rotate request has left', 500, 100],
    ['its own time-out', 30_000, VERSION_TIMEOUT_MS],
    ['none where nothing is left', 300, 0],
  ])('takes %s', async (_what, timeoutMs, left) => {
    await using gitlab = await startScriptedGitLab(UNAUTHORIZED, json(200, { version: '17.8.0' }));
    const timeouts = vi.spyOn(AbortSignal, 'timeout');
    vi.spyOn(performance, 'now').mockImplementation(() => gitlab.requests.length * 400);

    await gitlab.tokens.rotate('first', { kind: 'token' }, EXPIRES_AT, timeoutMs, PROBED);

    expect(timeouts.mock.calls).toEqual([[timeoutMs], [left]]);
  });
});
