import { describe, expect, it } from 'vitest';
import { deathOf, refusalOf } from '../../../lambda/gitlab/refusals.ts';

describe(refusalOf, () => {
  it.each([
    ['request-invalid', 400, { error: 'expires_at is invalid' }],
    ['other', 400, { message: '400 Bad request - Token already revoked' }],
    ['other', 401, { error: 'dpop_error', error_description: 'DPoP validation error' }],
    ['scope-missing', 403, { error: 'insufficient_scope', scope: 'api self_rotate' }],
    ['user-blocked', 403, { message: '403 Forbidden - Your account has been blocked.' }],
    ['user-blocked', 403, { message: '403 Forbidden - Your account is not active.' }],
    ['ip-not-allowed', 403, { message: '403 Forbidden' }],
    ['read-only', 403, { message: 'You cannot perform write operations on a read-only instance' }],
    ['forbidden', 403, { message: '403 Forbidden Granular Token' }],
    ['forbidden', 403, { error: 'insufficient_granular_scope' }],
    ['project-not-found', 404, { message: '404 Project Not Found' }],
    ['project-not-found', 404, { message: '404 Group Not Found' }],
    ['not-gitlab', 404, { error: '404 Not Found' }],
    ['not-a-bot-token', 405, { message: '405 Method Not Allowed' }],
    ['project-moved', 405, { message: 'Non GET methods are not allowed for moved projects' }],
    ['other', 415, { error: "The provided content-type 'text/plain' is not supported." }],
    ['other', 422, { message: 'anything' }],
  ] as const)('is %s for %i %j', (refusal, status, body) => {
    expect(refusalOf(status, body)).toBe(refusal);
  });

  it.each([400, 401, 403, 404, 405, 413, 431])(
    'is not-gitlab for a %i without the words of GitLab',
    (status) => {
      expect(refusalOf(status, undefined)).toBe('not-gitlab');
      expect(refusalOf(status, {})).toBe('not-gitlab');
      expect(refusalOf(status, { error: { code: 1 }, message: null })).toBe('not-gitlab');
    },
  );
});

describe(deathOf, () => {
  it.each([
    ['expired', 'Token is expired. You can either do re-authorization or token refresh.'],
    ['revoked', 'Token was revoked. You have to re-authorize from the user.'],
    ['unusable', 'Token is an impersonation token but impersonation was disabled.'],
    ['unusable', undefined],
  ])('is %s for an invalid token that GitLab describes as %j', (death, description) => {
    expect(deathOf({ error: 'invalid_token', error_description: description })).toBe(death);
  });

  it('is unknown for the words that GitLab has for any stranger', () => {
    expect(deathOf({ message: '401 Unauthorized' })).toBe('unknown');
  });

  it.each([
    undefined,
    {},
    { error: 'dpop_error', error_description: 'Token was revoked.' },
    { message: 'Unauthorized' },
    { error: '401 Unauthorized' },
  ])('is none for %j', (body) => {
    expect(deathOf(body)).toBeUndefined();
  });
});
