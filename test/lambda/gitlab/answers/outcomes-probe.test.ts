import { describe, expect, it } from 'vitest';
import type { Answer } from '../../../../infra/local/server/wire.ts';
import { readProbe } from '../../../../lambda/gitlab/outcomes.ts';
import type { GitLabResponse } from '../../../../lambda/gitlab/response.ts';
import type { Probe } from '../../../../lambda/ports/access-tokens.ts';
import {
  ACTIVE,
  BLOCKED,
  badRequest,
  CRASH,
  DPOP,
  EXPIRED,
  GRANULAR,
  IMPERSONATION,
  limited,
  MAINTENANCE,
  REVOKED,
  ROUTE_404,
  TOO_MANY_IPS,
  UNAUTHORIZED,
} from '../../../rig/scripted/gitlab-answers.ts';
import { asResponse, html, json } from '../../../rig/scripted/scripted-gitlab.ts';

describe('a probe', () => {
  it.each<[string, Answer, Probe]>([
    [
      'active when GitLab describes the token',
      json(200, ACTIVE),
      {
        kind: 'active',
        status: 200,
        token: {
          tokenId: '4',
          userId: '3',
          scopes: ['self_rotate'],
          expiresAt: '2027-02-20',
          canRotate: true,
        },
      },
    ],
    ['dead when it is expired', EXPIRED, { kind: 'dead', reason: 'expired', status: 401 }],
    ['dead when it is revoked', REVOKED, { kind: 'dead', reason: 'revoked', status: 401 }],
    [
      'dead when impersonation is off',
      IMPERSONATION,
      { kind: 'dead', reason: 'unusable', status: 401 },
    ],
    ['dead when nobody knows it', UNAUTHORIZED, { kind: 'dead', reason: 'unknown', status: 401 }],
    ['refused for want of a proof', DPOP, { kind: 'refused', refusal: 'other', status: 401 }],
    [
      'refused to a fine-grained token that may not even ask, with the permission',
      GRANULAR,
      {
        kind: 'refused',
        refusal: 'permission-missing',
        permission: 'Personal Access Token: Read',
        status: 403,
      },
    ],
    [
      'refused as not active, although it is answered',
      json(200, { ...ACTIVE, granular: true, scopes: ['granular'], active: false }),
      { kind: 'refused', refusal: 'not-active', status: 200 },
    ],
    [
      'refused as revoked, which GitLab says with 401 of the dead',
      json(200, { ...ACTIVE, revoked: true }),
      { kind: 'refused', refusal: 'not-active', status: 200 },
    ],
    ...[400, 401, 403, 404, 405, 418].map((status): [string, Answer, Probe] => [
      `unreachable behind a page with ${status}`,
      html(status),
      { kind: 'unreachable', reason: 'NOT_GITLAB', status },
    ]),
    [
      'unreachable in maintenance, with when it is back, whatever the banner says',
      MAINTENANCE,
      {
        kind: 'unreachable',
        reason: 'UNEXPECTED_ANSWER',
        status: 503,
        says: 'maintenance',
        retryAfterMs: 600_000,
      },
    ],
    [
      'unreachable behind a gateway that knows no maintenance',
      json(503, { message: 'name resolution failed' }),
      { kind: 'unreachable', reason: 'UNEXPECTED_ANSWER', status: 503 },
    ],
    [
      'unreachable behind a gateway with a page and a pause',
      html(503, { 'retry-after': '600' }),
      { kind: 'unreachable', reason: 'UNEXPECTED_ANSWER', status: 503 },
    ],
    [
      'unreachable where another status asks for a pause in JSON',
      json(502, { message: 'wait' }, { 'retry-after': '600' }),
      { kind: 'unreachable', reason: 'UNEXPECTED_ANSWER', status: 502 },
    ],
    [
      'refused when the user is blocked',
      BLOCKED,
      { kind: 'refused', refusal: 'user-blocked', status: 403 },
    ],
    [
      'refused for its address',
      TOO_MANY_IPS,
      { kind: 'refused', refusal: 'ip-not-allowed', status: 403 },
    ],
    [
      'refused where there is no such route',
      ROUTE_404,
      { kind: 'refused', refusal: 'not-gitlab', status: 404 },
    ],
    [
      'refused where another API answers',
      json(404, { message: 'Not Found' }),
      { kind: 'refused', refusal: 'not-gitlab', status: 404 },
    ],
    [
      'refused for a token of another kind',
      badRequest('This endpoint requires token type to be a personal access token'),
      { kind: 'refused', refusal: 'not-an-access-token', status: 400 },
    ],
    [
      'refused with 400 for a reason that GitLab does not have here',
      badRequest('Rotation of legacy personal access tokens is disabled'),
      { kind: 'refused', refusal: 'other', status: 400 },
    ],
    [
      'refused for want of a permission that is named in no form of GitLab',
      json(403, {
        error: 'insufficient_granular_scope',
        error_description: 'user permissions: [the password of root is swordfish and more]',
      }),
      { kind: 'refused', refusal: 'permission-missing', status: 403 },
    ],
    [
      'refused with 400 for a reason of another form',
      json(400, { error: 'id is invalid' }),
      { kind: 'refused', refusal: 'other', status: 400 },
    ],
    [
      'rate-limited, with a pause',
      limited({ 'retry-after': '17' }),
      { kind: 'rate-limited', retryAfterMs: 17_000, status: 429 },
    ],
    ['rate-limited, without one', limited({}), { kind: 'rate-limited', status: 429 }],
    [
      'unreachable behind a login page',
      html(200),
      { kind: 'unreachable', reason: 'NOT_GITLAB', status: 200 },
    ],
    [
      'unreachable when 200 describes something else',
      json(200, { status: 'ok' }),
      { kind: 'unreachable', reason: 'UNEXPECTED_ANSWER', status: 200 },
    ],
    [
      'unreachable when another status describes a token',
      json(201, ACTIVE),
      { kind: 'unreachable', reason: 'UNEXPECTED_ANSWER', status: 201 },
    ],
    [
      'unreachable behind a redirect',
      html(302, { location: 'https://login.example.com/' }),
      { kind: 'unreachable', reason: 'NOT_GITLAB', status: 302 },
    ],
    [
      'unreachable when GitLab crashes',
      CRASH,
      { kind: 'unreachable', reason: 'UNEXPECTED_ANSWER', status: 500 },
    ],
    [
      'unreachable when a crash talks of a dead token',
      { ...REVOKED, status: 500 },
      { kind: 'unreachable', reason: 'UNEXPECTED_ANSWER', status: 500 },
    ],
    [
      'unreachable when GitLab is down',
      html(502),
      { kind: 'unreachable', reason: 'UNEXPECTED_ANSWER', status: 502 },
    ],
  ])('finds a token %s', (_what, answer, expected) => {
    expect(readProbe(asResponse(answer))).toStrictEqual(expected);
  });

  it.each<[string, GitLabResponse, Probe]>([
    [
      'when nothing was sent',
      { kind: 'not-sent', reason: 'ECONNREFUSED' },
      { kind: 'unreachable', reason: 'ECONNREFUSED' },
    ],
    [
      'when there is no answer',
      { kind: 'no-answer', reason: 'ECONNRESET' },
      { kind: 'unreachable', reason: 'ECONNRESET' },
    ],
    [
      'when an answer is cut, even a refusal',
      { kind: 'no-answer', reason: 'ECONNRESET', status: 401 },
      { kind: 'unreachable', reason: 'ECONNRESET', status: 401 },
    ],
  ])('finds GitLab unreachable %s', (_when, response, expected) => {
    expect(readProbe(response)).toStrictEqual(expected);
  });
});
