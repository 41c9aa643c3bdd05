import type { AccessLevel, Group, Resource, ResourcePath, ResourceType, User } from './model.ts';
import type { GitLabState } from './state.ts';

const OWNER: AccessLevel = 50;
export const MAINTAINER: AccessLevel = 40;

/** What a path led to; `moved` where it is a former one. */
export interface FoundResource {
  readonly resource: Resource;
  readonly moved: boolean;
}

/** Finds a project or group, if this user may know that it exists. */
export function findResource(
  state: GitLabState,
  user: User,
  { type, idOrPath }: ResourcePath,
): FoundResource | undefined {
  const candidates = state.resources(type).filter(({ deleted }) => !deleted);
  const here = candidates.find(({ id, path }) => String(id) === idOrPath || path === idOrPath);
  const resource = here ?? candidates.find(({ formerPaths }) => formerPaths.includes(idOrPath));
  if (!resource || !isVisible(state, user, resource)) {
    return undefined;
  }
  return { resource, moved: here === undefined };
}

function isVisible(state: GitLabState, user: User, resource: Resource): boolean {
  return resource.visibility !== 'private' || levelIn(state, user, resource) > 0;
}

/** The groups above a project or group, and a group itself. */
function groupsOf(state: GitLabState, { path }: Resource): Group[] {
  return state.groups.filter((group) => `${path}/`.startsWith(`${group.path}/`));
}

/** The user's role, inherited from the groups above; 0: none. Administrators own everything. */
export function levelIn(state: GitLabState, user: User, resource: Resource): AccessLevel | 0 {
  return user.admin ? OWNER : highestLevel(state, user, [resource, ...groupsOf(state, resource)]);
}

/** The highest role that the user has as a member of one of these; 0: none. */
function highestLevel(
  state: GitLabState,
  user: User,
  places: readonly Resource[],
): AccessLevel | 0 {
  const levels = places.map((place) => {
    const member = state.member(user.id, place);
    const ended = member?.expiresAt && member.expiresAt <= state.today;
    return member && !ended ? member.level : 0;
  });
  return levels.reduce((highest, level) => (level > highest ? level : highest), 0);
}

/** A user's roles in one place: as its own member, and through the groups above. */
export function rolesIn(state: GitLabState, user: User, resource: Resource) {
  const above = groupsOf(state, resource);
  return {
    direct: highestLevel(state, user, [resource]),
    inherited: highestLevel(state, user, above),
  };
}

/**
 * The projects, or groups, that a user can reach, newest first. Without a least
 * role also what is not his, but open to him (`app/finders/projects_finder.rb`).
 */
export function reachable(
  state: GitLabState,
  user: User,
  type: ResourceType,
  least: AccessLevel | undefined,
): Resource[] {
  const isReached = (resource: Resource): boolean => {
    if (least === undefined) {
      return isVisible(state, user, resource);
    }
    // An administrator is no member.
    return highestLevel(state, user, [resource, ...groupsOf(state, resource)]) >= least;
  };
  return state
    .resources(type)
    .filter((resource) => !resource.deleted && isReached(resource))
    .toSorted((one, other) => other.id - one.id);
}

/** Whether the user may see the tokens of a project (Maintainer) or group (Owner). */
export function mayReadTokens(state: GitLabState, user: User, resource: Resource): boolean {
  return levelIn(state, user, resource) >= leastLevel(resource.type);
}

/**
 * Whether the user may rotate another's token: no bot may, nor anybody where
 * the group forbids such tokens (`app/policies/project_policy.rb`).
 */
export function mayManageTokens(state: GitLabState, user: User, resource: Resource): boolean {
  return (
    user.kind !== 'project_bot' &&
    mayReadTokens(state, user, resource) &&
    groupsOf(state, resource).every(({ accessTokensAllowed }) => accessTokensAllowed)
  );
}

function leastLevel(type: ResourceType): AccessLevel {
  return type === 'project' ? MAINTAINER : OWNER;
}
