import type { Answer } from '../../../infra/local/server/wire.ts';
import { json } from './scripted-gitlab.ts';

/** An active token, as GitLab describes it to itself. */
export const ACTIVE = {
  id: 4,
  name: 'publish',
  revoked: false,
  scopes: ['self_rotate'],
  user_id: 3,
  active: true,
  expires_at: '2027-02-20',
};
/** The same, issued by a rotation. */
export const ISSUED = { ...ACTIVE, id: 5, token: 'successor-1' };

/** What GitLab says to a token that is dead, and to one that it does not know. */
export const EXPIRED = json(401, {
  error: 'invalid_token',
  error_description: 'Token is expired. You can either do re-authorization or token refresh.',
});
export const REVOKED = json(401, {
  error: 'invalid_token',
  error_description: 'Token was revoked. You have to re-authorize from the user.',
});
export const IMPERSONATION = json(401, {
  error: 'invalid_token',
  error_description: 'Token is an impersonation token but impersonation was disabled.',
});
export const UNAUTHORIZED = json(401, { message: '401 Unauthorized' });
export const DPOP = json(401, { error: 'dpop_error', error_description: 'DPoP validation error' });
export const SCOPE = json(403, {
  error: 'insufficient_scope',
  scope: 'api self_rotate api read_api',
});
export const BLOCKED = json(403, { message: '403 Forbidden - Your account has been blocked.' });
export const TOO_MANY_IPS = json(403, { message: '403 Forbidden' });
export const READ_ONLY = json(403, {
  message: 'You cannot perform write operations on a read-only instance',
});
/** Maintenance mode, with a banner of somebody's own. */
export const MAINTENANCE = json(
  503,
  { message: 'Back at noon, call glpat-secret if you must' },
  { 'retry-after': '600' },
);
/** A fine-grained token without the permission. */
export const GRANULAR = json(403, {
  error: 'insufficient_granular_scope',
  error_description:
    'Access denied: This operation requires a fine-grained personal access token with the following user permissions: [Personal Access Token: Read].',
});
export const PROJECT_404 = json(404, { message: '404 Project Not Found' });
export const ROUTE_404 = json(404, { error: '404 Not Found' });
export const NOT_ALLOWED = json(405, { message: '405 Method Not Allowed' });
export const MOVED = json(405, { message: 'Non GET methods are not allowed for moved projects' });
export const LOCKED = json(409, { message: '409 Conflict: Resource lock' });
export const CRASH = json(500, { message: '500 Internal Server Error' });

/** The rate limiter's, which is no JSON. */
export function limited(headers: Readonly<Record<string, string>>): Answer {
  return {
    status: 429,
    headers: { 'content-type': 'text/plain', ...headers },
    body: 'Retry later\n',
  };
}

/** 400 with a reason, which GitLab translates. */
export function badRequest(reason: string): Answer {
  return json(400, { message: `400 Bad request - ${reason}` });
}
