import type { Answer } from '../server/stand-in.ts';
import { findResource } from './access.ts';
import type { Caller } from './authentication.ts';
import type { Holds } from './holds.ts';
import type { Resource, Token } from './model.ts';
import { type Parameters, readExpiresAt } from './parameters.ts';
import { endpointJson, MOVED, movedTo, Refused, resourceNotFound } from './refusals.ts';
import type { ResourcePath } from './routes.ts';
import { isSince } from './settings.ts';
import type { GitLabState } from './state.ts';

/** A request that has passed all checks that do not depend on its endpoint. */
export interface ApiRequest {
  readonly state: GitLabState;
  readonly holds: Holds;
  readonly caller: Caller;
  readonly parameters: Parameters;
  /** Where the API is, as this caller reaches it: `http://127.0.0.1:8080/api/v4`. */
  readonly apiUrl: string;
}

/** The answer of an endpoint that did what it was asked. */
export function ok(body: object, headers: Readonly<Record<string, string>> = {}): Answer {
  return endpointJson(200, body, headers);
}

/**
 * The project or group that a path names.
 *
 * @param redirectTo what follows in the URL of a GET, which a former path redirects: `/access_tokens`
 * @throws {Refused} 404; for a former path 405, or 301
 */
export function existing(
  { state, caller, apiUrl }: ApiRequest,
  path: ResourcePath,
  redirectTo?: string,
): Resource {
  const found = findResource(state, caller.user, path);
  if (!found) {
    throw new Refused(resourceNotFound(path.type));
  }
  const { resource, moved } = found;
  if (moved) {
    const home = `${apiUrl}/${resource.type}s/${resource.id}`;
    throw new Refused(redirectTo === undefined ? MOVED : movedTo(`${home}${redirectTo}`));
  }
  return resource;
}

/**
 * The expiry that a rotation asks for, from 16.6 on.
 *
 * @throws {Refused} 400
 */
export function expiryOf({ state, parameters }: ApiRequest): string | undefined {
  return isSince(state.settings, '16.6') ? readExpiresAt(parameters, state.today) : undefined;
}

/** The token of that id, which is compared as it was written. */
export function named(tokenId: string, tokens: readonly Token[]): Token | undefined {
  return tokens.find(({ id }) => String(id) === tokenId);
}
