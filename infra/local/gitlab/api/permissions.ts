import { findResource } from '../state/access.ts';
import type { ResourcePath, Token, User } from '../state/model.ts';
import {
  insufficientGranularScope,
  insufficientScope,
  NOT_FOUND,
  Refused,
} from '../state/refusals.ts';
import type { GitLabState } from '../state/state.ts';
import type { Caller } from './authentication.ts';
import type { Route } from './routes.ts';

// What each endpoint takes beside the API's own scopes; null: any scope.
const ENDPOINT_SCOPES: Readonly<Record<Route['operation'], readonly string[] | null>> = {
  probe: null,
  revoke: null,
  reach: null,
  rotate: ['api', 'self_rotate'],
  rotateById: [],
  listTokens: [],
  getToken: [],
  version: ['read_user'],
};

/** What a granular token is granted, and where: `access` of a grant is `user`, `instance` or more. */
interface Permission {
  /** As in `read_personal_access_token`. */
  readonly name: string;
  readonly boundary: 'user' | 'project' | 'group' | 'instance';
  /** The project or group, where that is the boundary. */
  readonly within?: ResourcePath;
}

/**
 * Refuses a caller whose credential is not made for this endpoint.
 *
 * @throws {Refused} 403; 404 for a granular token on a project or group that its user cannot see
 */
export function refuseScope(
  state: GitLabState,
  caller: Caller,
  method: string,
  route: Route,
): void {
  const { user, token } = caller;
  if (token.granularScopes) {
    refusePermission(state, user, token.granularScopes, permissionFor(route));
    return;
  }
  const own = ENDPOINT_SCOPES[route.operation];
  if (own === null) {
    return;
  }
  const accepted = [...own, 'api', ...(method === 'GET' ? ['read_api'] : [])];
  if (!token.scopes.some((scope) => accepted.includes(scope))) {
    throw new Refused(insufficientScope([...own, 'api', 'read_api']));
  }
}

/** `route_setting :authorization` of each endpoint in `lib/api`. */
function permissionFor(route: Route): Permission {
  switch (route.operation) {
    case 'probe':
    case 'reach':
      return { name: 'read_personal_access_token', boundary: 'user' };
    case 'revoke':
      return { name: 'revoke_personal_access_token', boundary: 'user' };
    case 'rotate':
      return { name: 'rotate_personal_access_token', boundary: 'user' };
    case 'rotateById':
      return route.resource
        ? within('rotate_resource_access_token', route.resource)
        : { name: 'rotate_personal_access_token', boundary: 'user' };
    case 'listTokens':
    case 'getToken':
      return within('read_resource_access_token', route.resource);
    case 'version':
      return { name: 'read_metadata', boundary: 'instance' };
  }
}

function within(name: string, path: ResourcePath): Permission {
  return { name, boundary: path.type, within: path };
}

/** `app/services/authz/tokens/authorize_granular_scopes_service.rb` */
function refusePermission(
  state: GitLabState,
  user: User,
  grants: NonNullable<Token['granularScopes']>,
  permission: Permission,
): void {
  const { name, boundary } = permission;
  const isGranted = grants.some(
    ({ access, permissions }) => boundaryOf(access, boundary) && permissions.includes(name),
  );
  if (isGranted) {
    return;
  }
  // Who may not know of a project does not learn what is missing there either.
  const isHidden = permission.within && !findResource(state, user, permission.within);
  throw new Refused(isHidden ? NOT_FOUND : insufficientGranularScope(boundary, name));
}

/** Whether a grant is for this boundary: all but two kinds are for projects and groups. */
function boundaryOf(access: string, boundary: Permission['boundary']): boolean {
  return access === 'user' || access === 'instance'
    ? access === boundary
    : boundary === 'project' || boundary === 'group';
}
