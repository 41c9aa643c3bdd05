import type { Answer } from '../../server/wire.ts';
import { type ApiRequest, existing, expiryOf, named, ok } from '../api/request.ts';
import type { Route } from '../api/routes.ts';
import { levelIn, mayManageTokens } from '../state/access.ts';
import type { Resource, ResourcePath, Token } from '../state/model.ts';
import {
  badRequest,
  METHOD_NOT_ALLOWED,
  NOT_FOUND,
  Refused,
  UNAUTHORIZED,
} from '../state/refusals.ts';
import { issueSuccessor, type Rotation } from '../state/rotation.ts';
import { isSince } from '../state/settings.ts';
import { tokenEntity } from './entities.ts';

/**
 * POST `.../self/rotate`: a token rotates itself. With a project or group in
 * the path it is read again among the tokens of that one's bots, so that a
 * rotation that has meanwhile been committed is seen; without, it is not.
 */
export async function rotateSelf(request: ApiRequest, path?: ResourcePath): Promise<Answer> {
  const { state, holds, caller } = request;
  const expiresAt = expiryOf(request);
  const isBot = caller.user.kind === 'project_bot';
  if (path && !isBot) {
    throw new Refused(METHOD_NOT_ALLOWED);
  }
  if (isBot && !isSince(state.settings, '17.9')) {
    // Not observed before 17.9; this is the stricter guess.
    throw new Refused(UNAUTHORIZED);
  }
  await holds.pass('after-authentication');
  if (!path) {
    return issue(request, { token: caller.token, readAsRevoked: false, expiresAt });
  }
  const resource = existing(request, path);
  const token = named(String(caller.token.id), state.tokensOf(resource));
  if (!token) {
    throw new Refused(UNAUTHORIZED);
  }
  return issue(request, { token, readAsRevoked: token.revoked, expiresAt }, resource);
}

/** POST `.../:token_id/rotate`: a person rotates the token of a bot, which keeps its user. */
export async function rotateById(
  request: ApiRequest,
  { resource: path, tokenId }: Extract<Route, { readonly operation: 'rotateById' }>,
): Promise<Answer> {
  const { state, holds, caller } = request;
  const expiresAt = expiryOf(request);
  await holds.pass('after-authentication');
  if (!path) {
    // Before 16.10 the path of a personal token names the id `self`, which no token has.
    throw new Refused(caller.user.admin ? NOT_FOUND : UNAUTHORIZED);
  }
  const resource = existing(request, path);
  if (!mayManageTokens(state, caller.user, resource)) {
    throw new Refused(UNAUTHORIZED);
  }
  const token = named(tokenId, state.tokensOf(resource));
  if (!token) {
    throw new Refused(caller.user.admin ? NOT_FOUND : UNAUTHORIZED);
  }
  refuseHigherLevel(request, resource, token);
  const rotation = { token, readAsRevoked: token.revoked, expiresAt };
  return issue(request, rotation, resource);
}

function refuseHigherLevel({ state, caller }: ApiRequest, resource: Resource, token: Token): void {
  const level = state.member(token.userId, resource)?.level ?? 0;
  if (level > levelIn(state, caller.user, resource)) {
    const reason = isSince(state.settings, '19.0')
      ? 'Not eligible to rotate tokens with permissions not held by the user'
      : 'Not eligible to rotate token with access level higher than the user';
    throw new Refused(badRequest(reason));
  }
}

async function issue(
  { state, holds }: ApiRequest,
  rotation: Rotation,
  resource?: Resource,
): Promise<Answer> {
  const { token, value } = await issueSuccessor(state, holds, rotation);
  // Only these have the addresses, which no token has right after it was made.
  const shown = resource && { resource, ipsSince: '19.0' };
  return ok(tokenEntity(state, token, { value, ...shown }));
}
