import type { Call } from '../server/stand-in.ts';
import type { Token, User } from './model.ts';
import type { Parameters } from './parameters.ts';
import { INVALID_TOKEN, Refused, TOO_MANY_IPS, UNAUTHORIZED, USER_REFUSED } from './refusals.ts';
import { revokeDescendants } from './rotation.ts';
import { isSince } from './settings.ts';
import type { Credential, GitLabState } from './state.ts';

/** Whoever made a request; `token` is absent where the credential is no personal access token. */
export interface Caller {
  readonly user: User;
  readonly scopes: readonly string[];
  readonly token?: Token;
}

// `lib/gitlab/auth/auth_finders.rb`: the path as it was sent, without the query.
// A trailing slash or a format escapes it.
const ROTATE_PATH = /access_tokens\/(?:\d+|self)\/rotate$/;
const LAST_USED_INTERVAL_MS = 10 * 60 * 1000;

/** The value that a request presents: parameter, `PRIVATE-TOKEN` or Bearer, first found. */
export function presentedValue(call: Call, parameters: Parameters): string | undefined {
  const parameter = parameters['private_token'];
  const bearer = /^bearer\s+(\S+)\s*$/i.exec(call.headers['authorization'] ?? '')?.[1];
  return (typeof parameter === 'string' && parameter) || call.headers['private-token'] || bearer;
}

/**
 * Finds out who asks. A revoked token on a rotate path revokes its living
 * descendants here, before anything else about the request is looked at; one
 * that is expired too does not.
 *
 * @throws {Refused} 401, 403
 */
export function authenticate(state: GitLabState, call: Call, parameters: Parameters): Caller {
  const value = presentedValue(call, parameters);
  const credential = value === undefined ? undefined : state.credential(value);
  const caller = credential && !state.settings.tokensDisabled && callerOf(state, credential);
  if (!caller) {
    throw new Refused(UNAUTHORIZED);
  }
  if (caller.token) {
    refuseDead(state, call, caller.token);
    touch(state, caller.token);
  }
  refuseLockedOut(state, caller.user);
  return caller;
}

/** Deploy and job tokens are not looked for where tokens rotate. */
function callerOf(state: GitLabState, credential: Credential): Caller | undefined {
  switch (credential.kind) {
    case 'token': {
      const { token } = credential;
      return { user: state.user(token.userId), scopes: token.scopes, token };
    }
    case 'oauth':
      return { user: state.user(credential.userId), scopes: credential.scopes };
    case 'deploy':
    case 'job':
      return undefined;
  }
}

function refuseDead(state: GitLabState, call: Call, token: Token): void {
  if (state.isExpired(token)) {
    throw new Refused(INVALID_TOKEN.expired);
  }
  if (token.revoked) {
    if (ROTATE_PATH.test(call.path) && isSince(state.settings, '16.3')) {
      revokeDescendants(state, token);
    }
    throw new Refused(INVALID_TOKEN.revoked);
  }
  if (token.impersonation && state.settings.impersonationDisabled) {
    throw new Refused(INVALID_TOKEN.impersonation);
  }
}

function touch(state: GitLabState, token: Token): void {
  const now = state.now();
  const last = token.lastUsedAt?.getTime() ?? -Infinity;
  if (now.getTime() - last >= LAST_USED_INTERVAL_MS) {
    token.lastUsedAt = now;
  }
}

function refuseLockedOut(state: GitLabState, user: User): void {
  if (user.state !== 'active') {
    throw new Refused(USER_REFUSED[user.state]);
  }
  if (state.settings.tooManyIps) {
    throw new Refused(TOO_MANY_IPS);
  }
}
