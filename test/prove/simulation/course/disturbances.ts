import { findFault } from '../../../../infra/local/demo/demo-faults.ts';
import type { LocalClock } from '../../../../infra/local/server/clock.ts';
import type { StandIn } from '../../../../infra/local/server/stand-in.ts';
import { HOUR_MS, MINUTE_MS } from '../timeline/timeline.ts';
import type { World } from '../world/world.ts';
import { type Chance, chanceOf } from './random.ts';

/** Something that goes wrong in one rotation. */
export interface Disturbance {
  /** In a word or two, for the picture. */
  readonly name: string;
  /** Called before the rotation begins. @returns what goes on after it, until all is mended */
  readonly arrange: (world: World) => unknown;
}

/** What is planned for one rotation of the schedule. */
export interface Plan {
  readonly disturbance?: Disturbance;
  /** When in its window the rotation begins: so long after it could. */
  readonly delayMs: number;
  /** How long it takes until a person has read an alert and repairs. */
  readonly repairAfterMs: number;
}

const OUTAGE_MS = 90 * MINUTE_MS;

/** What may go wrong; all but the outages also with `npm start -- --fault`. */
export const DISTURBANCES: readonly Disturbance[] = [
  { name: 'store refuses', arrange: fault('store-denied-late') },
  { name: 'function killed', arrange: fault('function-killed') },
  { name: 'answer lost', arrange: fault('answer-lost') },
  { name: 'label not moved', arrange: fault('not-promoted') },
  { name: 'GitLab fails', arrange: fault('outcome-unknown') },
  { name: 'GitLab down', arrange: ({ clock, gitlab }) => outage(clock, gitlab) },
  {
    name: 'Secrets Manager down',
    arrange: ({ clock, cloud }) => outage(clock, cloud.secretsManager),
  },
];

/**
 * What goes wrong when, without end: about every second rotation is disturbed, and nothing comes a
 * second time before everything else has come. The same for both strategies.
 */
export function* planOf(seed: number): Generator<Plan, never> {
  const chance = chanceOf(seed);
  let deck: Disturbance[] = [];
  for (;;) {
    deck = deck.length === 0 ? chance.shuffle(DISTURBANCES) : deck;
    const times = timesOf(chance);
    const disturbance = chance.next() < 0.5 ? deck.pop() : undefined;
    yield { ...times, ...(disturbance && { disturbance }) };
  }
}

function timesOf(chance: Chance): Pick<Plan, 'delayMs' | 'repairAfterMs'> {
  return {
    delayMs: chance.between(0, 1800) * 1000,
    repairAfterMs: chance.between(4, 10) * (HOUR_MS / 2),
  };
}

function fault(name: string): Disturbance['arrange'] {
  return (world) => findFault(name).arrange(world);
}

/** A server that takes no connections. */
async function outage(clock: LocalClock, server: StandIn): Promise<void> {
  server.pause();
  await clock.sleep(OUTAGE_MS);
  await server.resume();
}
