import { describe, expect, it } from 'vitest';
import type { Answer } from '../../../../infra/local/server/wire.ts';
import type { Resource } from '../../../../lambda/ports/administered-tokens.ts';
import {
  ACTIVE,
  badRequest,
  CRASH,
  GRANULAR,
  ISSUED,
  limited,
  MAINTENANCE,
  MOVED,
  NOT_ALLOWED,
  PROJECT_404,
  READ_ONLY,
  REVOKED,
  ROUTE_404,
  SCOPE,
  UNAUTHORIZED,
} from '../../../rig/scripted/gitlab-answers.ts';
import { html, json } from '../../../rig/scripted/scripted-gitlab.ts';
import { EXPIRES_AT, given, PROJECT, TIMEOUT_MS, unreachable } from './administered-rig.ts';

describe('rotating a token by its id', () => {
  it.each<[string, Answer, object]>([
    [
      'has rotated it',
      json(200, ISSUED),
      {
        kind: 'rotated',
        successor: { token: 'successor-1', tokenId: '5', userId: '3', expiresAt: EXPIRES_AT },
      },
    ],
    ['finds it revoked', badRequest('Token already revoked'), { kind: 'perhaps-raced' }],
    [
      'finds the date too far',
      badRequest('Expiration date must be before 2027-01-01'),
      { kind: 'date-too-far', latest: '2027-01-01' },
    ],
    ['refuses a bot, or a lower role', UNAUTHORIZED, { kind: 'refused', refusal: 'not-a-member' }],
    [
      'wants a permission',
      GRANULAR,
      {
        kind: 'refused',
        refusal: 'permission-missing',
        permission: 'Personal Access Token: Read',
      },
    ],
    [
      'is in maintenance',
      MAINTENANCE,
      { kind: 'unknown', status: 503, says: 'maintenance', retryAfterMs: 600_000 },
    ],
    ['refuses the scope', SCOPE, { kind: 'refused', refusal: 'scope-missing' }],
    ['is read-only', READ_ONLY, { kind: 'refused', refusal: 'read-only' }],
    ['knows no such project', PROJECT_404, { kind: 'refused', refusal: 'project-not-found' }],
    ['has moved the project', MOVED, { kind: 'refused', refusal: 'project-moved' }],
    ['wants another kind of token', NOT_ALLOWED, { kind: 'refused', refusal: 'not-a-bot-token' }],
    ['finds the credential dead', REVOKED, { kind: 'dead', reason: 'revoked' }],
    ['limits the rate', limited({ 'retry-after': '7' }), { kind: 'rate-limited' }],
    ['fails', CRASH, { kind: 'unknown', status: 500 }],
    ['redirects', html(302), { kind: 'unknown', status: 302 }],
    ['shows a page', html(200), { kind: 'unknown', status: 200 }],
    ['shows no token', json(200, ACTIVE), { kind: 'unknown' }],
    [
      'repeats the credential for a successor',
      json(200, { ...ISSUED, token: 'maintainer' }),
      { kind: 'unknown' },
    ],
  ])('is asked once, when GitLab %s', async (_when, answer, outcome) => {
    await using gitlab = await given(answer, json(200, ISSUED));

    expect(
      await gitlab.administered.rotateById('maintainer', PROJECT, '4', EXPIRES_AT, TIMEOUT_MS),
    ).toMatchObject(outcome);
    expect(gitlab.requests).toHaveLength(1);
  });

  it.each<[string, Resource]>([
    ['intercepted', PROJECT],
    ['path-decoded', { kind: 'project', id: 'group/app' }],
  ])(
    'is %s, and no old GitLab, when a route is missing by which it was listed: %j',
    async (refusal, resource) => {
      await using gitlab = await given(ROUTE_404);

      expect(
        await gitlab.administered.rotateById('maintainer', resource, '4', EXPIRES_AT, TIMEOUT_MS),
      ).toStrictEqual({ kind: 'refused', refusal, status: 404 });
      expect(gitlab.requests).toHaveLength(1);
    },
  );

  it('is asked once, when the answer does not come whole', async () => {
    await using gitlab = await given(json(200, ISSUED), json(200, ISSUED));
    gitlab.faults.add({ operation: '*', at: 'after', effect: { kind: 'cut' } });

    expect(
      await gitlab.administered.rotateById('maintainer', PROJECT, '4', EXPIRES_AT, TIMEOUT_MS),
    ).toStrictEqual({ kind: 'unknown', status: 200 });
    expect(gitlab.requests).toHaveLength(1);
  });

  it('has not happened, when GitLab cannot be reached', async () => {
    const administered = await unreachable();

    expect(
      await administered.rotateById('maintainer', PROJECT, '4', EXPIRES_AT, TIMEOUT_MS),
    ).toStrictEqual({ kind: 'not-sent', reason: 'ECONNREFUSED' });
  });
});
