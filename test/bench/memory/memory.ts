import type { ColdStart } from '../bundle/cold-start.ts';
import type { Course } from '../rotation/course.ts';
import type { WarmRotation } from '../rotation/warm.ts';
import { spreadOf } from '../samples/spread.ts';

/** Settings of Lambda that are compared, in MB. */
const SIZES = [128, 256, 512, 1024, 1769] as const;

/**
 * "At 1,769 MB, a function has the equivalent of one vCPU", and CPU power is in proportion to memory
 * (Lambda Developer Guide, "Configure Lambda function memory").
 */
const MB_PER_CPU = 1769;
/** US East, arm64, 2026: for a GB for a second, and for a request. */
const DOLLARS = { gbSecond: 0.0000133334, request: 0.0000002 };
/** Of the memory. The rest is for larger answers, for garbage, and for the runtime of Lambda. */
const MOST_USED = 0.5;

/** What a function does, whatever memory it has. */
export interface Demand {
  /** The processor, from the start of a process to the answer of createSecret. */
  readonly coldCpuMs: number;
  /** createSecret waits so long for the services. */
  readonly coldWaitMs: number;
  /** The same of the four steps, in an instance that has rotated before. */
  readonly warmCpuMs: number;
  readonly warmWaitMs: number;
  /** The most that was resident, after many rotations. */
  readonly peakBytes: number;
}

/** What a setting would bring: computed, since Lambda is not here. */
export interface MemorySetting {
  readonly megabytes: number;
  /** Of the memory, at most. */
  readonly used: number;
  /** The first createSecret of an instance. */
  readonly coldMs: number;
  /** The four steps of an instance that has rotated before. */
  readonly warmMs: number;
  /** For a million rotations, each by a new instance. */
  readonly dollarsPerMillion: number;
}

export function demandOf(
  starts: readonly ColdStart[],
  rotations: readonly WarmRotation[],
  course: Course,
): Demand {
  const inCreateSecret = course.calls.filter(({ step }) => step === 'createSecret');
  const begin = Math.min(...inCreateSecret.map((call) => call.begin));
  const end = Math.max(...inCreateSecret.map((call) => call.end));
  return {
    coldCpuMs: spreadOf(starts.map(({ firstAnswerCpuMs }) => firstAnswerCpuMs)).median,
    coldWaitMs: end - begin,
    warmCpuMs: spreadOf(rotations.map(({ ownCpuMs }) => ownCpuMs)).median,
    warmWaitMs: course.leastMs,
    peakBytes: Math.max(...rotations.map(({ peakMemoryBytes }) => peakMemoryBytes)),
  };
}

/** All settings, for this demand. More memory than for one processor would not make it faster. */
export function settingsFor(demand: Demand): readonly MemorySetting[] {
  return SIZES.map((megabytes) => {
    const slower = MB_PER_CPU / megabytes;
    const coldMs = demand.coldWaitMs + demand.coldCpuMs * slower;
    const warmMs = demand.warmWaitMs + demand.warmCpuMs * slower;
    // createSecret of a new instance, and then the rest: as much as that of one that is warm.
    const laterMs = Math.max(0, demand.warmWaitMs - demand.coldWaitMs) + demand.warmCpuMs * slower;
    const gbSeconds = ((coldMs + laterMs) / 1000) * (megabytes / 1024);
    return {
      megabytes,
      used: demand.peakBytes / (megabytes * 1024 ** 2),
      coldMs,
      warmMs,
      dollarsPerMillion: (gbSeconds * DOLLARS.gbSecond + 4 * DOLLARS.request) * 1e6,
    };
  });
}

/**
 * The smallest of which the function uses no more than half. More makes a cold start shorter, which
 * comes before anything is changed, and little else.
 */
export function recommended(settings: readonly MemorySetting[]): MemorySetting | undefined {
  return settings.find(({ used }) => used <= MOST_USED);
}
