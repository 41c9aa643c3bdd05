import { type Details, RotationError } from '../failure.ts';
import type { IssuedToken, LivingToken } from '../ports/ports.ts';

/**
 * The two users, when GitLab answered with another user's token; undefined when
 * it did not, or one of them is not known. A rotation keeps the user, so answers
 * must have been confused: ours is lost.
 */
export function foreignUser(rotated: LivingToken, successor: IssuedToken): Details | undefined {
  const { userId } = successor;
  const { userId: expectedUserId } = rotated;
  return userId === undefined || expectedUserId === undefined || userId === expectedUserId
    ? undefined
    : { userId, expectedUserId };
}

/**
 * A foreign token as it is stored: under the id of its predecessor, so that in a
 * JSON secret testSecret refuses it. Not thrown away, since nobody could read it
 * again if it was the right one after all.
 */
export function mistrusted(rotated: LivingToken, successor: IssuedToken): IssuedToken {
  return { ...successor, tokenId: rotated.tokenId };
}

/** PENDING_TOKEN_REJECTED, in createSecret already: a plain-text secret has no id to tell by. */
export function foreignSuccessor(users: Details): RotationError {
  return new RotationError('PENDING_TOKEN_REJECTED', "GitLab answered with another user's token", {
    details: users,
  });
}
