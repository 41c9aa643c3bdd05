import {
  currentTokenOf,
  holderOf,
  lives,
  tokensOf,
  unfinishedOf,
  versionsOf,
} from '../world/looks.ts';
import { type Model, mustLive } from '../world/model.ts';
import { NAMES, type Name } from '../world/names.ts';
import { learnTokenIds, type World } from '../world/world.ts';
import { silentLosses } from './losses.ts';
import { wrongRequests } from './requests.ts';
import { disclosures, wrongAlerts } from './telling.ts';

/**
 * Everything that must be true after each command, whatever happened.
 *
 * @throws {Error} that says all that is not
 */
export async function checkInvariants(model: Model, world: World): Promise<void> {
  await learnTokenIds(world);
  const wrong = [
    ...NAMES.flatMap((name) => wrongSecret(model, world, name)),
    ...silentLosses(model, world),
    ...wrongRequests(world),
    ...wrongAlerts(world),
    ...disclosures(world),
  ];
  if (wrong.length > 0) {
    throw new Error(wrong.join('\n'));
  }
}

/**
 * What may never be true of a secret: **exactly one version is `AWSCURRENT`**, with a value whose
 * `tokenId` is the id of its token; at most one is `AWSPENDING`. Consumers have an active token, and
 * no rotation is left unfinished, unless something happened by which the model allows it.
 */
function wrongSecret(model: Model, world: World, name: Name): string[] {
  const versions = versionsOf(world, name);
  const count = (label: string) => versions.filter(({ labels }) => labels.includes(label)).length;
  const current = holderOf(world, name, 'AWSCURRENT');
  const stated = currentTokenOf(world, name);
  const { standby } = current ?? {};
  const statedStandby = tokensOf(world, name).find(({ id }) => id === standby?.tokenId);
  return [
    ...(count('AWSCURRENT') === 1 ? [] : [`${name}: ${count('AWSCURRENT')} versions are current`]),
    ...(count('AWSPENDING') <= 1 ? [] : [`${name}: ${count('AWSPENDING')} versions are pending`]),
    ...(current?.token === undefined ? [`${name}: the current version is empty`] : []),
    ...(stated?.active === lives(world, current) ? [] : [`${name}: tokenId names another token`]),
    ...(standby === undefined || statedStandby?.active === lives(world, standby)
      ? []
      : [`${name}: the tokenId of the standby names another token`]),
    ...(mustLive(model, world, name) && !lives(world, current)
      ? [`${name}: consumers hold a dead token`]
      : []),
    ...(!model[name].mayBeStuck && unfinishedOf(world, name)
      ? [`${name}: a rotation is left unfinished`]
      : []),
  ];
}
