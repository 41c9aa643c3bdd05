import {
  type Demo,
  type DemoProps,
  startDemo as startDemoOf,
} from '../../../../infra/local/demo/demo.ts';
import type { DemoFault } from '../../../../infra/local/demo/demo-faults.ts';
import type { DemoReport } from '../../../../infra/local/demo/report.ts';
import { rotateInDemo, type Watcher } from '../../../../infra/local/demo/rotation.ts';
import { SimulatedClock } from '../../../rig/clock/simulated-clock.ts';
import { sharedBundle } from '../../../rig/vitest/shared-bundle.ts';

/** A demonstration in which no time-out of the function takes any time. */
export interface SimulatedDemo extends Demo {
  readonly clock: SimulatedClock;
}

/** As `npm start` starts it, but on a simulated clock. */
export async function startDemo(
  props: Omit<DemoProps, 'bundle' | 'clock'> = {},
): Promise<SimulatedDemo> {
  const clock = new SimulatedClock();
  return { ...(await startDemoOf({ ...props, bundle: sharedBundle(), clock })), clock };
}

/** Plays the rotation to the end of its retries. */
export function play(
  demo: SimulatedDemo,
  fault?: DemoFault,
  watcher?: Watcher,
): Promise<DemoReport> {
  return demo.clock.during(rotateInDemo(demo, fault, watcher));
}
