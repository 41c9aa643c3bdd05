import { MACHINE_CLOCK } from '../../../infra/local/server/clock.ts';
import type { Bundles } from '../bundle/bundles.ts';
import type { Instance } from '../process/instance.ts';
import type { Workbench } from '../process/workbench.ts';
import { LATENCIES } from './course.ts';
import { ownMsOf } from './own-code.ts';
import { type Latencies, recordCalls } from './timed-calls.ts';

/** What is rotated, and by whom. */
export type Way = 'one token' | 'two tokens' | 'users';
export const WAYS = ['one token', 'two tokens', 'users'] as const satisfies readonly Way[];

/** A rotation by an instance that has rotated before. */
export interface WarmRotation {
  /** All four steps, where the services have their latencies. */
  readonly ms: number;
  /** Of these, with a revoked token in `AWSCURRENT`. */
  readonly deadMs: number;
  /** All four steps, where the services answer at once. */
  readonly ownMs: number;
  /** The processor, for the same: in the thread that the function runs in, and in all. */
  readonly ownThreadMs: number;
  readonly ownCpuMs: number;
  /** The most that was resident after a step. */
  readonly peakMemoryBytes: number;
}

/** The ways in which our function rotates. */
export const OUR_WAYS = ['one token', 'two tokens'] as const satisfies readonly Way[];

/** The milliseconds in which code of `lambda/` runs during a rotation, one figure for each sample. */
export type OwnTimes = Readonly<Record<(typeof OUR_WAYS)[number], readonly number[]>>;

export type WarmRotations = Readonly<Record<Way, readonly WarmRotation[]>>;

/** So many until V8 has compiled what a rotation runs: after that, it takes no less. */
const WARM_UP = 40;
const AT_ONCE: Latencies = { 'Secrets Manager': 0, GitLab: 0 };

/** Rotates in each way again and again, one after the other, always by the same instance. */
export async function measureWarmRotations(
  workbench: Workbench,
  bundles: Bundles,
  samples: number,
): Promise<{ readonly rotations: WarmRotations; readonly ownTimes: OwnTimes }> {
  const instances: Readonly<Record<Way, Instance>> = {
    'one token': workbench.instanceOf(bundles.ours.path),
    'two tokens': workbench.instanceOf(bundles.ours.path),
    users: workbench.instanceOf(bundles.users.path),
  };
  const rotations: Record<Way, WarmRotation[]> = { 'one token': [], 'two tokens': [], users: [] };
  for (const way of WAYS) {
    for (let count = 0; count < WARM_UP; count += 1) {
      await rotateOnce(workbench, way, instances[way], AT_ONCE);
    }
  }
  for (let sample = 0; sample < samples; sample += 1) {
    for (const way of sample % 2 === 0 ? WAYS : WAYS.toReversed()) {
      const waiting = await rotateOnce(workbench, way, instances[way], LATENCIES);
      const own = await rotateOnce(workbench, way, instances[way], AT_ONCE);
      const { ms, deadMs } = waiting;
      const { peakMemoryBytes } = own;
      rotations[way].push({
        ms,
        deadMs,
        ownMs: own.ms,
        ownThreadMs: own.threadMs,
        ownCpuMs: own.cpuMs,
        peakMemoryBytes,
      });
    }
  }
  const ownTimes: Record<keyof OwnTimes, number[]> = { 'one token': [], 'two tokens': [] };
  // At the end, since profiles slow down what they show.
  for (let sample = 0; sample < samples; sample += 1) {
    for (const way of OUR_WAYS) {
      const { profiles } = await rotateOnce(workbench, way, instances[way], AT_ONCE, true);
      ownTimes[way].push(ownMsOf(bundles.ours.path, profiles));
    }
  }
  return { rotations, ownTimes };
}

/** Of a new secret: one cannot have more than a hundred versions in a day. */
async function rotateOnce(
  workbench: Workbench,
  way: Way,
  instance: Instance,
  latencies: Latencies,
  isProfiled = false,
) {
  const { gitlab, secretsManager } = workbench;
  const secretId = await workbench.createSecret(way === 'two tokens');
  const servers = { gitlab, secretsManager, clock: MACHINE_CLOCK };
  const recording = recordCalls(servers, secretId, latencies);
  const invocations = await workbench.rotate(secretId, instance, isProfiled);
  const { deadWindow = { begin: 0, end: 0 } } = recording.stop();
  return {
    ms: sumOf(invocations, ({ wallMs }) => wallMs),
    threadMs: sumOf(invocations, ({ threadMs }) => threadMs),
    cpuMs: sumOf(invocations, ({ cpuMs }) => cpuMs),
    profiles: invocations.flatMap(({ profile }) => profile ?? []),
    deadMs: deadWindow.end - deadWindow.begin,
    // Node's own figure for the peak would begin with that of the process that started this one.
    peakMemoryBytes: Math.max(...invocations.map(({ memoryBytes }) => memoryBytes)),
  };
}

function sumOf<T>(values: readonly T[], figure: (value: T) => number): number {
  return values.reduce((total, value) => total + figure(value), 0);
}
