import type { Answer } from '../server/stand-in.ts';
import { levelIn, mayManageTokens } from './access.ts';
import { tokenEntity } from './entities.ts';
import type { Resource, Token } from './model.ts';
import { badRequest, METHOD_NOT_ALLOWED, NOT_FOUND, Refused, UNAUTHORIZED } from './refusals.ts';
import { type ApiRequest, existing, expiryOf, named, ok } from './request.ts';
import { type Rotation, rotate } from './rotation.ts';
import type { ResourcePath } from './routes.ts';
import { isSince } from './settings.ts';
import { TEXTS } from './texts.ts';

/**
 * POST `.../self/rotate`: a token rotates itself. With a project or group in
 * the path it is read again among the tokens of that one's bots, so that a
 * rotation that has meanwhile been committed is seen; without, it is not.
 */
export async function rotateSelf(request: ApiRequest, path?: ResourcePath): Promise<Answer> {
  const { state, holds, caller } = request;
  const expiresAt = expiryOf(request);
  const isBot = caller.user.kind === 'project_bot';
  if (!caller.token || (path && !isBot)) {
    throw new Refused(METHOD_NOT_ALLOWED);
  }
  if (isBot && !isSince(state.settings, '17.9')) {
    // Nobody has shown what bots got here before 17.9; this is the stricter guess.
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
  path: ResourcePath,
  tokenId: string,
): Promise<Answer> {
  const { state, holds, caller } = request;
  const expiresAt = expiryOf(request);
  await holds.pass('after-authentication');
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
  const answer = await issue(request, rotation, resource);
  state.user(token.userId).external = caller.user.external;
  return answer;
}

function refuseHigherLevel({ state, caller }: ApiRequest, resource: Resource, token: Token): void {
  const level = state.member(token.userId, resource)?.level ?? 0;
  if (level > levelIn(state, caller.user, resource)) {
    const { level: higher, permissions } = TEXTS[state.settings.language];
    throw new Refused(badRequest(isSince(state.settings, '19.0') ? permissions : higher));
  }
}

/** POST `/personal_access_tokens/:id/rotate`: for the owner, or an administrator. */
export async function rotatePersonalById(request: ApiRequest, tokenId: string): Promise<Answer> {
  const { state, holds, caller } = request;
  const expiresAt = expiryOf(request);
  await holds.pass('after-authentication');
  const token = named(tokenId, state.tokens);
  if (caller.user.admin && !token) {
    throw new Refused(NOT_FOUND);
  }
  if (!token || (token.userId !== caller.user.id && !caller.user.admin)) {
    throw new Refused(UNAUTHORIZED);
  }
  return issue(request, { token, readAsRevoked: token.revoked, expiresAt });
}

async function issue(
  { state, holds }: ApiRequest,
  rotation: Rotation,
  resource?: Resource,
): Promise<Answer> {
  const { token, value } = await rotate(state, holds, rotation);
  // Only these have the addresses, which no token has right after it was made.
  const shown = resource && { resource, ipsSince: '19.0' };
  return ok(tokenEntity(state, token, { value, ...shown }));
}
