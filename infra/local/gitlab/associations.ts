import type { Answer } from '../server/stand-in.ts';
import { reachable, rolesIn } from './access.ts';
import type { AccessLevel, Resource } from './model.ts';
import type { Parameters } from './parameters.ts';
import { invalidParameter, Refused } from './refusals.ts';
import { type ApiRequest, ok } from './request.ts';
import { nameOf, parentOf, projectEntity, webUrl } from './resource-entities.ts';
import { paginate } from './token-lists.ts';

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
  const least = leastLevel(parameters);
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

function leastLevel({ min_access_level: given }: Parameters): AccessLevel | undefined {
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
