import type { Reply } from './given.ts';

type Expected = Reply['answer'];

/** An answer of type JSON with exactly this body. */
export function json(status: number, body: unknown): Expected {
  return { status, type: 'application/json', body };
}

/** A refusal whose reason is said in a sentence. */
export function badRequest(reason: string): Expected {
  return json(400, { message: `400 Bad request - ${reason}` });
}

/** The refusal of a caller whose scopes are others than these. */
function scopeRefusal(scope: string): Expected {
  return json(403, {
    error: 'insufficient_scope',
    error_description: 'The request requires higher privileges than provided by the access token.',
    scope,
  });
}

/** The date is beyond the maximum, which is named and would be accepted. */
export function dateLimit(date: string): Expected {
  return badRequest(`Expiration date must be before ${date}`);
}

const EXPIRED_TEXT = 'Token is expired. You can either do re-authorization or token refresh.';
const REVOKED_TEXT = 'Token was revoked. You have to re-authorize from the user.';
const IMPERSONATION_TEXT = 'Token is an impersonation token but impersonation was disabled.';

/** Nobody that GitLab knows, or somebody without the right. */
export const UNAUTHORIZED = json(401, { message: '401 Unauthorized' });
/** A token past its date, revoked or not. */
export const EXPIRED = json(401, { error: 'invalid_token', error_description: EXPIRED_TEXT });
/** A revoked token; on a rotate path this answer revokes its active successors, too. */
export const REVOKED = json(401, { error: 'invalid_token', error_description: REVOKED_TEXT });
/** Impersonation is switched off. */
export const IMPERSONATION = json(401, {
  error: 'invalid_token',
  error_description: IMPERSONATION_TEXT,
});
/** The scopes that rotating itself takes. */
export const SCOPE = scopeRefusal('api self_rotate api read_api');
/** The scopes of every other endpoint. */
export const SCOPE_BY_ID = scopeRefusal('api read_api');
/** The user behind the token is blocked. */
export const BLOCKED = json(403, {
  message: '403 Forbidden - Your account has been blocked.',
});
/** The user came from too many addresses. */
export const TOO_MANY_IPS = json(403, { message: '403 Forbidden' });
/** A Geo secondary, to a request of type JSON. */
export const READ_ONLY = json(403, {
  message: 'You cannot perform write operations on a read-only instance',
});
/** No such endpoint. */
export const ROUTE_404 = json(404, { error: '404 Not Found' });
/** No such project, or none that the caller may know of. */
export const PROJECT_404 = json(404, { message: '404 Project Not Found' });
/** The same for both kinds. */
export const RESOURCE_404 = {
  project: PROJECT_404,
  group: json(404, { message: '404 Group Not Found' }),
} as const;
/** Another kind of credential, or of user, than the endpoint is for. */
export const NOT_ALLOWED = json(405, { message: '405 Method Not Allowed' });
/** POST to a former path. */
export const MOVED = json(405, { message: 'Non GET methods are not allowed for moved projects' });
/** What Ruby does not take for a date: key `error`. */
export const BAD_DATE = json(400, { error: 'expires_at is invalid' });
/** A revoked token, named by an active credential. */
export const ALREADY_REVOKED = badRequest('Token already revoked');
/** An exception in GitLab. */
export const CRASH = json(500, { message: '500 Internal Server Error' });

/** The header that stands on a refusal of a known token, and on no other. */
export function challenge(answer: Expected): string {
  const { error_description: text } = answer.body as { error_description: string };
  return `Bearer realm="Protected by OAuth 2.0", error="invalid_token", error_description="${text}"`;
}
