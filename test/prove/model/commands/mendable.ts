import type { RotationOutcome } from '../../../../infra/local/secrets-manager/rotation/run.ts';
import {
  holderOf,
  lives,
  rotatedIn,
  targetOf,
  tokensOf,
  unfinishedOf,
  versionsOf,
} from '../world/looks.ts';
import type { Name } from '../world/names.ts';
import type { World } from '../world/world.ts';

/**
 * **A lost successor is healed** by the next rotation, if nothing disturbs that: the token to rotate
 * is dead, and its one active successor is in a version of the secret, or GitLab lists it to the
 * recovery credential. Nobody can heal where
 *
 * - a person revoked the successor too, or its day has come;
 * - nothing says whose tokens to look for (plain text);
 * - the version is older than the one that brought the dead token: somebody may have replaced it on
 *   purpose. In plain text nothing says whose token it is, so it must be younger than the current one;
 * - the version to make has a value already: that is then tested, and not looked for.
 */
export function isMendable(world: World, name: Name): boolean {
  const pending = unfinishedOf(world, name);
  const target = targetOf(world, name);
  const tokens = tokensOf(world, name);
  const bot = tokens.find(({ id }) => id === target?.tokenId)?.userId;
  const active = tokens.filter(({ active, userId }) => active && userId === bot);
  const [successor] = active;
  if (pending?.token !== undefined || lives(world, target) || successor === undefined) {
    return false;
  }
  const versions = versionsOf(world, name);
  const current = versions.findIndex(({ labels }) => labels.includes('AWSCURRENT'));
  const brought = versions.findIndex((version) => rotatedIn(version).token === target?.token);
  const statesIds = world.scenes[name].shape === 'JSON';
  const isHeld = versions.some(
    ({ tokenId }, place) => tokenId === successor.id && place > (statesIds ? brought : current),
  );
  const isListed = world.stage.setup.recovery && statesIds;
  return active.length === 1 && (isHeld || isListed);
}

/** @throws {Error} unless the rotation brought consumers an active token */
export function requireMended(
  world: World,
  name: Name,
  outcome: RotationOutcome | undefined,
): void {
  if (outcome?.kind !== 'succeeded' || !lives(world, holderOf(world, name, 'AWSCURRENT'))) {
    throw new Error(`${name}: a lost successor was not healed: ${outcome?.kind ?? 'not begun'}`);
  }
}
