import type { DeathReason, Refusal, Refused, TokenOwner } from '../ports/access-tokens.ts';
import { type JsonObject, textOf } from './responses.ts';

/** GitLab's words for a route that it does not know. An unknown project has the key `message`. */
const UNKNOWN_ROUTE = '404 Not Found';
const UNKNOWN_OWNER = /^404 (?:Project|Group) Not Found$/;
const LEGACY_DISABLED = /^400 Bad request - Rotation of legacy personal access tokens is disabled/;
/**
 * The permissions that a fine-grained token lacks: `[Personal Access Token: Read]`, after the words
 * that name them. Short capitalised words alone, of which none can be a token.
 */
const PERMISSIONS =
  /permissions: \[((?:[A-Z][A-Za-z]{0,14}(?: [A-Z][A-Za-z]{0,14}){0,4}: [A-Z][A-Za-z]{0,14}(?:, |(?=\]))){1,5})\]/;

/** Whether a body is in GitLab's form of a refusal, and not a page of something before it. */
export function isRefusal(body: JsonObject | undefined): body is JsonObject {
  return typeof body?.['error'] === 'string' || typeof body?.['message'] === 'string';
}

/**
 * Why GitLab refused, by status and by the words that it does not translate:
 * the key (`error` or `message`) and what stands before the first dash.
 *
 * @param owner - what the path of the request names
 */
export function refusalOf(
  status: number,
  body: JsonObject | undefined,
  owner: TokenOwner = { kind: 'token' },
): Refusal {
  if (!isRefusal(body)) {
    return 'intercepted';
  }
  const { error } = body;
  const message = textOf(body['message']);
  switch (status) {
    case 400:
      return badRequest(error, message);
    case 401:
      return deathOf(body) === 'unknown' ? 'not-a-member' : 'other';
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

/** The same, with the permission that GitLab names. */
export function refusedFor(refusal: Refusal, body: JsonObject | undefined): Refused {
  const permission =
    refusal === 'permission-missing'
      ? PERMISSIONS.exec(textOf(body?.['error_description']))?.[1]
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

/** A path with a slash, which is sent as %2F. */
function isNamedByPath(owner: TokenOwner): boolean {
  return owner.kind !== 'token' && owner.id.includes('/');
}

/** Why GitLab does not know a route that it has. */
export function unknownRoute(owner: TokenOwner): Refusal {
  return isNamedByPath(owner) ? 'path-decoded' : 'intercepted';
}

/** Whether GitLab says that it does not know the route. */
export function isUnknownRoute(body: JsonObject | undefined): boolean {
  return body?.['error'] === UNKNOWN_ROUTE;
}

/** Whether a 401 says that the token itself is unknown, dead, or nothing of the kind. */
export function deathOf(body: JsonObject | undefined): DeathReason | undefined {
  const { error, error_description: description, message } = body ?? {};
  if (error === 'invalid_token') {
    const text = textOf(description).toLowerCase();
    if (text.includes('expired')) {
      return 'expired';
    }
    return text.includes('revoked') ? 'revoked' : 'unusable';
  }
  return message === '401 Unauthorized' ? 'unknown' : undefined;
}
