import type { SetupName } from '../../rig/stage/setups.ts';
import { type Bundles, setScene, startStage } from '../../rig/stage/stage.ts';
import { callsInDeadWindow, longestChain } from './chain.ts';
import { type Latencies, recordCalls, type TimedCall } from './timed-calls.ts';

/** An AWS in the same region, and a GitLab at work. */
export const LATENCIES: Latencies = { 'Secrets Manager': 20, GitLab: 80 };

/** The calls of a rotation that nothing disturbs. */
export interface Course {
  readonly calls: readonly TimedCall[];
  /** Of these, the longest row in which each waits for the one before. */
  readonly chain: readonly TimedCall[];
  /** The same, of the calls that are made while the token in `AWSCURRENT` is revoked. */
  readonly deadChain: readonly TimedCall[];
  /** How long a rotation takes at least, at these latencies. */
  readonly leastMs: number;
}

/**
 * Finds the course of a rotation, by rotating on a simulated clock: there nothing but the services
 * takes time, so who waits for whom does not depend on the machine. The second rotation of an instance
 * counts.
 */
export async function findCourse(setup: SetupName, bundles: Bundles): Promise<Course> {
  await using stage = await startStage(setup, bundles);
  const { gitlab, clock } = stage;
  const { secretsManager } = stage.cloud;
  const scene = await setScene(stage, 'course');
  await scene.rotate();
  const recording = recordCalls({ gitlab, secretsManager, clock }, scene.secretId, LATENCIES);
  const { kind } = await scene.rotate();
  const recorded = recording.stop();
  if (kind !== 'succeeded') {
    throw new Error(`${stage.setup.title}: the rotation that shows the calls ${kind}`);
  }
  const { calls } = recorded;
  const begin = Math.min(...calls.map((call) => call.begin));
  return {
    calls,
    chain: longestChain(calls),
    deadChain: longestChain(callsInDeadWindow(recorded)),
    leastMs: Math.max(...calls.map(({ end }) => end)) - begin,
  };
}
