import type { Call } from '../../server/wire.ts';
import type { Token, User } from '../state/model.ts';
import {
  INVALID_TOKEN,
  Refused,
  TOO_MANY_IPS,
  UNAUTHORIZED,
  USER_REFUSED,
} from '../state/refusals.ts';
import { revokeDescendants } from '../state/rotation.ts';
import { isSince } from '../state/settings.ts';
import type { GitLabState } from '../state/state.ts';

/** The token of a request, and its user. */
export interface Caller {
  readonly user: User;
  readonly token: Token;
}

// `lib/gitlab/auth/auth_finders.rb`: the path as it was sent, without the query.
const ROTATE_PATH = /access_tokens\/(?:\d+|self)\/rotate$/;
const LAST_USED_INTERVAL_MS = 10 * 60 * 1000;

/** The value that a request presents, as a Bearer. */
export function presentedValue({ headers }: Call): string | undefined {
  return /^bearer\s+(\S+)\s*$/i.exec(headers['authorization'] ?? '')?.[1];
}

/**
 * Finds out who asks. A revoked token on a rotate path revokes its active
 * descendants here, before anything else about the request is looked at; one
 * that is expired too does not.
 *
 * @throws {Refused} 401, 403
 */
export function authenticate(state: GitLabState, call: Call): Caller {
  const value = presentedValue(call);
  const token = value === undefined ? undefined : state.tokenWith(value);
  if (!token || state.settings.tokensDisabled) {
    throw new Refused(UNAUTHORIZED);
  }
  refuseDead(state, call, token);
  touch(state, token);
  const user = state.user(token.userId);
  refuseLockedOut(state, user);
  return { user, token };
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
