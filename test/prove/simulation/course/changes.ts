import { CancelRotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../timeline/timeline.ts';
import { heldUnder, idOf, type World } from '../world/world.ts';
import { chanceOf } from './random.ts';

/** Something that a person changes between two rotations, and tells nobody. */
export interface Change {
  /** In a word or two, for the picture. */
  readonly name: string;
  readonly make: (world: World) => unknown;
}

/** What is planned before one rotation of the schedule. */
export interface PlannedChange {
  readonly change: Change;
  /** On which day after the rotation before. */
  readonly days: number;
  /** At what time of that day, in UTC. */
  readonly timeMs: number;
  /** How long it takes in the morning until a person has read a message and repairs. */
  readonly repairAfterMs: number;
}

export const CHANGES: readonly Change[] = [
  { name: 'schedule off', make: switchOff },
  { name: 'token revoked', make: revoke },
];

/** So many rotations come between two changes. */
const ROTATIONS = { fewest: 2, most: 3 } as const;
/** So that a seed draws other numbers for the changes than for the disturbances. */
const OWN_NUMBERS = 0x5eed;

/**
 * For each rotation of the schedule what is changed before it, without end. Nothing comes a second
 * time before everything else has come. The same for both strategies.
 */
export function* changesOf(seed: number): Generator<PlannedChange | undefined, never> {
  const chance = chanceOf(seed + OWN_NUMBERS);
  for (;;) {
    for (const change of chance.shuffle(CHANGES)) {
      const rotations = chance.between(ROTATIONS.fewest, ROTATIONS.most);
      yield* Array.from({ length: rotations }, () => undefined);
      yield {
        change,
        days: chance.between(3, 6),
        // At work.
        timeMs: chance.between(8 * 60, 17 * 60) * MINUTE_MS,
        repairAfterMs: chance.between(4, 8) * (HOUR_MS / 2),
      };
    }
  }
}

/** When a planned change is made, if the rotation before it was just now. Since the beginning. */
export function momentOf({ days, timeMs }: PlannedChange, { clock, elapsed }: World): number {
  const now = clock.now().getTime();
  const today = now - (now % DAY_MS);
  return today + days * DAY_MS + timeMs - now + elapsed();
}

/** As `aws secretsmanager cancel-rotate-secret` does. */
function switchOff({ cloud, secretId: SecretId }: World): Promise<unknown> {
  return cloud.operator.send(new CancelRotateSecretCommand({ SecretId }));
}

/** Somebody tidies up: the standby looks as if nobody needed it, for no program uses it. */
function revoke(world: World): void {
  const current = heldUnder(world, 'AWSCURRENT');
  const id = idOf(world, current?.standby ?? current);
  if (id === undefined) {
    throw new Error('nobody knows the id of the token');
  }
  world.gitlab.revoke(id);
}
