import type { RotationOutcome } from '../../../../infra/local/secrets-manager/rotation/run.ts';
import { callsOf } from '../world/looks.ts';
import type { Name } from '../world/names.ts';
import type { World } from '../world/world.ts';
import type { Cost, Trouble } from './troubles.ts';

/** Nothing disturbed it: it went through at once, with one rotate request. */
export function requireClean(
  world: World,
  name: Name,
  { kind, attempts }: RotationOutcome,
  sinceCall: number,
): void {
  const requests = callsOf(world, name).filter(
    ([place, { operation }]) => operation === 'rotate' && place >= sinceCall,
  );
  if (kind !== 'succeeded' || attempts !== 1 || requests.length !== 1) {
    const what = `${kind}, attempts: ${attempts}, rotate requests: ${requests.length}`;
    throw new Error(`${name}: an undisturbed rotation did not go through: ${what}`);
  }
}

/**
 * Trouble that passes costs no rotation: of the three attempts one is left, and it goes through.
 * What costs an attempt of one secret can cost another its successor, if they rotate together.
 */
export function mustSucceed(names: readonly Name[], troubles: readonly Trouble[]): boolean {
  const count = (cost: Cost) => troubles.filter(({ costs }) => costs === cost).length;
  const attempts = count('attempt') + Math.floor(count('time') / 2);
  const isAlone = names.length === 1 || count('attempt') === 0;
  return count('rotation') === 0 && attempts < 3 && isAlone;
}
