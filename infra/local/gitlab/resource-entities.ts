import type { Resource, User } from './model.ts';
import type { ApiRequest } from './request.ts';

/** What GitLab shows of a project wherever it shows one, as far as the stand-in knows it. */
export function projectEntity(request: ApiRequest, project: Resource): object {
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

/** The caller's own user, as far as the stand-in knows it. */
export function userEntity(request: ApiRequest, user: User): object {
  const username = usernameOf(user);
  return {
    id: user.id,
    username,
    name: user.name,
    state: user.state,
    locked: false,
    avatar_url: null,
    web_url: webUrl(request, username),
    bot: user.kind === 'project_bot',
    external: user.external,
  };
}

function usernameOf({ id, resource }: User): string {
  return resource ? `${resource.type}_${resource.id}_bot_${id}` : `user_${id}`;
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
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The group that a project or group is in. */
export function parentOf({ state }: ApiRequest, { path }: Resource): Resource | undefined {
  const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')));
  return state.groups.find((group) => group.path === parent);
}

/** Where people see it. */
export function webUrl({ apiUrl }: ApiRequest, path: string): string {
  return `${apiUrl.replace(/\/api\/v4$/, '')}/${path}`;
}
