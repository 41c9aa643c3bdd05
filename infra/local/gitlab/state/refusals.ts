import type { Answer } from '../../server/wire.ts';
import type { ResourceType } from './model.ts';
import type { Maintenance } from './settings.ts';

/** Thrown where a check of the server fails; the answer is what the caller gets. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(`refused with ${answer.status}`);
    this.answer = answer;
  }
}

/** An answer of GitLab's API. */
export function json(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return {
    status,
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  };
}

/** What every endpoint sets before it does anything (`lib/api/api.rb`). */
export const ENDPOINT_HEADERS = {
  'X-Frame-Options': 'SAMEORIGIN',
  'X-Content-Type-Options': 'nosniff',
} as const;

/**
 * An answer that an endpoint itself gives. What is refused before a request comes to one has no
 * such headers, nor have the errors that GitLab makes anew in a handler: those about a token's
 * state and rights, too many addresses, and its own failures.
 */
export function endpointJson(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return json(status, body, { ...ENDPOINT_HEADERS, ...headers });
}

/** Who asks is not known, or has no right and shall not learn more. */
export const UNAUTHORIZED = endpointJson(401, { message: '401 Unauthorized' });

/** No endpoint has this path and method. */
export const ROUTE_NOT_FOUND = endpointJson(404, { error: '404 Not Found' });

/** For administrators: this resource has no such token. For granular tokens: a hidden project. */
export const NOT_FOUND = endpointJson(404, { message: '404 Not Found' });

/** The kind of credential, or of user, is not the one that the endpoint is for. */
export const METHOD_NOT_ALLOWED = endpointJson(405, { message: '405 Method Not Allowed' });

/** POST to the former path of something that moved. */
export const MOVED = endpointJson(405, {
  message: 'Non GET methods are not allowed for moved projects',
});

/** GET of the former path of something that moved. */
export function movedTo(location: string): Answer {
  return {
    status: 301,
    headers: { 'Content-Type': 'text/plain', Location: location },
    body: `This resource has been moved permanently to ${location}.`,
  };
}

/** A Geo secondary, and before 18.2 maintenance mode too, to a request of type JSON. */
export const READ_ONLY = json(403, {
  message: 'You cannot perform write operations on a read-only instance',
});

/** Maintenance mode from 18.2 on, to a request of type JSON. */
export function inMaintenance({
  message = 'GitLab is undergoing maintenance',
  retryAfterSeconds,
}: Maintenance): Answer {
  return json(503, { message }, { 'Retry-After': String(retryAfterSeconds) });
}

/** The user came from too many addresses. The answer does not say so. */
export const TOO_MANY_IPS = json(403, { message: '403 Forbidden' });

/** The three reasons that make a known token useless; only these have WWW-Authenticate. */
export const INVALID_TOKEN = {
  expired: invalidToken('Token is expired. You can either do re-authorization or token refresh.'),
  revoked: invalidToken('Token was revoked. You have to re-authorize from the user.'),
  impersonation: invalidToken('Token is an impersonation token but impersonation was disabled.'),
} as const;

function invalidToken(description: string): Answer {
  const challenge = `Bearer realm="Protected by OAuth 2.0", error="invalid_token", error_description="${description}"`;
  return json(
    401,
    { error: 'invalid_token', error_description: description },
    { 'WWW-Authenticate': challenge },
  );
}

/** The user behind the token may not log in. */
export const USER_REFUSED = {
  blocked: endpointJson(403, { message: '403 Forbidden - Your account has been blocked.' }),
  deactivated: endpointJson(403, {
    message: '403 Forbidden - Your account has been deactivated by your administrator.',
  }),
} as const;

/** @param scopes the endpoint's, then the API's own, not deduplicated */
export function insufficientScope(scopes: readonly string[]): Answer {
  return json(403, {
    error: 'insufficient_scope',
    error_description: 'The request requires higher privileges than provided by the access token.',
    scope: scopes.join(' '),
  });
}

/**
 * A granular token without the permission, which is named as the web pages name it.
 *
 * @param permission as in `read_personal_access_token`
 */
export function insufficientGranularScope(boundary: string, permission: string): Answer {
  const [action = '', ...resource] = permission.split('_').map(capitalized);
  const missing = `${resource.join(' ')}: ${action}`;
  return json(403, {
    error: 'insufficient_granular_scope',
    error_description: `Access denied: This operation requires a fine-grained personal access token with the following ${boundary} permissions: [${missing}].`,
  });
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** The project or group does not exist, or the caller may not know of it. */
export function resourceNotFound(type: ResourceType): Answer {
  return endpointJson(404, {
    message: `404 ${type === 'project' ? 'Project' : 'Group'} Not Found`,
  });
}

/** The project or group has no such token. */
export function tokenNotFound(type: ResourceType): Answer {
  return endpointJson(404, { message: `404 ${type} Access Token Not Found` });
}

/** A parameter that does not parse: key `error`, where later refusals have `message`. */
export function invalidParameter(text: string): Answer {
  return endpointJson(400, { error: text });
}

/** A rule refused the request. GitLab translates the reason, so a client must not read it. */
export function badRequest(reason: string): Answer {
  return endpointJson(400, { message: `400 Bad request - ${reason}` });
}

/** The body is not what its Content-Type says. */
export const BAD_JSON = json(400, {
  error:
    "\nProblem:\n  message body does not match declared format\nResolution:\n  when specifying application/json as content-type, you must pass valid application/json in the request's 'body' ",
});

/** A body that is not JSON. GitLab takes forms too; nothing here sends one. */
export function unsupportedType(type: string): Answer {
  return json(415, { error: `The provided content-type '${type}' is not supported.` });
}
