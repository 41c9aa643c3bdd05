import type { Answer } from '../../server/wire.ts';
import { type ApiRequest, existing, named, ok } from '../api/request.ts';
import type { Route } from '../api/routes.ts';
import { mayReadTokens } from '../state/access.ts';
import type { Resource, ResourcePath } from '../state/model.ts';
import { ENDPOINT_HEADERS, Refused, tokenNotFound, UNAUTHORIZED } from '../state/refusals.ts';
import { isSince } from '../state/settings.ts';
import { associations } from './associations.ts';
import { tokenEntity } from './entities.ts';
import { paginate } from './pages.ts';
import { rotateById, rotateSelf } from './rotate-endpoints.ts';

// Since when an answer has `last_used_ips`: the probe's, and those of list and single token.
const IPS_SINCE = { probe: '17.10', list: '18.0' } as const;

/**
 * Does what the endpoint does. The checks of each come in GitLab's order.
 *
 * @throws {Refused} 301, 400, 401, 404, 405
 */
export function dispatch(request: ApiRequest, route: Route): Answer | Promise<Answer> {
  switch (route.operation) {
    case 'probe':
      return probe(request);
    case 'revoke':
      return revoke(request);
    case 'reach':
      return associations(request);
    case 'rotate':
      return rotateSelf(request, route.resource);
    case 'rotateById':
      return rotateById(request, route);
    case 'listTokens':
      return listTokens(request, route.resource);
    case 'getToken':
      return getToken(request, route.resource, route.tokenId);
    case 'version':
      return version(request);
  }
}

function probe({ state, caller }: ApiRequest): Answer {
  return ok(tokenEntity(state, caller.token, { ipsSince: IPS_SINCE.probe }));
}

function revoke({ caller }: ApiRequest): Answer {
  Object.assign(caller.token, { revoked: true, revokedBy: 'request' });
  return { status: 204, headers: ENDPOINT_HEADERS, body: '' };
}

/** By id, in pages. Before 17.2 no state can be asked for. */
function listTokens(request: ApiRequest, path: ResourcePath): Answer {
  const { state, parameters, apiUrl } = request;
  const resource = readable(request, path, '/access_tokens');
  const wanted = isSince(state.settings, '17.2') ? parameters['state'] : undefined;
  const selected = state
    .tokensOf(resource)
    .filter((token) => wanted !== 'active' || state.isActive(token));
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

function version({ state }: ApiRequest): Answer {
  return ok({ version: `${state.settings.version}.0-ee`, revision: '0123456789a' });
}
