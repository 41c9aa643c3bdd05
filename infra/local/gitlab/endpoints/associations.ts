import type { Answer } from '../../server/wire.ts';
import { type ApiRequest, ok, type Parameters } from '../api/request.ts';
import { reachable, rolesIn } from '../state/access.ts';
import type { AccessLevel, Resource } from '../state/model.ts';
import { invalidParameter, Refused } from '../state/refusals.ts';
import { paginate } from './pages.ts';

const ROLES: readonly AccessLevel[] = [10, 15, 20, 25, 30, 40, 50];

/**
 * What a token can reach: `GET /personal_access_tokens/self/associations`. Both
 * lists are cut by the same page, and the headers are those of the projects, which
 * GitLab pages last (`lib/api/personal_access_tokens/self_information.rb`).
 *
 * @throws {Refused} 400 for a role that does not exist
 */
export function associations(request: ApiRequest): Answer {
  const { state, caller, parameters, apiUrl } = request;
  const least = askedLevel(parameters);
  const url = `${apiUrl}/personal_access_tokens/self/associations`;
  const groups = paginate(reachable(state, caller.user, 'group', least), parameters, url);
  const projects = paginate(reachable(state, caller.user, 'project', least), parameters, url);
  return ok(
    {
      groups: groups.items.map((group) => groupEntity(request, group)),
      projects: projects.items.map((project) => projectWithLevels(request, project)),
    },
    projects.headers,
  );
}

function askedLevel({ min_access_level: given }: Parameters): AccessLevel | undefined {
  if (given === undefined) {
    return undefined;
  }
  const level = ROLES.find((role) => String(role) === given);
  if (level === undefined) {
    throw new Refused(invalidParameter('min_access_level does not have a valid value'));
  }
  return level;
}

function groupEntity(request: ApiRequest, group: Resource): object {
  const { state, caller } = request;
  const { direct, inherited } = rolesIn(state, caller.user, group);
  return {
    id: group.id,
    web_url: webUrl(request, `groups/${group.path}`),
    name: nameOf(group.path),
    parent_id: parentOf(request, group)?.id ?? null,
    organization_id: 1,
    access_levels: Math.max(direct, inherited) || null,
    visibility: group.visibility,
  };
}

function projectWithLevels(request: ApiRequest, project: Resource): object {
  const { direct, inherited } = rolesIn(request.state, request.caller.user, project);
  return {
    ...projectEntity(request, project),
    access_levels: {
      project_access_level: direct || null,
      group_access_level: inherited || null,
    },
  };
}

/** What GitLab shows of a project, as far as the stand-in knows it. */
function projectEntity(request: ApiRequest, project: Resource): object {
  const { id, path, visibility, createdAt } = project;
  return {
    id,
    description: null,
    name: nameOf(path),
    name_with_namespace: path.replaceAll('/', ' / '),
    path: nameOf(path),
    path_with_namespace: path,
    created_at: createdAt.toISOString(),
    visibility,
    web_url: webUrl(request, path),
    namespace: namespaceEntity(request, parentOf(request, project)),
  };
}

/** Null where the stand-in was given no such group. */
function namespaceEntity(request: ApiRequest, group: Resource | undefined): object | null {
  return group === undefined
    ? null
    : {
        id: group.id,
        name: nameOf(group.path),
        path: nameOf(group.path),
        kind: 'group',
        full_path: group.path,
        parent_id: parentOf(request, group)?.id ?? null,
        avatar_url: null,
        web_url: webUrl(request, `groups/${group.path}`),
      };
}

/** The last part of a full path; the stand-in has no other name. */
function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The group that a project or group is in. */
function parentOf({ state }: ApiRequest, { path }: Resource): Resource | undefined {
  const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')));
  return state.groups.find((group) => group.path === parent);
}

/** Where people see it. */
function webUrl({ apiUrl }: ApiRequest, path: string): string {
  return `${apiUrl.replace(/\/api\/v4$/, '')}/${path}`;
}
