import { describe, expect, it } from 'vitest';
import type { Answer } from '../../../../infra/local/server/wire.ts';
import { readRotateOutcome } from '../../../../lambda/gitlab/outcomes.ts';
import type { GitLabResponse } from '../../../../lambda/gitlab/response.ts';
import type { RotateOutcome } from '../../../../lambda/ports/access-tokens.ts';
import {
  ACTIVE,
  BLOCKED,
  badRequest,
  CRASH,
  DPOP,
  EXPIRED,
  GRANULAR,
  IMPERSONATION,
  ISSUED,
  LOCKED,
  limited,
  MAINTENANCE,
  MOVED,
  NOT_ALLOWED,
  PROJECT_404,
  READ_ONLY,
  REVOKED,
  SCOPE,
  TOO_MANY_IPS,
} from '../../../rig/scripted/gitlab-answers.ts';
import { asResponse, html, json } from '../../../rig/scripted/scripted-gitlab.ts';

describe('a rotate request', () => {
  it.each<[string, Answer, RotateOutcome]>([
    [
      'rotated',
      json(200, ISSUED),
      {
        kind: 'rotated',
        successor: { token: 'successor-1', tokenId: '5', userId: '3', expiresAt: '2027-02-20' },
        status: 200,
      },
    ],
    [
      'rotated, whatever 2xx it is and whatever else looks odd',
      json(201, { id: 'five', token: 'successor-1', expires_at: 'soon' }),
      { kind: 'rotated', successor: { token: 'successor-1' }, status: 201 },
    ],
    ['unknown after 200 without a token', json(200, ACTIVE), { kind: 'unknown', status: 200 }],
    [
      'unknown after 200 with the old token',
      json(200, { ...ISSUED, token: 'first' }),
      { kind: 'unknown', status: 200 },
    ],
    [
      'unknown after 200 with a token that no header can carry',
      json(200, { ...ISSUED, token: 'successor 1' }),
      { kind: 'unknown', status: 200 },
    ],
    ['unknown after 200 from a login page', html(200), { kind: 'unknown', status: 200 }],
    ['unknown after 204', { status: 204, body: '' }, { kind: 'unknown', status: 204 }],
    [
      'unknown after a redirect',
      html(302, { location: 'https://login.example.com/' }),
      { kind: 'unknown', status: 302 },
    ],
    ['unknown after 300 with a token', json(300, ISSUED), { kind: 'unknown', status: 300 }],
    ['unknown after a conflict', LOCKED, { kind: 'unknown', status: 409 }],
    ['unknown after a crash', CRASH, { kind: 'unknown', status: 500 }],
    ['unknown after 502', html(502), { kind: 'unknown', status: 502 }],
    ['unknown after 503', html(503, { 'retry-after': '1' }), { kind: 'unknown', status: 503 }],
    ['unknown after 504', html(504), { kind: 'unknown', status: 504 }],
    [
      'unknown after a 500 that talks of a dead token',
      { ...REVOKED, status: 500 },
      { kind: 'unknown', status: 500 },
    ],
    [
      'rolled back for its date',
      badRequest('Expiration date must be before 2027-11-22'),
      { kind: 'date-too-far', latest: '2027-11-22', status: 400 },
    ],
    [
      'rolled back for its date in another language, under two rules',
      badRequest('Ablaufdatum muss vor dem 2027-11-22 liegen und vor dem 2027-02-20'),
      { kind: 'date-too-far', latest: '2027-02-20', status: 400 },
    ],
    [
      'refused as no date',
      json(400, { error: 'expires_at is invalid' }),
      { kind: 'refused', refusal: 'request-invalid', status: 400 },
    ],
    [
      'perhaps raced when the token was revoked meanwhile',
      badRequest('Token already revoked'),
      { kind: 'perhaps-raced', status: 400 },
    ],
    [
      'perhaps raced when GitLab could not revoke',
      badRequest('Failed to revoke token'),
      { kind: 'perhaps-raced', status: 400 },
    ],
    [
      'perhaps raced when the reasons come as an object',
      json(400, { message: { base: ['Token already revoked'] } }),
      { kind: 'perhaps-raced', status: 400 },
    ],
    [
      'rolled back for a date that stands in a list',
      json(400, { message: ['Expiration date must be before 2027-11-22'] }),
      { kind: 'date-too-far', latest: '2027-11-22', status: 400 },
    ],
    [
      'refused by something else with 400',
      html(400),
      { kind: 'refused', refusal: 'intercepted', status: 400 },
    ],
    ['dead as expired', EXPIRED, { kind: 'dead', reason: 'expired', status: 401 }],
    ['dead as revoked', REVOKED, { kind: 'dead', reason: 'revoked', status: 401 }],
    ['dead as of no use', IMPERSONATION, { kind: 'dead', reason: 'unusable', status: 401 }],
    ['refused for want of a proof', DPOP, { kind: 'refused', refusal: 'other', status: 401 }],
    [
      'refused by something else with 401',
      html(401),
      { kind: 'refused', refusal: 'intercepted', status: 401 },
    ],
    ['refused for its scopes', SCOPE, { kind: 'refused', refusal: 'scope-missing', status: 403 }],
    [
      'refused since the bot is blocked',
      BLOCKED,
      { kind: 'refused', refusal: 'user-blocked', status: 403 },
    ],
    [
      'refused for its address',
      TOO_MANY_IPS,
      { kind: 'refused', refusal: 'ip-not-allowed', status: 403 },
    ],
    [
      'refused in read-only mode',
      READ_ONLY,
      { kind: 'refused', refusal: 'read-only', status: 403 },
    ],
    [
      'refused for lack of a permission',
      GRANULAR,
      {
        kind: 'refused',
        refusal: 'permission-missing',
        permission: 'Personal Access Token: Read',
        status: 403,
      },
    ],
    [
      'refused for the project',
      PROJECT_404,
      { kind: 'refused', refusal: 'project-not-found', status: 404 },
    ],
    [
      'refused to a legacy token where only fine-grained ones may rotate',
      badRequest('Rotation of legacy personal access tokens is disabled. Use another instead.'),
      { kind: 'refused', refusal: 'legacy-token', status: 400 },
    ],
    [
      'unknown in maintenance, which a gateway may say after the fact, with when it is back',
      MAINTENANCE,
      { kind: 'unknown', status: 503, says: 'maintenance', retryAfterMs: 600_000 },
    ],
    [
      'refused by something else with 404',
      html(404),
      { kind: 'refused', refusal: 'intercepted', status: 404 },
    ],
    [
      'refused since it is not the token of a bot',
      NOT_ALLOWED,
      { kind: 'refused', refusal: 'not-a-bot-token', status: 405 },
    ],
    [
      'refused since the project has moved',
      MOVED,
      { kind: 'refused', refusal: 'project-moved', status: 405 },
    ],
    [
      'refused by something that finds it too large',
      html(413),
      { kind: 'refused', refusal: 'intercepted', status: 413 },
    ],
    [
      'refused by something that finds its headers too large',
      html(431),
      { kind: 'refused', refusal: 'intercepted', status: 431 },
    ],
    [
      'refused for its type',
      json(415, { error: "The provided content-type 'text/plain' is not supported." }),
      { kind: 'refused', refusal: 'other', status: 415 },
    ],
    [
      'rate-limited, with a pause',
      limited({ 'retry-after': '17' }),
      { kind: 'rate-limited', retryAfterMs: 17_000, status: 429 },
    ],
    [
      'rate-limited, with a pause that nobody can read',
      limited({ 'retry-after': 'soon' }),
      { kind: 'rate-limited', status: 429 },
    ],
  ])('is %s', (_what, answer, expected) => {
    expect(readRotateOutcome(asResponse(answer), 'first', { kind: 'token' })).toStrictEqual(
      expected,
    );
  });

  it.each<[string, GitLabResponse, RotateOutcome]>([
    [
      'not sent when nobody listens',
      { kind: 'not-sent', reason: 'ECONNREFUSED' },
      { kind: 'not-sent', reason: 'ECONNREFUSED' },
    ],
    [
      'unknown when no answer came',
      { kind: 'no-answer', reason: 'TimeoutError' },
      { kind: 'unknown' },
    ],
    [
      'unknown when a success is cut',
      { kind: 'no-answer', reason: 'ECONNRESET', status: 200 },
      { kind: 'unknown', status: 200 },
    ],
    [
      'unknown when a refusal is cut',
      { kind: 'no-answer', reason: 'ECONNRESET', status: 404 },
      { kind: 'unknown', status: 404 },
    ],
    [
      'unknown when a body without a length ends in the middle of the token',
      { ...asResponse(json(200, ISSUED)), text: '{"id":5,"token":"succ' },
      { kind: 'unknown', status: 200 },
    ],
  ])('is %s', (_what, response, expected) => {
    expect(readRotateOutcome(response, 'first', { kind: 'token' })).toStrictEqual(expected);
  });
});
