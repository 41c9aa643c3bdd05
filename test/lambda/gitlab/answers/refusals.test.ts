import { describe, expect, it } from 'vitest';
import { asRefused, deathReason, readRefusal } from '../../../../lambda/gitlab/refusals.ts';
import type { TokenOwner } from '../../../../lambda/ports/access-tokens.ts';

const LEGACY_DISABLED = {
  message:
    '400 Bad request - Rotation of legacy personal access tokens is disabled. Use a fine-grained token instead.',
};

describe(readRefusal, () => {
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
    ['permission-missing', 403, { error: 'insufficient_granular_scope' }],
    ['legacy-token', 400, LEGACY_DISABLED],
    ['not-a-member', 401, { message: '401 Unauthorized' }],
    ['project-not-found', 404, { message: '404 Project Not Found' }],
    ['project-not-found', 404, { message: '404 Group Not Found' }],
    ['other', 404, { message: '404 Not Found' }],
    ['intercepted', 404, { message: 'no Route matched with those values' }],
    ['intercepted', 404, { error: '404 Not Found' }],
    ['intercepted', 404, { error: 'not found' }],
    ['other', 405, { message: 'Method Not Allowed' }],
    ['not-a-bot-token', 405, { message: '405 Method Not Allowed' }],
    ['project-moved', 405, { message: 'Non GET methods are not allowed for moved projects' }],
    ['other', 415, { error: "The provided content-type 'text/plain' is not supported." }],
    ['other', 422, { message: 'anything' }],
  ] as const)('is %s for %i %j', (refusal, status, body) => {
    expect(readRefusal(status, body)).toBe(refusal);
  });

  it.each([400, 401, 403, 404, 405, 413, 431])(
    'is intercepted for a %i without the words of GitLab',
    (status) => {
      expect(readRefusal(status, undefined)).toBe('intercepted');
      expect(readRefusal(status, {})).toBe('intercepted');
      expect(readRefusal(status, { error: { code: 1 }, message: null })).toBe('intercepted');
    },
  );

  it.each<[string, TokenOwner, object]>([
    ['path-decoded', { kind: 'project', id: 'group/app' }, { error: '404 Not Found' }],
    ['path-decoded', { kind: 'group', id: 'group/sub' }, { error: '404 Not Found' }],
    ['intercepted', { kind: 'group', id: 'group' }, { error: '404 Not Found' }],
    ['intercepted', { kind: 'project', id: '42' }, { error: '404 Not Found' }],
    ['path-not-found', { kind: 'project', id: 'group/app' }, { message: '404 Project Not Found' }],
    ['path-not-found', { kind: 'group', id: 'group/sub' }, { message: '404 Group Not Found' }],
    ['project-not-found', { kind: 'group', id: '7' }, { message: '404 Group Not Found' }],
  ])('is %s for the owner %j and 404 %j', (refusal, owner, body) => {
    expect(readRefusal(404, { ...body }, owner)).toBe(refusal);
  });
});

describe(asRefused, () => {
  const refused = (description: unknown) =>
    asRefused('permission-missing', { error_description: description });

  it.each([
    'Personal Access Token: Read',
    'Merge Request: Read',
    'Personal Access Token: Read, Personal Access Token: Rotate',
  ])('tells the permission that GitLab names: %s', (permission) => {
    const description = `Access denied: This operation requires a fine-grained personal access token with the following user permissions: [${permission}].`;

    expect(refused(description)).toStrictEqual({
      kind: 'refused',
      refusal: 'permission-missing',
      permission,
    });
  });

  it.each([
    undefined,
    7,
    '',
    '[]',
    'no brackets',
    '[glpat-abc]',
    '[Abcdefghijklmnopqrst]',
    '[Personal Access Token: Read1]',
    '[Personal\nAccess]',
    '[<!channel>]',
    `[${'Read, '.repeat(40)}Read]`,
  ])('leaves out what could be anything: %j', (description) => {
    expect(refused(description)).not.toHaveProperty('permission');
  });

  it('tells none of another refusal', () => {
    expect(asRefused('forbidden', { error_description: '[Read]' })).toStrictEqual({
      kind: 'refused',
      refusal: 'forbidden',
    });
  });
});

describe(deathReason, () => {
  it.each([
    ['expired', 'Token is expired. You can either do re-authorization or token refresh.'],
    ['revoked', 'Token was revoked. You have to re-authorize from the user.'],
    ['unusable', 'Token is an impersonation token but impersonation was disabled.'],
    ['unusable', undefined],
  ])('is %s for an invalid token that GitLab describes as %j', (death, description) => {
    expect(deathReason({ error: 'invalid_token', error_description: description })).toBe(death);
  });

  it('is unknown for the words that GitLab has for any stranger', () => {
    expect(deathReason({ message: '401 Unauthorized' })).toBe('unknown');
  });

  it.each([
    undefined,
    {},
    { error: 'dpop_error', error_description: 'Token was revoked.' },
    { message: 'Unauthorized' },
    { error: '401 Unauthorized' },
  ])('is none for %j', (body) => {
    expect(deathReason(body)).toBeUndefined();
  });
});
