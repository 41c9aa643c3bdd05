import type { Resource, Token } from '../state/model.ts';
import { isSince } from '../state/settings.ts';
import type { GitLabState } from '../state/state.ts';

/** What an answer adds to the fields that all of them have. */
export interface EntityOptions {
  /** Adds role and project or group. */
  readonly resource?: Resource;
  /** Adds the value: right after the token was made. */
  readonly value?: string;
  /** Adds the addresses, from this version on; the stand-in never knows any. */
  readonly ipsSince?: string;
}

/** A token as GitLab shows it (`lib/api/entities/`), with the fields that the version has. */
export function tokenEntity(
  state: GitLabState,
  token: Token,
  { resource, value, ipsSince }: EntityOptions = {},
): object {
  const { settings } = state;
  const isNew = isSince(settings, '19.0');
  return {
    id: token.id,
    name: token.name,
    ...(isNew && { active: isShownActive(state, token) }),
    revoked: token.revoked,
    ...(isNew && {
      expired: state.isExpired(token),
      granular: token.granularScopes !== undefined,
    }),
    created_at: token.createdAt.toISOString(),
    ...(isSince(settings, '17.7') && { description: token.description }),
    scopes: token.scopes,
    user_id: token.userId,
    last_used_at: token.lastUsedAt?.toISOString() ?? null,
    ...(!isNew && { active: state.isActive(token) }),
    expires_at: token.expiresAt,
    ...(ipsSince !== undefined && isSince(settings, ipsSince) && { last_used_ips: [] }),
    ...(resource && resourceFields(state, token, resource)),
    ...(value !== undefined && { token: value }),
    ...(token.granularScopes && { granular_scopes: token.granularScopes }),
  };
}

/** Says of a granular token whether it is active and its feature flag is on. */
function isShownActive(state: GitLabState, token: Token): boolean {
  return state.isActive(token) && !(token.granularScopes && state.settings.granularFlagOff);
}

function resourceFields(state: GitLabState, { userId }: Token, resource: Resource): object {
  return {
    access_level: state.member(userId, resource)?.level ?? null,
    ...(isSince(state.settings, '18.0') && {
      resource_type: resource.type,
      resource_id: resource.id,
    }),
  };
}
