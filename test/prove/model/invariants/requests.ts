import type { TokenRecord } from '../../../../infra/local/gitlab/gitlab.ts';
import type { CallRecord } from '../../../../infra/local/server/stand-in.ts';
import { callsOf, heldIds, tokensOf } from '../world/looks.ts';
import { NAMES, type Name } from '../world/names.ts';
import type { World } from '../world/world.ts';

/**
 * What may never be true of requests to GitLab.
 *
 * - **No token has two successors**: GitLab carried out one rotate request for it at most.
 * - **Never two rotate requests with one token**, which means: within one invocation of
 *   createSecret every rotate request follows a probe that was answered 200. Between the two lies
 *   nothing but a rotate request that was refused for its date (400), which GitLab rolled back; and
 *   before that probe lies nothing but rotate requests that were refused unread (429). A request
 *   whose outcome nobody knows (no status, 5xx) may so be followed by another in a later
 *   invocation only, which has seen the token active for itself.
 * - **A dead token is never presented by us**: a token that any rotation has killed is on no rotate
 *   request. One that a person revoked, or whose day came, between probe and request may be: by the
 *   rule above the death came after the last probe that found it active, and it has no successor to
 *   lose (GitLab answers 401 `invalid_token`).
 * - **No successor is killed by us**: reuse detection revoked nothing, and what revoked itself was
 *   an orphan, in no version of the secret. That a network repeats a request is not among the
 *   troubles: no client could help it.
 *
 * @returns what is wrong, in words
 */
export function wrongRequests(world: World): readonly string[] {
  return NAMES.flatMap((name) => [...wrongSuccessors(world, name), ...wrongRotations(world, name)]);
}

function wrongSuccessors(world: World, name: Name): string[] {
  const tokens = tokensOf(world, name);
  const ids = heldIds(world, name);
  return tokens.flatMap(({ id, revokedBy }) => [
    ...(tokens.filter(({ predecessorId }) => predecessorId === id).length > 1
      ? [`${name}: token ${id} was rotated twice`]
      : []),
    ...(revokedBy === 'reuse-detection' ? [`${name}: reuse detection killed token ${id}`] : []),
    ...(revokedBy === 'request' && ids.includes(id)
      ? [`${name}: token ${id}, which the secret holds, was revoked by itself`]
      : []),
  ]);
}

function wrongRotations(world: World, name: Name): string[] {
  const calls = callsOf(world, name);
  const tokens = tokensOf(world, name);
  return calls
    .filter(([, { operation }]) => operation === 'rotate')
    .flatMap(([place, { note, at }]) => {
      const tokenId = note?.['tokenId'];
      const start = world.starts.findLast((each) => each.name === name && each.calls <= place);
      const before = calls
        .filter(([other]) => other >= (start?.calls ?? 0) && other < place)
        .map(([, call]) => call)
        .filter((call) => call.note?.['tokenId'] === tokenId);
      const reason = unprovenReason(before);
      const token = tokens.find(({ id }) => id === tokenId);
      return [
        ...(reason === undefined ? [] : [`${name}: token ${tokenId} was presented ${reason}`]),
        ...(note?.['dead'] === true && !diedByItself(token, at)
          ? [`${name}: token ${tokenId} was presented when a rotation had killed it`]
          : []),
      ];
    });
}

function diedByItself(token: TokenRecord | undefined, at: Date): boolean {
  const { revokedBy, expiresAt = null } = token ?? {};
  return revokedBy === 'person' || (expiresAt !== null && at.getTime() >= Date.parse(expiresAt));
}

/** @param before - the calls with the same token in the same invocation, oldest first */
function unprovenReason(before: readonly CallRecord[]): string | undefined {
  const earlier = before.filter(({ operation }) => operation === 'rotate');
  if (earlier.some(({ status }) => status !== 400 && status !== 429)) {
    return 'again, after a request that GitLab may have carried out';
  }
  const evidence = before.findLast((call) => call.operation !== 'rotate' || call.status !== 400);
  const isProven = evidence?.operation === 'probe' && evidence.status === 200;
  return isProven ? undefined : 'without a probe that found it active';
}
