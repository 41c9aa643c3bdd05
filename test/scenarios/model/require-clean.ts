import type { RotationOutcome } from '../../../infra/local/secrets-manager/rotation-run.ts';
import { callsOf } from './looks.ts';
import type { Name, World } from './world.ts';

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
