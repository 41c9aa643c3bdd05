import type { Bundles } from '../../rig/stage/stage.ts';
import { followMornings } from './course/mornings.ts';
import { followSchedule } from './course/schedule.ts';
import { DAY_MS, type Strategy, type Timeline } from './timeline/timeline.ts';
import { CONSUMERS, Consumer } from './world/consumer.ts';
import { Recorder } from './world/recorder.ts';
import { startWorld } from './world/world.ts';

export interface SimulationProps {
  readonly days: number;
  /** A whole number: another seed, other faults at other times. */
  readonly seed: number;
  readonly bundles: Bundles;
}

/**
 * Lets consumers use one secret for some months, with the bundle that is deployed and the servers of
 * `npm start`, on a simulated clock.
 */
export async function simulate(
  strategy: Strategy,
  { days, seed, bundles }: SimulationProps,
): Promise<Timeline> {
  await using world = await startWorld(strategy, bundles);
  const end = days * DAY_MS;
  const recorder = new Recorder(world);
  const [course, watches, ...consumers] = await world.clock.during(
    Promise.all([
      followSchedule(world, recorder, { seed, end }),
      followMornings(world, end),
      ...CONSUMERS.map((habits) => new Consumer(habits, world).run(end)),
    ]),
  );
  recorder.look();
  return {
    strategy,
    days,
    seed,
    ...course,
    watches,
    tokens: recorder.tokens(end),
    labels: recorder.labels(end),
    alerts: recorder.alerts(end),
    consumers,
  };
}
