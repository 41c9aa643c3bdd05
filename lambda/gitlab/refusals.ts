import type { DeathReason, Refusal, Refused, TokenOwner } from '../ports/access-tokens.ts';
import { asText, type JsonObject } from './parse-json.ts';

/** The value of `error` where GitLab does not know the route. An unknown project has a `message`. */
const UNKNOWN_ROUTE = '404 Not Found';
const UNKNOWN_OWNER = /^404 (?:Project|Group) Not Found$/;
const LEGACY_DISABLED = /^400 Bad request - Rotation of legacy personal access tokens is disabled/;
/**
 * The permissions that a fine-grained token lacks, as in `permissions: [Personal Access Token: Read]`.
 * It matches short capitalised words only, of which none can be a token.
 */
const PERMISSIONS =
  /permissions: \[((?:[A-Z][A-Za-z]{0,14}(?: [A-Z][A-Za-z]{0,14}){0,4}: [A-Z][A-Za-z]{0,14}(?:, |(?=\]))){1,5})\]/;

/** Whether a refusal comes from GitLab, and not from a proxy or firewall before it. */
export function isRefusal(body: JsonObject | undefined): body is JsonObject {
  return typeof body?.['error'] === 'string' || typeof body?.['message'] === 'string';
}

/**
 * Why GitLab refused with 400, 401, 403, 404 or 405. It depends on the status, on the key (`error`
 * or `message`) and on the text before the first dash, which GitLab does not translate.
 *
 * @param owner - the owner in the path of the request
 */
export function readRefusal(
  status: number,
  body: JsonObject | undefined,
  owner: TokenOwner = { kind: 'token' },
): Refusal {
  if (!isRefusal(body)) {
    return 'intercepted';
  }
  const { error } = body;
  const message = asText(body['message']);
  switch (status) {
    case 400:
      return badRequest(error, message);
    case 401:
      return deathReason(body) === 'unknown' ? 'not-a-member' : 'other';
    case 403:
      return forbidden(error, message);
    case 404:
      return notFound(error, message, owner);
    case 405:
      return notAllowed(message);
    default:
      return 'other';
  }
}

/** A refusal, with the permission that GitLab names. */
export function asRefused(refusal: Refusal, body: JsonObject | undefined): Refused {
  const permission =
    refusal === 'permission-missing'
      ? PERMISSIONS.exec(asText(body?.['error_description']))?.[1]
      : undefined;
  return { kind: 'refused', refusal, ...(permission !== undefined && { permission }) };
}

function badRequest(error: unknown, message: string): Refusal {
  if (typeof error === 'string') {
    return 'request-invalid';
  }
  return LEGACY_DISABLED.test(message) ? 'legacy-token' : 'other';
}

function forbidden(error: unknown, message: string): Refusal {
  if (error === 'insufficient_scope') {
    return 'scope-missing';
  }
  if (error === 'insufficient_granular_scope') {
    return 'permission-missing';
  }
  if (message === '403 Forbidden') {
    return 'ip-not-allowed';
  }
  if (message.startsWith('403 Forbidden - ')) {
    return 'user-blocked';
  }
  return message.includes('read-only') ? 'read-only' : 'forbidden';
}

function notFound(error: unknown, message: string, owner: TokenOwner): Refusal {
  if (error === UNKNOWN_ROUTE) {
    return unknownRoute(owner);
  }
  if (UNKNOWN_OWNER.test(message)) {
    return isNamedByPath(owner) ? 'path-not-found' : 'project-not-found';
  }
  return message.startsWith('404 ') ? 'other' : 'intercepted';
}

function notAllowed(message: string): Refusal {
  if (message === '405 Method Not Allowed') {
    return 'not-a-bot-token';
  }
  return message.includes('moved projects') ? 'project-moved' : 'other';
}

/** By a path with a slash, which the request encodes as %2F. */
function isNamedByPath(owner: TokenOwner): boolean {
  return owner.kind !== 'token' && owner.id.includes('/');
}

/** The cause where a GitLab of 17.9 or later says that it does not know the route. */
export function unknownRoute(owner: TokenOwner): Refusal {
  return isNamedByPath(owner) ? 'path-decoded' : 'intercepted';
}

/** Whether GitLab says that it does not know the route. */
export function isUnknownRoute(body: JsonObject | undefined): boolean {
  return body?.['error'] === UNKNOWN_ROUTE;
}

/** Why the token is not active, where the body of a 401 says that; undefined where it says something else. */
export function deathReason(body: JsonObject | undefined): DeathReason | undefined {
  const { error, error_description: description, message } = body ?? {};
  if (error === 'invalid_token') {
    const text = asText(description).toLowerCase();
    if (text.includes('expired')) {
      return 'expired';
    }
    return text.includes('revoked') ? 'revoked' : 'unusable';
  }
  return message === '401 Unauthorized' ? 'unknown' : undefined;
}
