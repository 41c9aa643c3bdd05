import type { Answer, Call } from '../../server/wire.ts';
import { findResource } from '../state/access.ts';
import { isDate } from '../state/dates.ts';
import type { Holds } from '../state/holds.ts';
import type { Resource, ResourcePath, Token } from '../state/model.ts';
import {
  BAD_JSON,
  endpointJson,
  invalidParameter,
  MOVED,
  movedTo,
  Refused,
  resourceNotFound,
  unsupportedType,
} from '../state/refusals.ts';
import { isSince } from '../state/settings.ts';
import type { GitLabState } from '../state/state.ts';
import type { Caller } from './authentication.ts';

/** Query and body in one; where both name a parameter, the body counts. */
export type Parameters = Readonly<Record<string, unknown>>;

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
 * The expiry that a rotation asks for, `YYYY-MM-DD`, from 16.6 on. GitLab takes other forms of a
 * date too; nothing here sends one.
 *
 * @returns undefined where it is absent, null or empty
 * @throws {Refused} 400
 */
export function expiryOf({ state, parameters }: ApiRequest): string | undefined {
  const given = isSince(state.settings, '16.6') ? (parameters['expires_at'] ?? '') : '';
  if (given === '') {
    return undefined;
  }
  if (typeof given !== 'string' || !isDate(given)) {
    throw new Refused(invalidParameter('expires_at is invalid'));
  }
  return given;
}

/**
 * Reads the parameters of a request.
 *
 * @throws {Refused} 415 for a body that is not JSON, 400 for malformed JSON
 */
export function readParameters({ method, query, headers, body }: Call): Parameters {
  const parameters = Object.fromEntries(query);
  if (body === '' || method === 'GET') {
    return parameters;
  }
  const type = mediaType(headers['content-type']);
  if (type !== 'application/json') {
    throw new Refused(unsupportedType(type));
  }
  return { ...parameters, ...readJson(body) };
}

/** The type without its parameters; empty where there is none. */
export function mediaType(header: string | undefined): string {
  return (header ?? '').split(';', 1).join('').trim().toLowerCase();
}

function readJson(body: string): Parameters {
  try {
    const parsed: unknown = JSON.parse(body);
    const isObject = typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
    return isObject ? (parsed as Parameters) : {};
  } catch {
    throw new Refused(BAD_JSON);
  }
}

/** The token of that id, which is compared as it was written. */
export function named(tokenId: string, tokens: readonly Token[]): Token | undefined {
  return tokens.find(({ id }) => String(id) === tokenId);
}
