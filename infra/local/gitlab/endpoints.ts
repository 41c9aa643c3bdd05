import type { Answer } from '../server/stand-in.ts';
import { mayReadTokens, rolesIn } from './access.ts';
import { associations } from './associations.ts';
import { tokenEntity } from './entities.ts';
import type { Resource, Token } from './model.ts';
import {
  BAD_REQUEST,
  badRequest,
  ENDPOINT_HEADERS,
  Refused,
  tokenNotFound,
  UNAUTHORIZED,
} from './refusals.ts';
import { type ApiRequest, existing, named, ok } from './request.ts';
import { projectEntity, userEntity } from './resource-entities.ts';
import { rotateById, rotatePersonalById, rotateSelf } from './rotate-endpoints.ts';
import type { ResourcePath, Route } from './routes.ts';
import { TEXTS } from './texts.ts';
import { paginate, selectTokens } from './token-lists.ts';

// Since when an answer has `last_used_ips`: the probe's, and those of list and single token.
const IPS_SINCE = { probe: '17.10', list: '18.0' } as const;

/**
 * Does what the endpoint does. The checks of each come in GitLab's order.
 *
 * @throws {Refused} 301, 400, 401, 404, 405
 */
export function serve(request: ApiRequest, route: Route): Answer | Promise<Answer> {
  switch (route.operation) {
    case 'probe':
      return probe(request);
    case 'revoke':
      return revoke(request);
    case 'reach':
      personalToken(request);
      return associations(request);
    case 'rotate':
      return rotateSelf(request, route.resource);
    case 'rotateById':
      return route.resource
        ? rotateById(request, route.resource, route.tokenId)
        : rotatePersonalById(request, route.tokenId);
    case 'listTokens':
      return listTokens(request, route.resource);
    case 'getToken':
      return getToken(request, route.resource, route.tokenId);
    case 'getProject':
      return getProject(request, route.resource);
    case 'getUser':
      return ok(userEntity(request, request.caller.user));
    case 'version':
      return version(request, route.metadata);
  }
}

function probe(request: ApiRequest): Answer {
  const token = personalToken(request);
  return ok(tokenEntity(request.state, token, { ipsSince: IPS_SINCE.probe }));
}

function revoke(request: ApiRequest): Answer {
  const token = personalToken(request);
  if (token.impersonation && !request.caller.user.admin) {
    throw new Refused(BAD_REQUEST);
  }
  token.revoked = true;
  token.revokedBy = 'request';
  return { status: 204, headers: ENDPOINT_HEADERS, body: '' };
}

function personalToken({ state, caller }: ApiRequest): Token {
  if (!caller.token) {
    throw new Refused(badRequest(TEXTS[state.settings.language].personalTokenOnly));
  }
  return caller.token;
}

function listTokens(request: ApiRequest, path: ResourcePath): Answer {
  const { state, parameters, apiUrl } = request;
  const resource = readable(request, path, '/access_tokens');
  const selected = selectTokens(state, state.tokensOf(resource), parameters);
  const url = `${apiUrl}/${resource.type}s/${resource.id}/access_tokens`;
  const { items, headers } = paginate(selected, parameters, url);
  const shown = { resource, ipsSince: IPS_SINCE.list };
  return ok(
    items.map((token) => tokenEntity(state, token, shown)),
    headers,
  );
}

function getToken(request: ApiRequest, path: ResourcePath, tokenId: string): Answer {
  const { state } = request;
  const resource = readable(request, path, `/access_tokens/${tokenId}`);
  const token = named(tokenId, state.tokensOf(resource));
  if (!token) {
    throw new Refused(tokenNotFound(resource.type));
  }
  return ok(tokenEntity(state, token, { resource, ipsSince: IPS_SINCE.list }));
}

function readable(request: ApiRequest, path: ResourcePath, redirectTo: string): Resource {
  const resource = existing(request, path, redirectTo);
  if (!mayReadTokens(request.state, request.caller.user, resource)) {
    throw new Refused(UNAUTHORIZED);
  }
  return resource;
}

/** What a client asks for before it asks for the project's tokens. */
function getProject(request: ApiRequest, path: ResourcePath): Answer {
  const project = existing(request, path, '');
  const { direct, inherited } = rolesIn(request.state, request.caller.user, project);
  const access = (level: number) => (level > 0 ? { access_level: level } : null);
  return ok({
    ...projectEntity(request, project),
    permissions: { project_access: access(direct), group_access: access(inherited) },
  });
}

function version({ state }: ApiRequest, metadata: boolean): Answer {
  const running = { version: `${state.settings.version}.0-ee`, revision: '0123456789a' };
  const kas = { enabled: false, externalUrl: null, externalK8sProxyUrl: null, version: null };
  return ok(metadata ? { ...running, kas, enterprise: true } : running);
}
